"""A table to see what would be: reads are real, writes stay in memory and pass away with it.

Where many workers must see each other's trials, `rehearsal` keeps them in the table; here one caller
asks one question, and nothing at all is written.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Unpack

from chalicelib.ports import (
    Attribute,
    Check,
    Ensure,
    Insert,
    Item,
    Key,
    Page,
    Part,
    Put,
    Remove,
    Table,
    Update,
    Write,
)


@dataclass
class Tryout:
    """A `ports.Table` over another one, which it only reads."""

    table: Table
    _made: dict[Key, Item] = field(default_factory=dict)

    @property
    def made(self) -> tuple[Key, ...]:
        """The keys of all items that were tried."""
        return tuple(self._made)

    def get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """The items as they would be by now."""
        real = [key for key in keys if key not in self._made]
        found = self.table.get(real) if real else {}
        return found | {key: dict(self._made[key]) for key in keys if self._made.get(key)}

    def transact(self, writes: Sequence[Write]) -> bool:
        """Try all or nothing."""
        there = self.get([write.key for write in writes])
        if not all(_holds(write, there.get(write.key)) for write in writes):
            return False
        for write in writes:
            self._apply(write, there.get(write.key, {}))
        return True

    def write(self, writes: Sequence[Insert | Update]) -> list[bool]:
        """Try each by itself."""
        return [self.transact([write]) for write in writes]

    def add(self, key: Key, attribute: str, amount: int | set[str] | set[int]) -> Item | None:
        """Nothing is counted; the item as it is."""
        del attribute, amount
        return self.get([key]).get(key)

    def take(self, key: Key, *, most: int, now: int, seconds: int) -> int:
        """Nobody's places are used up."""
        del key, most, now, seconds
        return 0

    def put(self, key: Key, item: Mapping[str, Attribute]) -> None:
        """Try an item, whatever is there."""
        self._made[key] = {**item, "v": 1}

    def delete(self, key: Key) -> None:
        """Let an item be gone."""
        self._made[key] = {}

    def query(self, partition: str, **part: Unpack[Part]) -> Page:
        """One partition as it would be, what was tried on its last page; an index as it is."""
        page = self.table.query(partition, **part)
        if part.get("index"):
            return page
        begins, low, high = part.get("begins", ""), part.get("low", ""), part.get("high", "")
        there = {Key(partition, str(item["sk"])): item for item in page.items}
        tried = {key: self._made[key] for key in there if key in self._made}
        if page.after is None:
            tried |= {
                key: item
                for key, item in self._made.items()
                if key.pk == partition
                and key.sk.startswith(begins)
                and low <= key.sk
                and (not high or key.sk <= high)
            }
        for key, item in tried.items():
            there[key] = {**item, "pk": key.pk, "sk": key.sk} if item else {}
        items = [
            there[key]
            for key in sorted(there, reverse=part.get("newest_first", False))
            if there[key]
        ]
        return Page(items, page.after)

    def _apply(self, write: Write, there: Mapping[str, Attribute]) -> None:
        if isinstance(write, Insert | Put):
            self._made[write.key] = {**write.item, "v": 1}
        elif isinstance(write, Ensure):
            self._made[write.key] = {**write.item, "v": 1, **there}
        elif isinstance(write, Remove):
            self._made[write.key] = {}
        elif isinstance(write, Update):
            changed = {**there, **write.changes, "v": write.version + 1}
            self._made[write.key] = {n: value for n, value in changed.items() if value is not None}


def _holds(write: Write, there: Item | None) -> bool:
    if isinstance(write, Put | Ensure) or (isinstance(write, Remove) and not write.version):
        return True
    version = int(str(there["v"])) if there else 0
    return version == (write.version if isinstance(write, Check | Update | Remove) else 0)
