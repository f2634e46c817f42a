"""The sweep that counts: hours that are due, in bounded steps, then the days that they belong to.

An hour is due while it lasts, soon after its end, and once more when everybody who began to write
to it must be done; and whenever somebody marks it (`chalicelib.store.marks`): soon, and again when
the mark has run out. A count reads the index of submissions by time and what it names; each step
writes what it came to and where it goes on, under the hour's version. Whoever dies loses a step,
who counts beside another is refused, and every count comes to the same
(docs/decisions/0029-stats.md).
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from chalicelib.imports import records
from chalicelib.model import to_ms
from chalicelib.ports import Item, Key, Table
from chalicelib.stats import counts, days
from chalicelib.stats.counts import Counts
from chalicelib.stats.days import Hour, State, Under
from chalicelib.stats.marked import Mark, marks
from chalicelib.store import items
from chalicelib.store.history import submissions_by_id
from chalicelib.store.listing import Listing, cut, sharded
from chalicelib.store.marks import HOUR_MS, MINUTE_MS
from chalicelib.store.read import moments
from chalicelib.store.submission_items import REFUSED_DAYS

STEP = 500
# Two looks after an hour's end: when its last posts are in, and when no writer of them can live on.
_SOON_MS, _FINAL_MS = 5 * MINUTE_MS, 30 * MINUTE_MS
# An index is behind its table by less.
_LAG_MS = 2 * MINUTE_MS
# Looking at what is still being written costs no more than so many reads a second, on average.
_READS_A_MS = 1
# Before this, what was refused may have passed away.
_WHOLE_MS = (REFUSED_DAYS - 1) * 86_400_000
_LISTED = ("SUB", "SUPPRESSED", "IMPORT")


class _Elsewhere(Exception):
    """Another run counts the same hour."""


class _Later(Exception):
    """The time is up; the next run goes on."""


@dataclass
class Sweep:
    """One run. `left` says how many seconds it has; `now` is asked at each step."""

    table: Table
    now: Callable[[], datetime]
    left: Callable[[], float]
    _seen: set[int] = field(default_factory=set)
    _through: int = 0
    # Whether another run was met: it may have begun too early, so nothing is dealt with.
    _met: bool = False

    def run(self) -> int:
        """Count what is due; how many hours were looked at. Safe to repeat, to die, to run twice."""
        began = self._ms()
        state = self._begun(days.load_state(self.table))
        try:
            self._ended(state, began)
            position = self._marked(state, began)
            for hour in range(self._through, began // HOUR_MS + 1):
                self._look(hour, lambda held: _lately(held, began))
        except _Later:
            self._note(replace(state, through=self._through))
        else:
            self._note(replace(state, through=self._through, marks=position, at_ms=began))
        return len(self._seen)

    def _note(self, state: State) -> None:
        """Sum the days of all hours that were due, and only then let them no more be so."""
        for day in sorted({hour // 24 for hour in self._seen}):
            days.sum_day(self.table, day)
        if not self._met:
            days.save_state(self.table, state)

    def _begun(self, state: State) -> State:
        """The state, at the first run of all from the earliest thing that there is."""
        if state.through:
            return state
        return replace(state, through=self._next(0, self._ms() // HOUR_MS))

    def _ended(self, state: State, began: int) -> None:
        """Count for good every hour that is over."""
        until = max(state.through, (began - _FINAL_MS) // HOUR_MS)
        self._through = self._next(state.through, until)
        while self._through < until:
            self._look(self._through, lambda held: held.began_ms < held.end_ms + _FINAL_MS)
            self._through = self._next(self._through + 1, until)

    def _marked(self, state: State, began: int) -> int:
        """Count what is marked; the minute from which marks must be looked at again."""
        position, ended = state.marks, True
        latest: dict[int, Mark] = {}
        for mark in marks(self.table, state.marks):
            latest[mark.hour] = mark
            ended = ended and mark.until_ms + _LAG_MS <= began
            position = mark.until + 1 if ended else position
        for mark in latest.values():
            self._look(mark.hour, partial(_changed, mark, began))
        return position

    def _look(self, hour: int, due: Callable[[Hour], bool]) -> None:
        """Count an hour where it is due; what somebody began is finished before it is begun anew."""
        self._seen.add(hour)
        held = days.load_hours(self.table, [hour])[hour]
        try:
            if held.under and due(held):
                held = self._count(held)
            if due(held):
                self._count(held)
        except _Elsewhere:
            self._met = True

    # --- one hour --------------------------------------------------------------------------

    def _count(self, held: Hour) -> Hour:
        under = held.under or Under(self._ms())
        while True:
            if self.left() < 0:
                raise _Later
            under, more = self._step(held, under)
            if more:
                held = self._saved(replace(held, under=under))
                continue
            self._listed(held, under.counts)
            made = counts.bounded(under.counts)
            if held.end_ms < self._ms() - _WHOLE_MS:
                made = counts.carried(held.counts, made)
            began, seen = under.began_ms, under.seen
            return self._saved(replace(held, began_ms=began, counts=made, seen=seen, under=None))

    def _step(self, held: Hour, under: Under) -> tuple[Under, bool]:
        entries, last = cut(self.table, _listing("SUB", held), STEP, under.position)
        receipts = [items.filed_id(entry.sort) for entry in entries]
        for touch in submissions_by_id(self.table, receipts).values():
            # An index may still tell of a time that a submission has no more.
            if held.start_ms <= touch.received_ms <= held.end_ms:
                counts.note(under.counts, touch)
        return replace(under, position=last, seen=under.seen + len(entries)), bool(last)

    def _saved(self, made: Hour) -> Hour:
        if not days.save_hour(self.table, made):
            raise _Elsewhere
        return replace(made, version=made.version + 1)

    def _listed(self, held: Hour, made: Counts) -> None:
        """The imports that began in an hour by status, and suppressions by the latest word."""
        made[counts.IMPORTS], made[counts.SUPPRESSED] = Counter(), Counter()
        for some in self._items("IMPORT", held):
            made[counts.IMPORTS].update(str(records.read(item).status) for item in some)
        for some in self._items("SUPPRESSED", held):
            for item in some:
                reasons = item.get("reasons")
                made[counts.SUPPRESSED].update(
                    map(str, reasons if isinstance(reasons, set) else ())
                )

    def _items(self, kind: str, held: Hour) -> Iterator[list[Item]]:
        position = ""
        while True:
            entries, position = cut(self.table, _listing(kind, held), STEP, position)
            keys: list[Key] = [entry.key for entry in entries]
            yield list(self.table.get(keys).values()) if keys else []
            if not position:
                return

    # --- which hours ------------------------------------------------------------------------

    def _next(self, hour: int, until: int) -> int:
        """The first hour from one on in which anything is listed; `until` where none is."""
        found = [until]
        for kind in _LISTED:
            low, high = moments(hour * HOUR_MS, until * HOUR_MS)
            entries, _ = cut(self.table, Listing(_partitions(kind), "g1", low, high), 1)
            found += [int(entry.sort.partition("#")[0]) // HOUR_MS for entry in entries]
        return min(found)

    def _ms(self) -> int:
        return to_ms(self.now())


def _lately(held: Hour, now_ms: int) -> bool:
    """Whether an hour of these last is due: while it lasts always, then once when it is over."""
    return now_ms <= held.end_ms or held.began_ms < held.end_ms + _SOON_MS <= now_ms


def _changed(mark: Mark, now_ms: int, held: Hour) -> bool:
    """Whether a marked hour is due: when the mark has run out, and before that once for the eye."""
    if mark.until_ms + _LAG_MS <= now_ms:
        return held.began_ms < mark.until_ms + _LAG_MS
    waited = now_ms - held.began_ms >= held.seen / _READS_A_MS
    return held.began_ms <= mark.placed_ms + MINUTE_MS and waited


def _listing(kind: str, held: Hour) -> Listing:
    low, high = moments(held.start_ms, held.end_ms)
    return Listing(_partitions(kind), "g1", low, high)


def _partitions(kind: str) -> tuple[str, ...]:
    return (kind,) if kind == "IMPORT" else sharded(kind)
