"""What a submission costs on each path: requests as they are made, units by AWS's size rules.

The figures of `docs/costs.md`; `tests/store/test_budget.py` holds their bounds.

    python -m bench.forms
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib.model import Touch
from chalicelib.ports import Check, Insert, Item, Key, Put, Remove, Update, Write
from tests.fakes import MemoryTable
from tests.store.people import as_rows, touch, upsert
from tests.store.units import INDEXES, item_units, size

EMAIL, PHONE = "ana.lopez@example.org", "+34600123456"
Figures = dict[str, float]


class Metered(MemoryTable):
    """A table that adds up units: reads by four kibibytes, writes by one, transactions twice."""

    def __init__(self) -> None:
        super().__init__()
        self.write_units = 0
        self.read_units = 0.0

    def get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        found = super().get(keys)
        for key in keys:
            item = found.get(key)
            whole = size({"pk": key.pk, "sk": key.sk, **item}) if item else 1
            self.read_units += -(-whole // 4096)
        return found

    def transact(self, writes: Sequence[Write]) -> bool:
        before = {write.key: self.items.get(write.key) for write in writes}
        took = super().transact(writes)
        for write in writes:
            self._meter(write, before[write.key], 2)
        return took

    def write(self, writes: Sequence[Insert | Update]) -> list[bool]:
        before = {write.key: self.items.get(write.key) for write in writes}
        took = super().write(writes)
        for write in writes:
            self._meter(write, before[write.key], 1)
        return took

    def add(self, key: Key, attribute: str, amount: int | set[str] | set[int]) -> Item | None:
        item = super().add(key, attribute, amount)
        self.write_units += item_units(key, item) if item else 1
        return item

    def _meter(self, write: Write, before: Item | None, price: int) -> None:
        after = self.items.get(write.key, {})
        larger = max(item_units(write.key, after), item_units(write.key, before or {}))
        self.write_units += price * larger
        if isinstance(write, Check | Put | Remove):
            return
        for index in INDEXES:
            old, new = ((item or {}).get(index) for item in (before, after))
            moved = (before or {}).get(index + "s") != after.get(index + "s") or old != new
            # A moved entry is deleted and put; one that comes or goes is a single write.
            self.write_units += (bool(old) + bool(new)) if moved else 0


def measure() -> Mapping[str, Figures]:
    """Each path's requests and units for one submission."""
    return {
        "form, a new person": _one([], _ana(1, "Ana")),
        "form, a known person": _one([_ana(1)], _ana(2, "Ana")),
        "form, a new person at a new company": _one([], _at_work(1)),
        "form, a new person at a known company": _one([_at_work(2)], _at_work(1)),
        "form, repeated": _one([_ana(1)], _ana(1)),
        "file, new people": _rows(lambda n: _person(n, "Ana")),
        "file, new people without a name": _rows(_person),
        "file, new people at one company": _rows(lambda n: _employee(n, "acme.es")),
        "file, new people, each at a new company": _rows(lambda n: _employee(n, f"acme{n}.es")),
        "file, new people with a tag": _rows(lambda n: replace(_person(n), tags={"fair": True})),
        "file, known people": _rows(lambda n: _person(n, "Ana"), known=True),
    }


def _ana(number: int, name: str | None = None) -> Touch:
    more: dict[str, Any] = {"first_name": name} if name else {}
    return touch(number, email=EMAIL, phone=PHONE, **more)


def _person(number: int, name: str | None = None) -> Touch:
    more: dict[str, Any] = {"first_name": name} if name else {}
    return touch(number, email=f"person{number}@example.org", phone=f"+346{number:08d}", **more)


def _at_work(number: int) -> Touch:
    return touch(number, email=f"ana{number}@acme.es", phone=f"+346{number:08d}", company="Acme")


def _employee(number: int, domain: str) -> Touch:
    return touch(number, email=f"person{number}@{domain}", phone=f"+346{number:08d}")


def _one(before: list[Touch], then: Touch) -> Figures:
    table = Metered()
    store = upsert(table)
    store.store(before)
    return _figures(table, lambda: store.store([then]), 1)


def _rows(make: Callable[[int], Touch], *, known: bool = False) -> Figures:
    table = Metered()
    store = upsert(table)
    if known:
        store.store(as_rows([make(n) for n in range(1, 501)]))
    start = 1001 if known else 1
    rows = [make(n) for n in range(1, 501)]
    later = [_renumbered(row, start + place) for place, row in enumerate(rows)]
    return _figures(table, lambda: store.store(as_rows(later, "imp#2")), len(rows))


def _renumbered(row: Touch, number: int) -> Touch:
    return replace(row, id=f"{number:032x}", submitted_ms=1_000_000 + number)


def _figures(table: Metered, act: Callable[[], object], rows: int) -> Figures:
    table.requests.clear()
    table.write_units, table.read_units = 0, 0.0
    act()
    return {
        "requests": round(sum(table.requests.values()) / rows, 3),
        "write_units": round(table.write_units / rows, 2),
        "read_units": round(table.read_units / rows, 2),
    }


def main() -> None:
    """Print the figures."""
    print(json.dumps(measure(), indent=1))


if __name__ == "__main__":
    main()
