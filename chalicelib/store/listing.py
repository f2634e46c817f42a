"""One sorted listing over several partitions: the shards of an index, or the nodes of a lead.

A position is the sort key of the last entry shown. Sort keys end in an id, so that no two entries
of one listing share theirs, and a listing goes on after a position whatever was written since.
"""

from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import islice
from typing import NamedTuple

from chalicelib.noun import noun
from chalicelib.ports import Item, Key, Table
from chalicelib.store import items

# Greater than every character that a sort key holds.
LAST = "\U0010ffff"


@noun
class Listing:
    """Which entries, in which order: `low` and `high` are inclusive bounds of the sort key."""

    partitions: tuple[str, ...]
    index: str = ""
    low: str = ""
    high: str = LAST
    newest_first: bool = False

    def after(self, position: str) -> "Listing":
        """The rest of it from a position on; the entry there is still in it."""
        low, high = (self.low, position) if self.newest_first else (position, self.high)
        return Listing(
            self.partitions,
            self.index,
            max(low, self.low),
            min(high, self.high),
            self.newest_first,
        )


class Entry(NamedTuple):
    """One entry of a listing: its place, and the item it stands for.

    `item` is what the listing itself holds: all of it, or of an index the keys alone.
    """

    sort: str
    key: Key
    item: Item


class Slice(NamedTuple):
    """Some entries of a listing, and the position to go on after; empty where it ends."""

    entries: list[Entry]
    last: str


def sharded(name: str) -> tuple[str, ...]:
    """The partitions of an index key that is spread over shards."""
    return tuple(f"{name}#{shard}" for shard in range(items.SHARDS))


def cut(table: Table, listing: Listing, limit: int, position: str = "") -> Slice:
    """The next entries of a listing: about one query a partition, whatever its length."""
    rest = listing.after(position) if position else listing
    parts = len(rest.partitions)
    # Ids spread evenly, so a quarter of a page and some from each of four shards will nearly
    # always do; where it does not, the partition that ran dry is asked again.
    batch = limit // parts + (limit // 8 if parts > 1 else 0) + 2
    streams = [_entries(table, rest, partition, batch) for partition in rest.partitions]
    merged = merge(*streams, reverse=rest.newest_first)
    taken = list(islice((entry for entry in merged if entry.sort != position), limit + 1))
    more = len(taken) > limit
    return Slice(taken[:limit], taken[limit - 1].sort if more else "")


def _entries(table: Table, listing: Listing, partition: str, batch: int) -> Iterator[Entry]:
    if listing.low > listing.high:
        return
    after: Mapping[str, str] | None = None
    sort = f"{listing.index}s" if listing.index else "sk"
    while True:
        page = table.query(
            partition,
            index=listing.index,
            low=listing.low,
            high=listing.high,
            newest_first=listing.newest_first,
            limit=batch,
            after=after,
        )
        yield from (_entry(item, sort) for item in page.items)
        after = page.after
        if after is None:
            return


def _entry(item: Item, sort: str) -> Entry:
    return Entry(str(item[sort]), Key(str(item["pk"]), str(item["sk"])), item)
