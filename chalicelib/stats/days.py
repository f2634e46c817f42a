"""How counts lie at rest: an item for each hour that is counted, and one a day, their sum.

COUNT#<day>  H#<hour>  what an hour came to, when the count of it began, and a count under way
STATS#<day>  D         the sum of the day's hours: what a page reads
STATS        STATE     how far the counting is
STATS        ENDPOINTS how the webhooks' endpoints fared when last looked at

Days and hours are whole numbers since the epoch, in UTC.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.ports import Attribute, Insert, Item, Key, Table, Update
from chalicelib.stats import counts
from chalicelib.stats.counts import Counts
from chalicelib.store.items import dump, integer
from chalicelib.store.marks import HOUR_MS

DAY_MS = 24 * HOUR_MS
ENDPOINTS = Key("STATS", "ENDPOINTS")
_STATE = Key("STATS", "STATE")
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Under:
    """A count under way: when it began, where it goes on, and what it came to until there."""

    began_ms: int
    position: str = ""
    counts: Counts = field(default_factory=counts.empty)
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour as last counted; `began_ms` 0: never yet. `seen`: so many submissions."""

    hour: int
    version: int = 0
    began_ms: int = 0
    counts: Counts = field(default_factory=counts.empty)
    seen: int = 0
    under: Under | None = None

    @property
    def start_ms(self) -> int:
        """Its first millisecond."""
        return self.hour * HOUR_MS

    @property
    def end_ms(self) -> int:
        """Its last millisecond."""
        return self.start_ms + HOUR_MS - 1


@dataclass(frozen=True, slots=True)
class Day:
    """One day: the sum of its hours, and since when it stands so."""

    day: int
    counted_ms: int = 0
    counts: Counts = field(default_factory=counts.empty)


@dataclass(frozen=True, slots=True)
class State:
    """How far the counting is.

    Hours before `through` were counted after all their writers were done, but for what marks say;
    marks that are good until before the minute `marks` are dealt with. `at_ms` is when the last
    run that counted all that was due began. `through` 0: nothing was ever counted.
    """

    version: int = 0
    through: int = 0
    marks: int = 0
    at_ms: int = 0


def load_hours(table: Table, hours: Sequence[int]) -> dict[int, Hour]:
    """Some hours as they were last counted."""
    keys = {hour: _hour_key(hour) for hour in dict.fromkeys(hours)}
    found = table.get(list(keys.values())) if keys else {}
    return {hour: _read_hour(hour, found.get(key)) for hour, key in keys.items()}


def save_hour(table: Table, made: Hour) -> bool:
    """Write an hour; False where somebody else has since it was read."""
    body: dict[str, Any] = {"c": pack(made.counts), "b": made.began_ms, "n": made.seen}
    if made.under:
        under = made.under
        body["u"] = [under.began_ms, under.position, pack(under.counts), under.seen]
    return _write(table, _hour_key(made.hour), {"b": dump(body)}, made.version)


def sum_day(table: Table, day: int) -> None:
    """Let a day be the sum of its hours; written over only where nobody has since it was read."""
    key = _day_key(day)
    for _ in range(_ATTEMPTS):
        there = table.get([key]).get(key)
        hours = [_read_hour(0, item) for item in table.query(f"COUNT#{day:06d}", begins="H#").items]
        whole = counts.total(hour.counts for hour in hours)
        body = {"c": pack(whole), "t": max((hour.began_ms for hour in hours), default=0)}
        made = dump(body)
        same = there is not None and there["b"] == made
        if same or _write(table, key, {"b": made}, integer(there["v"]) if there else 0):
            return


def load_days(table: Table, days: Sequence[int]) -> list[Day]:
    """Some days in order; one item each, a hundred a request."""
    keys = {day: _day_key(day) for day in days}
    found = table.get(list(keys.values())) if keys else {}
    return [_read_day(day, found.get(key)) for day, key in keys.items()]


def load_state(table: Table) -> State:
    """How far the counting is."""
    item = table.get([_STATE]).get(_STATE)
    if item is None:
        return State()
    body = json.loads(str(item["b"]))
    return State(integer(item["v"]), body["h"], body["m"], body["t"])


def save_state(table: Table, state: State) -> bool:
    """Note how far the counting is; False where another run has meanwhile."""
    body = {"h": state.through, "m": state.marks, "t": state.at_ms}
    return _write(table, _STATE, {"b": dump(body)}, state.version)


def _write(table: Table, key: Key, item: Mapping[str, Attribute], version: int) -> bool:
    return table.write([Update(key, item, version) if version else Insert(key, item)])[0]


def _hour_key(hour: int) -> Key:
    return Key(f"COUNT#{hour // 24:06d}", f"H#{hour:07d}")


def _day_key(day: int) -> Key:
    return Key(f"STATS#{day:06d}", "D")


def _read_hour(hour: int, item: Item | None) -> Hour:
    if item is None:
        return Hour(hour)
    body = json.loads(str(item["b"]))
    under = None
    if "u" in body:
        began, position, held, seen = body["u"]
        under = Under(began, position, unpack(held), seen)
    return Hour(hour, integer(item["v"]), body["b"], unpack(body["c"]), body["n"], under)


def _read_day(day: int, item: Item | None) -> Day:
    if item is None:
        return Day(day)
    body = json.loads(str(item["b"]))
    return Day(day, body["t"], unpack(body["c"]))


def pack(held: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Counts as JSON, without zeros."""
    # A source none of whose leads is complete has a zero, which is as good as nothing.
    return {
        section: some
        for section, numbers in held.items()
        if (some := {name: number for name, number in sorted(numbers.items()) if number})
    }


def unpack(held: Mapping[str, Mapping[str, int]]) -> Counts:
    """Counts from JSON."""
    return counts.empty() | {section: Counter(numbers) for section, numbers in held.items()}
