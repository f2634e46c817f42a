"""Opportunities written and found: each in one transaction with the counters of the forecast."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from chalicelib import errors
from chalicelib.model import to_ms
from chalicelib.ports import Clock, Insert, Table, Update, Write
from chalicelib.store import forecast
from chalicelib.store.items import INDEX_ATTRIBUTES, integer, present
from chalicelib.store.listing import Listing, cut
from chalicelib.store.opportunity import (
    Opportunity,
    Status,
    opportunity_item,
    opportunity_key,
    read_opportunity,
)

ATTEMPTS = 40
# What is left of a deleted one, so that its creation is not done again by a late repetition.
_KEPT_SECONDS = 30 * 86_400
CHANGED, GONE = "version_changed", "opportunity_gone"


class OpportunityPage(NamedTuple):
    """A page of opportunities, and the position to go on after; empty at the end."""

    opportunities: list[Opportunity]
    last: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which opportunities: of an account (all its ids), of a person's keys, in a stage, of a status; or all."""

    status: Status | None = None
    accounts: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    stage: str = ""

    def listing(self) -> Listing:
        """The index that answers; the newest first, in a stage the next to close."""
        if self.accounts:
            return Listing(tuple(f"OPPACCOUNT#{a}" for a in self.accounts), "g2", newest_first=True)
        if self.nodes:
            return Listing(tuple(f"OPPLEAD#{n}" for n in self.nodes), "g3", newest_first=True)
        if self.stage:
            return Listing((f"OPPSTAGE#{self.stage}",), "g4")
        statuses = [self.status] if self.status else list(Status)
        return Listing(tuple(f"OPP#{status}" for status in statuses), "g1", newest_first=True)

    def fits(self, made: Opportunity) -> bool:
        """Whether one that an index spoke of is (still) asked for."""
        return (
            (not self.status or made.status is self.status)
            and (not self.accounts or made.account in self.accounts)
            and (not self.nodes or made.node in self.nodes)
            and (not self.stage or made.stage == self.stage)
        )


@dataclass(frozen=True, slots=True)
class Opportunities:
    """The opportunities of one stage of Inlet."""

    table: Table
    now: Clock
    pause: Callable[[int], None] = lambda _attempt: None

    def get(self, opportunity: str) -> Opportunity | None:
        """One opportunity, or None."""
        return self.several([opportunity]).get(opportunity)

    def several(self, ids: Iterable[str]) -> dict[str, Opportunity]:
        """Some opportunities by id: one request for every hundred."""
        keys = {opportunity_key(each): each for each in ids}
        found = self.table.get(list(keys)) if keys else {}
        read = (read_opportunity(keys[key], item) for key, item in found.items())
        return {made.id: made for made in read if made}

    def list(self, wanted: Wanted, limit: int, position: str = "") -> OpportunityPage:
        """A page of opportunities; it may come back short, as a page of leads."""
        entries, last = cut(self.table, wanted.listing(), limit, position)
        ids = [entry.key.pk.partition("#")[2] for entry in entries]
        found = self.several(ids)
        made = [found[each] for each in ids if each in found and wanted.fits(found[each])]
        return OpportunityPage(made, last)

    def creation(self, made: Opportunity) -> Sequence[Write]:
        """What must be written so that a new one is there; nothing where it is already."""
        if self.table.get([opportunity_key(made.id)]):
            return ()
        item = present(opportunity_item(made))
        return [Insert(opportunity_key(made.id), item), *forecast.moved(self.table, None, made)]

    def create(self, made: Opportunity) -> tuple[Opportunity, bool]:
        """A new one, once however often it is asked for; and whether it was made just now."""
        for attempt in range(ATTEMPTS):
            writes = self.creation(made)
            if not writes:
                return self._there(made.id), False
            if self.table.transact(writes):
                return replace(made, version=1), True
            self.pause(attempt)
        raise errors.Contended("too many writers at the forecast")

    def change(
        self, opportunity: str, make: Callable[[Opportunity], Opportunity], expected: int | None
    ) -> Opportunity:
        """Change one as it is now; `Conflict` of status 412 where that is not what was expected."""
        for attempt in range(ATTEMPTS):
            here = self._there(opportunity, expected)
            made = replace(make(here), updated_ms=here.updated_ms)
            if made == here:
                return here
            made = replace(made, updated_ms=to_ms(self.now()))
            update = Update(opportunity_key(here.id), opportunity_item(made), here.version)
            if self.table.transact([update, *forecast.moved(self.table, here, made)]):
                return replace(made, version=here.version + 1)
            self.pause(attempt)
        raise errors.Contended("too many writers at this opportunity")

    def delete(self, opportunity: str, expected: int | None) -> None:
        """Take one away; it counts no more."""
        for attempt in range(ATTEMPTS):
            here = self._there(opportunity, expected)
            gone = {**dict.fromkeys(("b", *INDEX_ATTRIBUTES)), "ttl": self._forgotten()}
            update = Update(opportunity_key(here.id), gone, here.version)
            if self.table.transact([update, *forecast.moved(self.table, here, None)]):
                return
            self.pause(attempt)
        raise errors.Contended("too many writers at this opportunity")

    def forget(self, nodes: Iterable[str]) -> None:
        """Let opportunities no longer name somebody who was erased; what they are worth stays."""
        for node in nodes:
            while page := self.list(Wanted(nodes=(node,)), 100).opportunities:
                for each in page:
                    self.change(each.id, _nameless, None)

    def _there(self, opportunity: str, expected: int | None = None) -> Opportunity:
        key = opportunity_key(opportunity)
        item = self.table.get([key]).get(key)
        here = read_opportunity(opportunity, item)
        if here is None and item is not None:
            raise errors.Conflict("this opportunity was deleted", code=GONE, status=404)
        if here is None:
            raise errors.Missing("no such opportunity")
        if expected is not None and expected != integer(item["v"] if item else 0):
            raise errors.Conflict("the opportunity has changed", code=CHANGED, status=412)
        return here

    def _forgotten(self) -> int:
        return to_ms(self.now()) // 1000 + _KEPT_SECONDS


def _nameless(made: Opportunity) -> Opportunity:
    return replace(made, name="", node="", role="", reason="")
