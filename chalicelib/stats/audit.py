"""The self-audit: once a day the whole table is walked in slices and held against its submissions.

A slice looks at some pages and writes, under a version, what it found *and* where to go on; so a
slice may die or run twice. What is wrong at first sight may be somebody in the middle of writing:
it is looked at again minutes later, and is a finding only then. On the way it takes the figures of
the whole base (`stats.base`).
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.intake.identify import Keyring
from chalicelib.model import to_ms
from chalicelib.ports import Insert, Item, Key, Table, Update, Walk
from chalicelib.stats import base
from chalicelib.stats.counts import Counts, empty
from chalicelib.stats.days import pack, unpack
from chalicelib.store.items import dump
from chalicelib.store.kinds import kind_of
from chalicelib.store.leftovers import clear_tags, is_tag
from chalicelib.store.looking import Wrong, look, look_again
from chalicelib.store.marks import HOUR_MS, MINUTE_MS

EVERY_MS = 24 * HOUR_MS
PAGE = 200
# Nobody who is writing now is still at it then.
AGAIN_MS = 20 * MINUTE_MS
# While an import is under way its batches look like what is broken; but not for ever.
PATIENT_MS = 6 * HOUR_MS
# So many findings are told; all are counted. So many are looked at again, the rest counts at once.
LISTED, MOST_SUSPECTS = 100, 500
_STATE = Key("AUDIT", "STATE")


@dataclass(frozen=True, slots=True)
class Report:
    """What one audit came to: how many items it looked at, how many were wrong, the first of these."""

    began_ms: int = 0
    finished_ms: int = 0
    looked: int = 0
    wrong: int = 0
    listed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """The audit under way, and the last one that was finished with the figures of the base.

    `after` is where the walk goes on; `walked`: it is at its end, and only suspects are left, each
    with when it was seen.
    """

    version: int = 0
    now: Report | None = None
    after: tuple[str, str] | None = None
    walked: bool = False
    suspects: tuple[tuple[str, str, int], ...] = ()
    counts: Counts = field(default_factory=empty)
    last: Report | None = None
    base: Counts | None = None


def load(table: Table) -> State:
    """How far the audit is, and what the last one said."""
    item = table.get([_STATE]).get(_STATE)
    if item is None:
        return State()
    body: dict[str, Any] = json.loads(str(item["b"]))
    version = int(str(item["v"]))
    return State(
        version,
        _report(body["now"]),
        tuple(body["after"]) if body["after"] else None,
        body["walked"],
        tuple((kind, name, seen) for kind, name, seen in body["suspects"]),
        unpack(body["counts"]),
        _report(body["last"]),
        unpack(body["base"]) if body["base"] is not None else None,
    )


def _report(held: dict[str, Any] | None) -> Report | None:
    return Report(**{**held, "listed": tuple(held["listed"])}) if held else None


@dataclass
class Audit:
    """One slice of the audit, as long as `left` says there are seconds."""

    table: Table
    ring: Keyring
    walk: Walk
    now: Callable[[], datetime]
    left: Callable[[], float]

    def run(self) -> Report | None:
        """Go on with the audit, or begin one where it is time; the report of one that ended."""
        state = load(self.table)
        if state.now is None and not self._due(state):
            return None
        if state.now is None:
            begun = Report(began_ms=self._ms())
            state = replace(state, now=begun, after=None, walked=False, counts=empty())
        while not state.walked and self.left() > 0:
            state = self._saved(self._page(state))
        again = self._again(state)
        if again is not state:
            state = self._saved(again)
        if state.walked and not state.suspects:
            return self._finished(state)
        return None

    def _due(self, state: State) -> bool:
        return state.last is None or self._ms() - state.last.began_ms >= EVERY_MS

    def _page(self, state: State) -> State:
        """Look at the next page of the table."""
        page, after = self.walk(Key(*state.after) if state.after else None, PAGE)
        looked = look(self.table, self.ring, page, self._ms())
        self._tidied(page)
        base.note_leads(state.counts, looked.leads.values())
        base.note_suppressions(state.counts, page)
        known = {(kind, name) for kind, name, _ in state.suspects}
        new = {(one.kind, one.name): one for one in looked.wrong}
        room = max(0, MOST_SUSPECTS - len(known))
        fresh = [place for place in new if place not in known]
        seen = tuple((kind, name, self._ms()) for kind, name in fresh[:room])
        many = [new[place] for place in fresh[room:]]
        report = _told(state.now, many)
        report = replace(report, looked=report.looked + sum(bool(kind_of(k)[0]) for k, _ in page))
        return replace(
            state,
            now=report,
            after=(after.pk, after.sk) if after else None,
            walked=after is None,
            suspects=(*state.suspects, *seen),
            counts=base.kept(state.counts),
        )

    def _tidied(self, page: list[tuple[Key, Item]]) -> None:
        """Let go of what batches left over under tags; it is nothing wrong, and grows otherwise."""
        tags = [(key, item) for key, item in page if is_tag(key)]
        if tags and not importing(self.table):
            clear_tags(self.table, tags)

    def _again(self, state: State) -> State:
        """Look once more at what seemed wrong some minutes ago."""
        patience = PATIENT_MS if state.suspects and importing(self.table) else AGAIN_MS
        ripe = [one for one in state.suspects if one[2] <= self._ms() - patience]
        if not ripe or self.left() <= 0:
            return state
        places = [(kind, name) for kind, name, _ in ripe]
        still: dict[tuple[str, str], Wrong] = {}
        for one in look_again(self.table, self.ring, places, self._ms()).wrong:
            still.setdefault((one.kind, one.name), one)
        rest = tuple(one for one in state.suspects if one not in ripe)
        return replace(state, now=_told(state.now, list(still.values())), suspects=rest)

    def _finished(self, state: State) -> Report:
        assert state.now is not None, "only what has begun ends"
        report = replace(state.now, finished_ms=self._ms())
        self._saved(replace(state, now=None, last=report, base=state.counts, counts=empty()))
        return report

    def _saved(self, state: State) -> State:
        body = {
            "now": asdict(state.now) if state.now else None,
            "after": state.after,
            "walked": state.walked,
            "suspects": state.suspects,
            "counts": pack(state.counts),
            "last": asdict(state.last) if state.last else None,
            "base": pack(state.base) if state.base is not None else None,
        }
        item = {"b": dump(body)}
        write = Update(_STATE, item, state.version) if state.version else Insert(_STATE, item)
        if not self.table.write([write])[0]:
            raise Elsewhere
        return replace(state, version=state.version + 1)

    def _ms(self) -> int:
        return to_ms(self.now())


def importing(table: Table) -> bool:
    """Whether an import is under way."""
    return bool(table.query("ACTIVE", index="g4", limit=1).items)


class Elsewhere(Exception):
    """Another run goes on with the audit: this one leaves it alone."""


def _told(report: Report | None, wrong: list[Wrong]) -> Report:
    assert report is not None, "only what is under way finds anything"
    lines = [f"{one.kind} {one.name}: {one.what}" for one in wrong]
    listed = (*report.listed, *lines)[:LISTED]
    return replace(report, wrong=report.wrong + len(wrong), listed=listed)
