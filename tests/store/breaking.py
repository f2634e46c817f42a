"""Ways in which stored items may be wrong, by a seed."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.ports import Key
from chalicelib.store import items
from chalicelib.store.items import dump
from tests.fakes import MemoryTable


@dataclass
class Breaker:
    """Breaks items of a table; whatever is broken, the submissions stay what they are."""

    table: MemoryTable
    random: random.Random

    def break_some(self, count: int) -> list[str]:
        """Break so many things; what was done, for whoever reads a failure."""
        ways: list[Callable[[], str]] = [
            self.lose,
            self.garble,
            self.another_value,
            self.another_lead,
            self.other_nodes,
            self.other_keys,
            self.claims_lost,
            self.stray_claim,
            self.stray_lead,
            self.unlisted,
            self.nameless,
            self.no_account,
            self.waits_for_nothing,
        ]
        return [self.random.choice(ways)() for _ in range(count)]

    def _one(self, first: str, second: str) -> Key | None:
        found = sorted(k for k in self.table.items if k.pk.startswith(first) and k.sk[0] == second)
        return self.random.choice(found) if found else None

    def _change(self, key: Key | None, **changes: object) -> str:
        if key is None:
            return "nothing"
        item = self.table.items[key]
        for name, value in changes.items():
            if value is None:
                item.pop(name, None)
            else:
                item[name] = value  # type: ignore[assignment]
        return f"{sorted(changes)} of {key}"

    def _body(self, key: Key | None, change: Callable[[dict[str, object]], object]) -> str:
        try:
            body = json.loads(str(self.table.items[key].get("b", "{}"))) if key else None
        except ValueError:
            body = None  # garbled already
        if not isinstance(body, dict):
            return "nothing"
        change(body)
        return self._change(key, b=dump(body))

    def lose(self) -> str:
        """An item is gone: a home, a lead, a reference."""
        kind = self.random.choice([("K#", "H"), ("L#", "L"), ("K#", "T")])
        key = self._one(*kind)
        if key is None:
            return "nothing"
        # What people decided is nowhere else, so no home with a decision is lost here.
        if kind == ("K#", "H") and "d" in json.loads(str(self.table.items[key].get("b", "{}"))):
            return "nothing"
        del self.table.items[key]
        return f"lost {key}"

    def garble(self) -> str:
        """A lead that nobody can read."""
        return self._change(
            self._one("L#", "L"), b=self.random.choice(["{", "[]", '{"n":3}', "{}}"])
        )

    def another_value(self) -> str:
        """A lead that says what no touch did."""

        def change(body: dict[str, object]) -> None:
            if "v" in body and "s" in body:
                body["v"] = {"first_name": [0, "Nobody"]}

        return self._body(self._one("L#", "L"), change)

    def another_lead(self) -> str:
        """A home that names another lead, or one that is not there."""
        other = self._one("L#", "L")
        name = other.pk[2:] if other and self.random.random() < 0.7 else "f" * 32
        return self._change(self._one("K#", "H"), lead=name)

    def other_nodes(self) -> str:
        """A lead that holds somebody else's node too, or none of its own."""
        home = self._one("K#", "H")

        def change(body: dict[str, object]) -> None:
            if home and body.get("n"):
                body["n"] = [home.pk[2:]]

        return self._body(self._one("L#", "L"), change)

    def other_keys(self) -> str:
        """A lead that forgot its keys."""
        return self._body(self._one("L#", "L"), lambda body: body.pop("k", None))

    def claims_lost(self) -> str:
        """A home that forgot who claims it."""
        return self._body(self._one("K#", "H"), lambda body: body.pop("c", None))

    def stray_claim(self) -> str:
        """A home that somebody claims who never did."""
        node = self.random.choice(["e" + "0" * 32, "p" + "1" * 32])

        def change(body: dict[str, object]) -> None:
            body["c"] = {node: [False, False, 1, "0" * 32]}

        key = self._one("K#p", "H") or self._one("K#x", "H")
        return self._body(key, change)

    def stray_lead(self) -> str:
        """A lead of nobody."""
        there = self._one("L#", "L")
        if there is None:
            return "nothing"
        name = f"{self.random.getrandbits(128):032x}"
        self.table.items[items.lead_key(name)] = dict(self.table.items[there])
        return f"stray {name}"

    def unlisted(self) -> str:
        """An item that no index lists, or in the wrong place."""
        key = self._one(self.random.choice(["L#", "S#", "K#"]), self.random.choice("LSH"))
        return self._change(key, g1=self.random.choice([None, "LEAD#9"]))

    def no_account(self) -> str:
        """An account or an entry under a tag that is gone."""
        key = self._one("A#", "A") if self.random.random() < 0.5 else self._one("TAG#", "0")
        if key is None:
            return "nothing"
        del self.table.items[key]
        return f"lost {key}"

    def nameless(self) -> str:
        """A submission that names no lead."""
        return self._change(self._one("S#", "S"), lead=None)

    def waits_for_nothing(self) -> str:
        """A lead that waits for a seal which nobody will write."""

        def change(body: dict[str, object]) -> None:
            if body.get("n"):
                body["a"] = {"9" * 32: "c"}

        return self._body(self._one("L#", "L"), change)
