"""An erasure's items in the table: who asked, how far it is, what was done in which place.

ERASURE#{id}  E          the erasure: keyed hashes and counts, nothing of the person; stays for good
ERASURE#{id}  T#{task}   one thing to do in one place, with what came of it; gone when all is done
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from chalicelib.ports import Attribute, Insert, Item, Key, Table, Update
from chalicelib.store.items import dump, integer
from chalicelib.store.jobs import Jobs

TASKS = "T#"


class Status(StrEnum):
    """How far an erasure is; one that waits does so for an import to end."""

    RUNNING = "running"
    WAITING = "waiting"
    CLEARING = "clearing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure. `keys` are what the suppressions lie under, `via` who let it begin.

    `places` maps each place to what was done there: counts by word, the time, what was kept.
    `found`: every place was asked what it holds. `next_ms`: when the sweep looks after it.
    """

    id: str
    asked_ms: int
    lead: str = ""
    keys: tuple[str, ...] = ()
    actor: str = ""
    via: str = "api"
    status: str = Status.RUNNING
    found: bool = False
    places: Mapping[str, Any] = field(default_factory=dict)
    finished_ms: int = 0
    next_ms: int = 0
    tries: int = 0


def due(made: Erasure, next_ms: int, tries: int = 0) -> Erasure:
    """The same, to be looked after at a moment."""
    return replace(made, next_ms=next_ms, tries=tries)


def note(table: Table, name: str, tasks: Iterable[Mapping[str, Any]]) -> None:
    """Note what is to be done; the same again is one."""
    inserts = {}
    for task in tasks:
        body = dump(dict(task))
        digest = hashlib.sha256(body.encode()).hexdigest()[:16]
        key = Key(_key(name).pk, f"{TASKS}{task['place']}#{digest}")
        inserts[key] = Insert(key, {"b": dump({"task": dict(task)})})
    if inserts:
        table.write(list(inserts.values()))


def tasks(table: Table, name: str) -> Iterator[tuple[Key, int, dict[str, Any]]]:
    """Every task with its version: `{"task", "done"}`, what came of it where it is done."""
    after: Mapping[str, str] | None = None
    while True:
        page = table.query(_key(name).pk, begins=TASKS, after=after)
        for item in page.items:
            key = Key(str(item["pk"]), str(item["sk"]))
            yield key, integer(item["v"]), json.loads(str(item["b"]))
        if (after := page.after) is None:
            return


def settle(table: Table, key: Key, version: int, content: Mapping[str, Any]) -> None:
    """Note what came of a task; whoever did the same meanwhile noted it too."""
    table.write([Update(key, {"b": dump(dict(content))}, version)])


def _key(name: str) -> Key:
    return Key(f"ERASURE#{name}", "E")


def _item(made: Erasure) -> dict[str, Attribute | None]:
    content = {name: value for name, value in asdict(made).items() if value}
    when = f"{made.asked_ms:013d}#{made.id}"
    over = made.status == Status.DONE
    return {
        "b": dump(content),
        "g1": "ERASURES",
        "g1s": when,
        "g4": None if over else "ERASING",
        "g4s": None if over else when,
    }


def _read(item: Item) -> Erasure:
    made = Erasure(**json.loads(str(item["b"])))
    return replace(made, keys=tuple(made.keys))


JOBS = Jobs(_key, _item, _read, "ERASURES", "ERASING")
load, change, listed, unfinished = JOBS.load, JOBS.changed, JOBS.listed, JOBS.unfinished


def insert(table: Table, made: Erasure) -> bool:
    """Write a new one; False where it is there already."""
    return JOBS.insert(table, made.id, made)
