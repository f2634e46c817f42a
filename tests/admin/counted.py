"""A table that counts what is read: requests, items and read units by AWS's size rules."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from chalicelib.ports import Attribute, Item, Key, Page, Write
from tests.admin.office import KeysOnlyTable
from tests.store.units import INDEXES, size

UNIT = 4096


@dataclass
class Cost:
    """What was asked of a table: requests, items read (found or not), read units."""

    requests: int = 0
    items: int = 0
    units: int = 0


class CountedTable(KeysOnlyTable):
    """As quick with ten thousand leads as with ten: it knows its partitions, as the real one does."""

    def __init__(self) -> None:
        super().__init__()
        self._members: defaultdict[tuple[str, str], set[Key]] = defaultdict(set)
        self._sorted: dict[tuple[str, str], list[tuple[str, Key]]] = {}
        self.cost = Cost()

    @contextmanager
    def counting(self) -> Iterator[Cost]:
        """What is asked of the table from here on."""
        self.cost, before = Cost(), self.requests.total()
        yield self.cost
        self.cost.requests = self.requests.total() - before

    # --- reading

    def get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        found = super().get(keys)
        self.cost.items += len(keys)
        self.cost.units += sum(_units([(key, found.get(key, {}))]) for key in keys)
        return found

    def query(self, partition: str, *, index: str = "", **bounds: Any) -> Page:
        page = super().query(partition, index=index, **bounds)
        self.cost.items += len(page.items)
        self.cost.units += -(-sum(size(item) for item in page.items) // UNIT) or 1
        return page

    def walk(self, after: Key | None, most: int) -> tuple[list[tuple[Key, Item]], Key | None]:
        raise AssertionError("no list walks the table")

    def _partition(self, partition: str, index: str) -> list[tuple[str, Key]]:
        place = (index, partition)
        if place not in self._sorted:
            keys = self._members.get(place, set())
            sort = f"{index}s"
            rows = [(str(self.items[key][sort]) if index else key.sk, key) for key in keys]
            self._sorted[place] = sorted(rows)
        return self._sorted[place]

    # --- writing

    def put(self, key: Key, item: Mapping[str, Attribute]) -> None:
        self._leave(key)
        super().put(key, item)
        self._enter(key)

    def delete(self, key: Key) -> None:
        self._leave(key)
        super().delete(key)

    def take(self, key: Key, *, most: int, now: int, seconds: int) -> int:
        taken = super().take(key, most=most, now=now, seconds=seconds)
        self._enter(key)
        return taken

    def _apply(self, write: Write) -> None:
        self._leave(write.key)
        super()._apply(write)
        self._enter(write.key)

    def _leave(self, key: Key) -> None:
        for place in self._places(key):
            self._members[place].discard(key)
            self._sorted.pop(place, None)

    def _enter(self, key: Key) -> None:
        for place in self._places(key):
            self._members[place].add(key)
            self._sorted.pop(place, None)

    def _places(self, key: Key) -> list[tuple[str, str]]:
        item = self.items.get(key)
        if item is None:
            return []
        return [("", key.pk), *((name, str(item[name])) for name in INDEXES if name in item)]


def _units(read: Sequence[tuple[Key, Item]]) -> int:
    """The units of strongly consistent reads of single items: what is not there costs one too."""
    return sum(-(-size({"pk": key.pk, "sk": key.sk, **item}) // UNIT) for key, item in read)
