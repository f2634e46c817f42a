"""What is known about where mail arrives: read by full key, asked for through a queue.

A submission costs one batched read for the domains that are no big provider's, a chunk of a file
one for every hundred of them. What is not known is handed to the `lookups` queue after the leads
are stored; nothing waits for the answer.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib import errors
from chalicelib.intake.identify import EMAIL, Keyring
from chalicelib.intake.mail import UNASKED, Finding, Mail, Reach, domain_of, doubted, shape
from chalicelib.intake.rules import Rules
from chalicelib.model import Draft, to_ms
from chalicelib.ports import Item, Key, Outside, Table
from chalicelib.store.items import dump

log = logging.getLogger(__name__)
# A look-up function has a minute; each domain may take some seconds of it.
A_MESSAGE = 10
SORT = "D"
_KEEP_SECONDS = 90 * 86_400


def domain_key(domain: str) -> Key:
    """Where the finding about a mail domain lies."""
    return Key(f"DOMAIN#{domain}", SORT)


def address_key(keyed: str) -> Key:
    """Where a verifier's finding about one address lies, by that address's keyed hash."""
    return Key(f"ADDRESS#{keyed}", SORT)


def item(finding: Finding) -> Item:
    """A finding's attributes; the time to live takes it away when nobody has asked for a season."""
    return {"b": dump(shape(finding)), "ttl": finding.at_ms // 1000 + _KEEP_SECONDS}


def read(stored: Item | None) -> Finding | None:
    """The finding that an item holds."""
    if stored is None:
        return None
    body = json.loads(str(stored["b"]))
    return Finding(Reach(body["v"]), tuple(body["r"]), body["t"])


def find(table: Table, keys: Iterable[Key]) -> dict[Key, Finding]:
    """The findings there are, by key: one request for every hundred."""
    wanted = list(dict.fromkeys(keys))
    there = table.get(wanted) if wanted else {}
    found = {key: read(stored) for key, stored in there.items()}
    return {key: finding for key, finding in found.items() if finding}


def mail(outside: Outside, ring: Keyring) -> Mail:
    """What is known about mail on this stage; nothing, where look-ups are off."""
    return Findings(outside, ring) if outside.lookups else UNASKED


@dataclass
class Findings:
    """`intake.mail.Mail` on the table and the queue."""

    outside: Outside
    ring: Keyring
    _domains: dict[str, None] = field(default_factory=dict)
    _addresses: dict[str, None] = field(default_factory=dict)

    def judge(self, drafts: Sequence[Draft], rules: Rules) -> list[Draft]:
        """The drafts with what is known about their addresses; what is not known is noted."""
        domains = {id(draft): domain for draft in drafts if (domain := domain_of(draft))}
        if not domains or rules.checks.get("email") == "accept":
            return list(drafts)
        keys = {n: self._keys(draft) for n, draft in enumerate(drafts) if id(draft) in domains}
        try:
            known = find(self.outside.table, (key for some in keys.values() for key in some))
        except errors.Unavailable:
            return list(drafts)  # the store will say so, and then the lead is spilled, not lost
        now_ms = to_ms(self.outside.now())
        return [
            self._judged(draft, keys[n], known, rules, now_ms) if n in keys else draft
            for n, draft in enumerate(drafts)
        ]

    def ask(self) -> None:
        """Hand on what nobody knows yet. Without the queue the next submission asks."""
        queue, domains, addresses = self.outside.lookups, [*self._domains], [*self._addresses]
        if queue is None or not (domains or addresses):
            return
        try:
            queue.send(
                dump(
                    {"domains": domains[at : at + A_MESSAGE], "addresses": addresses[at : at + 10]}
                )
                for at in range(0, max(len(domains), len(addresses)), A_MESSAGE)
            )
        except errors.Unavailable:
            log.warning("the lookups queue does not answer")
        self._domains.clear()
        self._addresses.clear()

    def _keys(self, draft: Draft) -> list[Key]:
        address = str(draft.values["email"])
        keys = [domain_key(address.rpartition("@")[2])]
        if self.outside.verifies:
            keys.append(address_key(self.ring.key(EMAIL, address)))
        return keys

    def _judged(
        self,
        draft: Draft,
        keys: Sequence[Key],
        known: Mapping[Key, Finding],
        rules: Rules,
        now_ms: int,
    ) -> Draft:
        address = str(draft.values["email"])
        about_domain, about_address = known.get(keys[0]), known.get(keys[-1])
        if about_domain is None or not about_domain.fresh(now_ms):
            self._domains[address.rpartition("@")[2]] = None
        if about_domain and about_domain.bad(now_ms):
            return doubted(draft, "email_domain_missing", rules)
        if len(keys) > 1:
            if about_address is None or not about_address.fresh(now_ms):
                self._addresses[address] = None
            if about_address and about_address.bad(now_ms):
                return doubted(draft, "email_undeliverable", rules)
        return draft
