"""How much one key may call, and how often an address may come without a good one.

A place costs a write, so a key's calls are counted by the block: a container takes a block of
places at once and gives them out by itself, and never more go through than the limit says. Who
comes without a good key takes a place for each failure; a good call takes none, whatever others
behind its address do.
"""

from dataclasses import dataclass

from chalicelib import errors
from chalicelib.admin.auth import Caller, authenticate
from chalicelib.admin.call import Settings
from chalicelib.doors.limits import network, take
from chalicelib.intake.form_definition import Limit
from chalicelib.model import Request
from chalicelib.ports import Outside

# A limit is given out in so many blocks: what containers leave over of theirs is lost to the key.
_BLOCKS = 50
_MOST_KEYS = 1000
# What this container has in hand: by key, the window it is good for, and the places left. Below
# zero the window is known to be full.
_in_hand: dict[str, tuple[int, int]] = {}


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets callers into the API, or says why not."""

    outside: Outside
    settings: Settings

    def let_in(self, request: Request) -> Caller:
        """The caller of a request; `Unauthorised`, or `TooMany` with the seconds to wait."""
        try:
            caller = authenticate(request, self.outside)
        except errors.Unauthorised:
            self.count_failure(request.ip)
            raise
        self.count(caller)
        return caller

    def count(self, caller: Caller) -> None:
        """Take a place under a key's limit."""
        limit = self.settings.api_limit
        if not limit.count:
            return
        now = int(self.outside.now().timestamp())
        window, left = now // limit.seconds, 0
        if caller.id in _in_hand and _in_hand[caller.id][0] == window:
            left = _in_hand[caller.id][1]
        if not left:
            left = self._block(limit, caller, window)
        if len(_in_hand) >= _MOST_KEYS:
            _in_hand.clear()
        _in_hand[caller.id] = window, max(left - 1, -1)
        if left < 0:
            wait = limit.seconds - now % limit.seconds
            raise errors.TooMany("too many calls with this key", retry_after=wait)

    def _block(self, limit: Limit, caller: Caller, window: int) -> int:
        size = max(1, limit.count // _BLOCKS)
        blocks = Limit(limit.count // size, limit.seconds)
        return -1 if take(self.outside, blocks, "api", caller.id, str(window)) else size

    def count_failure(self, address: str) -> None:
        """Take a place under the limit of whoever fails to sign in; `TooMany` where none is left."""
        limit = self.settings.failed_limit
        if not limit.count or not address:
            return
        if wait := take(self.outside, limit, "api failed", network(address)):
            raise errors.TooMany("too many calls without a good key", retry_after=wait)
