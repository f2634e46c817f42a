"""What opportunities come to, by month and currency: counters that move with each of them.

A counter is moved in the same transaction as the opportunity, under the version that was read, so
it is exact at any time and read without looking at a single opportunity. `verify` counts them anew.

An open opportunity counts in the month in which it is expected to close, under its stage; a won or
lost one in the month in which it was. A won one counts by its contact's first and last touch too.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from chalicelib.model import from_ms
from chalicelib.ports import Attribute, Insert, Item, Key, Table, Update, Write
from chalicelib.store.items import dump, integer
from chalicelib.store.listing import LAST
from chalicelib.store.opportunity import Opportunity, Status, weigh

PARTITION = "FORECAST"
# Sorts after every month.
NO_MONTH = "none"
ENDS, DIMENSIONS = ("first", "last"), ("name", "channel", "campaign")
_LONGEST = 100
_MOST_MONTHS = 120


class Sum(NamedTuple):
    """How many opportunities, and what they come to: exact amounts, and times their probability."""

    deals: int = 0
    amount: Decimal = Decimal()
    weighted: Decimal = Decimal()
    arr: Decimal = Decimal()
    weighted_arr: Decimal = Decimal()

    def plus(self, other: "Sum", sign: int = 1) -> "Sum":
        """The two together; or (-1) the one without the other."""
        return Sum(
            self.deals + sign * other.deals,
            *(a + sign * b for a, b in zip(self[1:], other[1:], strict=True)),
        )


NOTHING = Sum()
# A path such as `open/proposal` or `first/channel/email`, and what stands under it.
Sums = Mapping[str, Sum]


class Place(NamedTuple):
    """Where a counter lies: a month (`2026-11`, or `none`) and a currency (`-` where none is said)."""

    month: str
    currency: str

    @property
    def key(self) -> Key:
        """Its item's key."""
        return Key(PARTITION, f"{self.month}#{self.currency}")


def place_of(made: Opportunity) -> Place:
    """Where an opportunity counts."""
    if made.status is Status.OPEN:
        return Place(made.expected_close[:7] or NO_MONTH, made.currency or "-")
    return Place(from_ms(made.closed_ms).strftime("%Y-%m"), made.currency or "-")


def sums_of(made: Opportunity) -> dict[str, Sum]:
    """What an opportunity adds to its counter."""
    amount = made.amount or Decimal()
    own = Sum(1, amount, made.weighted, made.arr, weigh(made.arr, made.probability))
    if made.status is Status.OPEN:
        return {f"open/{made.stage}": own}
    if made.status is Status.LOST:
        return {"lost": own}
    found = {"won": own}
    for end in ENDS:
        source = getattr(made, end)
        for dimension in DIMENSIONS:
            found[f"{end}/{dimension}/{source.get(dimension, '')[:_LONGEST]}"] = own
    return found


def moved(table: Table, before: Opportunity | None, after: Opportunity | None) -> list[Write]:
    """What must be written so that the counters count an opportunity as it will be."""
    changes: dict[Place, dict[str, Sum]] = {}
    for made, sign in ((before, -1), (after, 1)):
        if made is not None:
            held = changes.setdefault(place_of(made), {})
            for path, own in sums_of(made).items():
                held[path] = held.get(path, NOTHING).plus(own, sign)
    changes = {
        place: some for place, some in changes.items() if any(s != NOTHING for s in some.values())
    }
    there = table.get([place.key for place in changes]) if changes else {}
    when = max(made.updated_ms for made in (before, after) if made) if changes else 0
    return [
        _write(place, some, there.get(place.key), when) for place, some in sorted(changes.items())
    ]


def moved_ms(item: Item) -> int:
    """When an opportunity last moved a counter; 0 where nobody knows."""
    return integer(item.get("t", 0))


def _write(place: Place, changes: Sums, item: Item | None, when: int) -> Write:
    sums = dict(read(item))
    for path, change in changes.items():
        sums[path] = sums.get(path, NOTHING).plus(change)
    body: dict[str, Attribute] = {"b": pack({p: held for p, held in sums.items() if held.deals})}
    body |= {"t": when} if when else {}
    if item is None:
        return Insert(place.key, body)
    return Update(place.key, body, integer(item["v"]))


def pack(sums: Sums) -> str:
    """A counter's body."""
    texts = {
        path: [held.deals, *(str(part.normalize() + 0) for part in held[1:])]
        for path, held in sorted(sums.items())
    }
    return dump(texts)


def read(item: Item | None) -> dict[str, Sum]:
    """The sums of a counter's item."""
    if item is None or "b" not in item:
        return {}
    body = json.loads(str(item["b"]))
    return {path: Sum(held[0], *map(Decimal, held[1:])) for path, held in body.items()}


def counters(table: Table, first: str, last: str) -> Iterator[tuple[Place, dict[str, Sum]]]:
    """The counters of some months, both ends included, in their order; `none` has its own."""
    after = None
    while True:
        page = table.query(PARTITION, low=first, high=f"{last}#{LAST}", limit=100, after=after)
        for item in page.items:
            yield Place(*str(item["sk"]).split("#")), read(item)
        after = page.after
        if after is None:
            return


def recounted(every: Iterable[Opportunity]) -> dict[Place, dict[str, Sum]]:
    """The counters as they must be, from the opportunities themselves."""
    made: dict[Place, dict[str, Sum]] = {}
    for each in every:
        held = made.setdefault(place_of(each), {})
        for path, own in sums_of(each).items():
            held[path] = held.get(path, NOTHING).plus(own)
    return made


def unbalanced(
    every: Iterable[Opportunity], stored: Mapping[Place, Mapping[str, Sum]]
) -> Iterator[str]:
    """Every counter that does not say what the opportunities come to."""
    due = recounted(every)
    for place in sorted({*due, *stored}):
        if due.get(place, {}) != dict(stored.get(place, {})):
            yield f"the forecast of {place.month} in {place.currency} counts otherwise"
