"""Long work as items: written once, changed under its version, listed by time, found while it goes on.

An export, a bundle, an erasure and a purge are each one kind; what an item says is theirs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib import errors
from chalicelib.ports import Attribute, Insert, Item, Key, Table, Update
from chalicelib.store.items import integer, present
from chalicelib.store.listing import Listing, cut

ATTEMPTS = 20
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Jobs(Generic[T]):
    """One kind of work. `place` is where one lies by its id, `item` and `read` how it looks there.

    `partition` is that of `by_g1` in which all are listed by time, `under_way` that of `by_g4` in
    which those are that are not finished, where the kind has one.
    """

    place: Callable[[str], Key]
    item: Callable[[T], Mapping[str, Attribute | None]]
    read: Callable[[Item], T]
    partition: str
    under_way: str = ""

    def insert(self, table: Table, name: str, made: T) -> bool:
        """Write a new one; False where it is there already."""
        return table.write([Insert(self.place(name), present(self.item(made)))])[0]

    def load(self, table: Table, name: str) -> T | None:
        """One of them, or None."""
        key = self.place(name)
        item = table.get([key]).get(key)
        return self.read(item) if item else None

    def change(self, table: Table, name: str, make: Callable[[T], T]) -> T | None:
        """Change one as it now is, None where it is gone; where another writer was, look again."""
        key = self.place(name)
        for _ in range(ATTEMPTS):
            item = table.get([key]).get(key)
            if item is None:
                return None
            here = self.read(item)
            made = make(here)
            if made == here or table.write([Update(key, self.item(made), integer(item["v"]))])[0]:
                return made
        raise errors.Contended("too many writers met on one piece of work")

    def changed(self, table: Table, name: str, make: Callable[[T], T]) -> T:
        """The same of a kind that stays for good."""
        made = self.change(table, name, make)
        if made is None:
            raise errors.Missing("this is not there")
        return made

    def listed(self, table: Table, limit: int, position: str) -> tuple[Sequence[T], str]:
        """A page of them, newest first, and the position to go on after."""
        listing = Listing((self.partition,), "g1", newest_first=True)
        return self.page(table, listing, limit, position)

    def page(
        self, table: Table, listing: Listing, limit: int, position: str = ""
    ) -> tuple[Sequence[T], str]:
        """A page of another list of them, and the position to go on after."""
        entries, last = cut(table, listing, limit, position)
        return self._all(table, [entry.key for entry in entries]), last

    def unfinished(self, table: Table, limit: int = 100) -> list[T]:
        """Those that are under way, the oldest first."""
        page = table.query(self.under_way, index="g4", limit=limit)
        return self._all(table, [Key(str(item["pk"]), str(item["sk"])) for item in page.items])

    def _all(self, table: Table, keys: Sequence[Key]) -> list[T]:
        there = table.get(keys) if keys else {}
        return [self.read(there[key]) for key in keys if key in there]
