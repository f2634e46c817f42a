"""A table to try things out on: what it is told to write lies beside what is there, never in it.

Reads see the real item with what was tried since; writes go to *shadows*, items under keys of their
own (`R#{name}#…`) that no index lists and that pass away. A shadow's version goes on from that of
the item it covers, so conditions hold as they would: a rehearsal may have as many workers as the
real thing, die as often, and comes to the same.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Unpack

from chalicelib.noun import noun
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
from chalicelib.store.items import dump


@noun
class Shadow:
    """An item as a rehearsal has it, and `base`, the version of the real one it began from.

    `by` is who covered the real one first.
    """

    item: Item
    base: int
    version: int
    by: str


@dataclass
class Rehearsal:
    """A `ports.Table` whose writes are tried out under a name; shadows pass away at `ttl`."""

    table: Table
    name: str
    by: str
    ttl: int
    bases: dict[Key, int] = field(default_factory=dict)
    _seen: dict[Key, Shadow] = field(default_factory=dict)

    def get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Read items as they would be by now."""
        shadows = {key: self.shadow_key(key) for key in keys}
        there = self.table.get([*shadows, *shadows.values()])
        found: dict[Key, Item] = {}
        for key, shadow in shadows.items():
            self._see(key, there.get(key), there.get(shadow))
            seen = self._seen[key]
            if seen.base + seen.version:
                found[key] = {**seen.item, "v": seen.base + seen.version}
        return found

    def transact(self, writes: Sequence[Write]) -> bool:
        """Try all or nothing."""
        self._note(writes)
        tried = [
            self._tried(write)
            for write in writes
            if not isinstance(write, Remove | Ensure) and not _follows(write.key)
        ]
        return all(tried) and self.table.transact([write for write in tried if write])

    def write(self, writes: Sequence[Insert | Update]) -> list[bool]:
        """Try each by itself."""
        self._note(writes)
        real = [write for write in writes if not _follows(write.key)]
        tried = [self._tried(write) for write in real]
        there = [write for write in tried if isinstance(write, Insert | Update)]
        took = iter(self.table.write(there))
        fine = iter([write is not None and next(took) for write in tried])
        return [_follows(write.key) or next(fine) for write in writes]

    def add(self, key: Key, attribute: str, amount: int | set[str] | set[int]) -> Item | None:
        """Nothing: counts are not tried out."""
        del key, attribute, amount
        return {}

    def take(self, key: Key, *, most: int, now: int, seconds: int) -> int:
        """Nothing: a rehearsal uses up nobody's places."""
        del key, most, now, seconds
        return 0

    def put(self, key: Key, item: Mapping[str, Attribute]) -> None:
        """Try an item, whatever is there."""
        self.table.put(self.shadow_key(key), self._covering(item, 0))

    def delete(self, key: Key) -> None:
        """Nothing: a rehearsal takes nothing away."""

    def query(self, partition: str, **part: Unpack[Part]) -> Page:
        """Read one partition: the real items page by page, after the last one the shadows."""
        page = self.table.query(partition, **part)
        if part.get("index") or page.after is not None:
            return page
        known = {str(item["sk"]) for item in page.items}
        shadows = self._shadows(f"R#{self.name}#{partition}", part)
        tried = [{**item, "pk": partition} for item in shadows if item["sk"] not in known]
        return Page([*page.items, *tried])

    def _shadows(self, partition: str, part: Part) -> list[Item]:
        found: list[Item] = []
        after: Mapping[str, str] | None = None
        while True:
            rest: Part = {**part, "after": after}
            page = self.table.query(partition, **rest)
            found += page.items
            if (after := page.after) is None:
                return found

    def shadow_key(self, key: Key) -> Key:
        """Where the shadow of an item lies."""
        return Key(f"R#{self.name}#{key.pk}", key.sk)

    def _see(self, key: Key, item: Item | None, shadow: Item | None) -> None:
        if shadow:
            self._seen[key] = read_shadow(shadow)
        else:
            base = int(str(item["v"])) if item else 0
            self._seen[key] = Shadow(item or {}, base, 0, "")
        self.bases.setdefault(key, self._seen[key].base)

    def _note(self, writes: Sequence[Write]) -> None:
        """Note a lead of several keys under each, ahead of its shadow: who is parted from it is in it.

        An erasure looks there (`privacy.places.dry_runs`); nothing else of a person leads to it then.
        """
        for write in writes:
            if not isinstance(write, Insert | Update) or not write.key.pk.startswith("L#"):
                continue
            held = write.item if isinstance(write, Insert) else write.changes
            nodes = json.loads(str(held.get("b") or "{}")).get("n", ())
            for node in nodes if len(nodes) > 1 else ():
                self.table.put(self.shadow_key(Key(f"K#{node}", write.key.pk)), {"ttl": self.ttl})

    def _tried(self, write: Insert | Update | Check | Put) -> Insert | Update | Check | Put | None:
        """A write as it is tried, or None where it could not be."""
        key = self.shadow_key(write.key)
        seen = self._seen.get(write.key, Shadow({}, 0, 0, ""))
        if isinstance(write, Check):
            return Check(key, write.version - seen.base)
        if isinstance(write, Put):
            return Put(key, self._covering(write.item, seen.base))
        if isinstance(write, Insert):
            there = seen.base + seen.version
            return None if there else Insert(key, self._covering(write.item, 0))
        if write.version != seen.base + seen.version:
            return None
        made: Item = {name: value for name, value in seen.item.items() if name != "v"}
        for name, value in write.changes.items():
            if value is None:
                made.pop(name, None)
            else:
                made[name] = value
        covering = self._covering(made, seen.base, seen.by)
        if not seen.version:
            return Insert(key, covering)
        return Update(key, covering, seen.version)

    def _covering(
        self, item: Mapping[str, Attribute], base: int, by: str = ""
    ) -> dict[str, Attribute]:
        held = {n: sorted(v) if isinstance(v, set) else v for n, v in item.items()}
        return {"b": dump([held, base, by or self.by]), "ttl": self.ttl}


def _follows(key: Key) -> bool:
    """Whether an item only follows from leads: accounts and entries under tags are not tried out."""
    return key.pk.startswith(("A#", "TAG#"))


def read_shadow(item: Item) -> Shadow:
    """A shadow from its item."""
    held, base, by = json.loads(str(item["b"]))
    made: Item = {n: set(v) if isinstance(v, list) else v for n, v in held.items()}
    return Shadow(made, base, int(str(item["v"])), by)
