"""Workers die and every service fails, throttles or loses answers: the import comes to the same."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import errors
from chalicelib.imports.sweep import AT_A_START, sweep
from chalicelib.store.verify import verify
from tests.fakes import MemoryTable
from tests.fakes_files import BUCKET, MemoryFiles, MemoryQueue
from tests.imports.door import COUNTS, FileDoor, Killed, balanced
from tests.imports.test_sweep import LATER
from tests.store.people import picture

ROWS, KILLS, CHUNK = 2000, 20, 50
FAULTS = 0.01
_WRITES = ("transact", "write", "add", "put", "delete", "send")


def mixed(count: int, chance: random.Random) -> str:
    """A file as they come: new people, the same ones again, shared phones, rows that are refused."""
    rows = ["email,phone,first_name,company\n"]
    for n in range(count):
        who = chance.randrange(n + 1) if chance.random() < 0.15 else n
        # Whether somebody gives a phone is always the same. Else the first to come by phone alone
        # and the first by address alone are two people until a third row unites them: how many
        # were `created` then depends on the order, though the leads do not.
        phone = f"6{who:08d}" if who % 10 < 7 else ""
        email = "broken@" if chance.random() < 0.03 else f"p{who}@x.org"
        email = "" if phone and chance.random() < 0.05 else email
        rows.append(f"{email},{phone},Ana {chance.randrange(3)},{chance.choice(['', 'Acme'])}\n")
    return "".join(rows)


class Chaos:
    """Makes calls fail ahead of the call or after it, at random, and kills whoever calls."""

    def __init__(self, chance: random.Random, kills: set[int]) -> None:
        self.chance, self.kills = chance, kills
        self.calls = self.killed = 0
        self.faults: Counter[str] = Counter()
        self.on = True

    def around(self, port: object, *names: str) -> None:
        """Let a port's calls fail so."""
        for name in names:
            setattr(port, name, self._wrapped(name, getattr(port, name)))

    def _wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **named: Any) -> Any:
            if not self.on:
                return call(*args, **named)
            self.calls += 1
            if self.calls in self.kills:
                self.killed += 1
                if self.chance.random() < 0.5:
                    call(*args, **named)
                raise Killed
            if self.chance.random() >= FAULTS:
                return call(*args, **named)
            lost = name in _WRITES and self.chance.random() < 0.5
            self.faults["lost" if lost else "refused"] += 1
            if lost:
                call(*args, **named)
            raise errors.Unavailable("chaos")

        return wrapped


class Stormy(FileDoor):
    """A file door whose queues deliver again what failed, in any order and sometimes twice."""

    chaos: Chaos

    def storm(self) -> None:
        """Run to the end: what fails comes again, and now and then the sweep looks."""
        chance = self.chaos.chance
        for _ in range(2000):
            messages = [*self.objects.take(), *self.chunks.take()]
            if not messages:
                self.chaos.on = False
                swept = sweep(self.outside, LATER, BUCKET, AT_A_START)
                self.chaos.on = True
                if not (swept.imports or swept.objects):
                    return
                continue
            messages += [message for message in messages if chance.random() < 0.1]
            chance.shuffle(messages)
            for message in messages:
                try:
                    self.deliver(message)
                except (Killed, errors.Unavailable):
                    self.objects.messages.append(message)
        raise AssertionError("it never ends")


def stormy(chance: random.Random, kills: set[int]) -> Stormy:
    """A door with chaos around its table, bucket and queues."""
    door = Stormy(MemoryTable(), MemoryFiles(), MemoryQueue(), MemoryQueue())
    door.chaos = Chaos(chance, kills)
    door.chaos.around(door.table, "get", "transact", "write", "add", "delete", "query")
    door.chaos.around(door.files, "open", "read", "write", "write_lines", "stat")
    door.chaos.around(door.objects, "send")
    door.chaos.around(door.chunks, "send")
    return door


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_chaos_changes_nothing_that_counts(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """2,000 rows, twenty deaths, one call in a hundred failing: leads and sums of a calm run."""
    monkeypatch.setattr("chalicelib.imports.split.CHUNK_ROWS", CHUNK)
    chance = random.Random(seed)
    body = mixed(ROWS, chance)
    calm = FileDoor()
    expected = calm.import_file("inbox/fair/a.csv", body)
    kills = set(random.Random(seed + 100).sample(range(1, 700), KILLS))
    door = stormy(chance, kills)
    door.drop("inbox/fair/a.csv", body)
    door.storm()
    (key,) = {key.pk for key in door.table.items if key.sk == "I"}
    door.chaos.on = False
    told = balanced(door.summary(key[2:]))
    assert verify(door.table.items.items()) == []
    assert door.chaos.killed == KILLS
    assert door.chaos.faults.total() >= 3
    assert picture(door.table) == picture(calm.table)
    assert told["status"] == "done"
    assert told["merged"] + told["unchanged"] == expected["merged"] + expected["unchanged"]
    same = [name for name in ("rows", *COUNTS) if name not in ("merged", "unchanged")]
    assert [told[name] for name in same] == [expected[name] for name in same]
