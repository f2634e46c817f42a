"""How many posts a form takes from one address and altogether, counted in the table.

The API's limits stand on the same two functions (`chalicelib.admin.limits`).

Each post takes a place by one conditional write, so no number of posts at once gets past a limit.
Addresses are kept as keyed hashes only, and no longer than their window. Where the table does not
answer, posts pass: they are spilled, and a lead lost costs its owner more than a bot let through.
"""

from ipaddress import IPv6Address, ip_address

from chalicelib import errors
from chalicelib.intake.form_definition import Limit, Limits
from chalicelib.intake.ids import make_id
from chalicelib.noun import noun
from chalicelib.ports import Key, Outside


@noun
class Turnstile:
    """One form's limits, held against the table."""

    form: str
    limits: Limits
    outside: Outside

    def let_in(self, address: str) -> None:
        """Take a post's places; `TooMany` says after how many seconds to come again."""
        if self.limits.address.count and address:
            self._take(self.limits.address, network(address))
        if self.limits.form.count:
            self._take(self.limits.form, "")

    def _take(self, limit: Limit, who: str) -> None:
        if wait := take(self.outside, limit, self.form, who):
            raise errors.TooMany("too many posts", retry_after=wait)


def take(outside: Outside, limit: Limit, *names: str) -> int:
    """Take a place under a limit: 0, or the seconds until its window ends. Kept as a keyed hash."""
    key = Key(f"LIMIT#{make_id(outside.secret, 'limit', *names)}", "N")
    now = int(outside.now().timestamp())
    try:
        return outside.table.take(key, most=limit.count, now=now, seconds=limit.seconds)
    except errors.Unavailable:
        return 0


def network(address: str) -> str:
    """An address as limits know it: of an IPv6 one its network, which one line has whole."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(int(found) >> 64) if isinstance(found, IPv6Address) else str(found)
