"""The forecast's counters held against the opportunities themselves, and counted anew.

Nothing but all opportunities says what one counter must be, and they are found through an index,
which may be a moment behind its table. So a counter that moved a moment ago is left alone, and each
is written under the version that was read before the counting: whoever moves it meanwhile is met.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from chalicelib import errors
from chalicelib.ports import Attribute, Insert, Key, Table, Update
from chalicelib.store import forecast
from chalicelib.store.commit import ATTEMPTS
from chalicelib.store.forecast import Place, Sum
from chalicelib.store.items import UNREAD, integer
from chalicelib.store.listing import cut
from chalicelib.store.marks import MINUTE_MS
from chalicelib.store.opportunities import Wanted
from chalicelib.store.opportunity import Opportunity, opportunity_key, read_opportunity

# An index is behind its table by less.
LAG_MS = 2 * MINUTE_MS
_PAGE = 100
Counters = dict[Place, dict[str, Sum]]


def place_named(name: str) -> Place:
    """Where the counter of a name (`2026-05#EUR`) lies."""
    return Place(*name.split("#"))


def counter_key(name: str) -> Key:
    """The key of the counter of a name."""
    return Key(forecast.PARTITION, name)


def told(place: Place) -> str:
    """What is said of a counter that is wrong, in the words of `verify`."""
    return f"the forecast of {place.month} in {place.currency} counts otherwise"


def lost(table: Table, opportunities: Iterable[Opportunity]) -> list[Place]:
    """The counters of some opportunities that are not there at all."""
    due = sorted({forecast.place_of(made) for made in opportunities})
    there = table.get([place.key for place in due]) if due else {}
    return [place for place in due if place.key not in there]


def wrong(table: Table, stored: Counters) -> list[Place]:
    """Those of some counters that do not say what all opportunities come to."""
    due = counted(table) if stored else {}
    return [place for place, sums in stored.items() if due.get(place, {}) != sums]


def counted(table: Table, extra: Iterable[str] = ()) -> Counters:
    """Every counter as it must be; `extra` are opportunities that the index may not know yet."""
    return forecast.recounted(_every(table, extra))


def count_again(table: Table, name: str, now_ms: int, extra: Iterable[str] = ()) -> bool:
    """Write a counter as it must be; False where it moved too lately to be counted now.

    `extra` are opportunities that were put into the index just now: whoever counts next is told
    to wait for it.
    """
    place, known = place_named(name), list(extra)
    for _ in range(ATTEMPTS):
        there = table.get([place.key]).get(place.key)
        if there and now_ms - forecast.moved_ms(there) < LAG_MS:
            return False
        due = counted(table, known).get(place, {})
        if there is None and not due:
            return True
        body: dict[str, Attribute] = {"b": forecast.pack(due)}
        body.update({"t": now_ms} if known else {})
        write = Update(place.key, body, integer(there["v"])) if there else Insert(place.key, body)
        if table.transact([write]):
            return True
    raise errors.Contended("too many writers at the forecast")


def _every(table: Table, extra: Iterable[str]) -> Iterator[Opportunity]:
    """All that can be read, each once."""
    known = set(extra)
    yield from _readable(table, known)
    position = ""
    while True:
        entries, position = cut(table, Wanted().listing(), _PAGE, position)
        ids = {entry.key.pk.partition("#")[2] for entry in entries}
        yield from _readable(table, ids - known)
        if not position:
            return


def _readable(table: Table, ids: Iterable[str]) -> Iterator[Opportunity]:
    keys = {opportunity_key(each): each for each in ids}
    for key, item in (table.get(list(keys)) if keys else {}).items():
        with suppress(*UNREAD):
            if made := read_opportunity(keys[key], item):
                yield made
