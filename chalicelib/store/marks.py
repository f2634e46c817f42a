"""Marks: that something of an hour long counted is about to change, so that it is counted anew.

What came in within the last minutes is counted anyway (`chalicelib.stats.count`). Whoever writes to
anything older marks its hour first, and again as long as it goes on. A mark is good for longer than
any writer lives: the count that begins after that time sees all that was written under it, be the
writer alive or dead. So there is nothing to undo where the write is refused, and no death between
the two loses anything. Marks lie in order of their time; whoever counts reads on from the last one.
"""

from collections.abc import Iterable

from chalicelib.ports import Insert, Key, Table
from chalicelib.store.items import dump

HOUR_MS = 3_600_000
MINUTE_MS = 60_000
# What came in so lately is counted again anyway, after any writer of it is done.
FRESH_MS = 10 * MINUTE_MS
# No function runs longer than a quarter of an hour; indexes and clocks may be a little behind.
GOOD_FOR_MS = 20 * MINUTE_MS
MARKS = "MARKS"
_KEPT_SECONDS = 60 * 86_400


def mark(table: Table, moments: Iterable[int], now_ms: int) -> set[int]:
    """Mark the hours of some times, those that are not fresh; 25 a request."""
    hours = {ms // HOUR_MS for ms in moments if ms < now_ms - FRESH_MS}
    # Whoever marks within one minute marks alike.
    until = (now_ms + GOOD_FOR_MS) // MINUTE_MS + 1
    held = {hour: dump([until, hour]) for hour in sorted(hours)}
    ttl = now_ms // 1000 + _KEPT_SECONDS
    # One that is there already says the same.
    table.write(
        [
            Insert(Key(MARKS, f"{until:010d}#{hour:07d}"), {"b": text, "ttl": ttl})
            for hour, text in held.items()
        ]
    )
    return hours


class Marks:
    """A process's own: an hour is marked once a minute at most, however much is written to it."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._placed: dict[int, int] = {}

    def before(self, moments: Iterable[int], now_ms: int) -> None:
        """Mark the hours of what is about to be written, unless it was done a moment ago."""
        due = [
            ms
            for ms in moments
            if ms < now_ms - FRESH_MS and self._placed.get(ms // HOUR_MS, 0) <= now_ms - MINUTE_MS
        ]
        for hour in mark(self.table, due, now_ms) if due else ():
            self._placed[hour] = now_ms
        if len(self._placed) > 10_000:
            self._placed.clear()
