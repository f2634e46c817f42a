"""An import's items in the table: itself, one a chunk, which chunks are done, and what mends it.

I#{import}  I                   the import, listed by time, by key, and while it is active
I#{import}  C#{chunk}           what one chunk came to: written once, under a condition
I#{import}  D#{thousand}        the numbers of the chunks that are done: a set
I#{import}  M#{import}#{chunk}  the rows that a mended file's chunk judged anew
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from chalicelib.ports import Attribute, Insert, Item, Key, Table, Update
from chalicelib.store.items import dump, present

GROUP = 1000
_PAGE = 250


class Status(StrEnum):
    """How far an import is."""

    QUEUED = "queued"
    SPLITTING = "splitting"
    RUNNING = "running"
    REVIEW = "review"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDONE = "undone"

    @property
    def active(self) -> bool:
        """Whether workers are at it."""
        return self in (Status.SPLITTING, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Import:
    """One dropped file. `code` and `detail` say why it failed, or why it holds no rows.

    `chunks` is known once the file is split. `mends` is the import whose rows this file brings
    back. `options` came with the API call that prepared it. `watch` is what the sweep saw last.
    """

    id: str
    key: str
    bucket: str = ""
    etag: str = ""
    version: str = ""
    sequencer: str = ""
    event_ms: int = 0
    size: int = 0
    started_ms: int = 0
    finished_ms: int = 0
    status: Status = Status.SPLITTING
    code: str = ""
    detail: str = ""
    chunks: int = 0
    language: str = ""
    mends: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    watch: Mapping[str, int] = field(default_factory=dict)


def import_key(import_id: str) -> Key:
    """Where an import lies."""
    return Key(f"I#{import_id}", "I")


def chunk_key(import_id: str, number: int) -> Key:
    """Where a chunk's record lies."""
    return Key(f"I#{import_id}", f"C#{number:06d}")


def done_key(import_id: str, number: int) -> Key:
    """Where it is noted that a chunk is done."""
    return Key(f"I#{import_id}", f"D#{(number - 1) // GROUP:04d}")


def mend_key(import_id: str, mending: str, number: int) -> Key:
    """Where it is noted which rows a mended file's chunk judges anew."""
    return Key(f"I#{import_id}", f"M#{mending}#{number:06d}")


def insert(table: Table, made: Import) -> bool:
    """Write a new import; False where it is there already."""
    return table.write([Insert(import_key(made.id), present(_item(made)))])[0]


def load(table: Table, import_id: str) -> Import | None:
    """An import, or None."""
    key = import_key(import_id)
    item = table.get([key]).get(key)
    return read(item) if item else None


def change(table: Table, import_id: str, make: Callable[[Import], Import]) -> Import:
    """Change an import as it now is; where somebody else did meanwhile, look again."""
    key = import_key(import_id)
    while True:
        item = table.get([key])[key]
        here = read(item)
        made = make(here)
        version = item["v"]
        assert isinstance(version, int)
        if made == here or table.write([Update(key, _item(made), version)])[0]:
            return made


def open_done(table: Table, import_id: str, number: int) -> None:
    """Make room to note that a chunk, and those of its group, are done."""
    table.write([Insert(done_key(import_id, number), {})])


def note_done(table: Table, import_id: str, number: int) -> None:
    """Note that a chunk is done; noting it again changes nothing."""
    key = done_key(import_id, number)
    if table.add(key, "done", {number}) is None:
        table.write([Insert(key, {})])
        table.add(key, "done", {number})


def done(table: Table, import_id: str) -> set[int]:
    """The numbers of the chunks that are done."""
    found: set[int] = set()
    for item in _partition(table, import_id, "D#"):
        numbers = item.get("done", set())
        assert isinstance(numbers, set)
        found |= {int(number) for number in numbers}
    return found


def bodies(table: Table, import_id: str, begins: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Sort key and content of an import's records of one kind, in order."""
    for item in _partition(table, import_id, begins):
        yield str(item["sk"]), json.loads(str(item["b"]))


def _partition(table: Table, import_id: str, begins: str) -> Iterator[Item]:
    after: Mapping[str, str] | None = None
    while True:
        found = table.query(f"I#{import_id}", begins=begins, limit=_PAGE, after=after)
        yield from found.items
        if (after := found.after) is None:
            return


def body(content: Mapping[str, Any]) -> dict[str, Attribute]:
    """The one attribute in which a record keeps its content."""
    return {"b": dump(content)}


def page(
    table: Table, index: str, partition: str, *, limit: int = 100, **query: Any
) -> tuple[list[Import], Mapping[str, str] | None]:
    """A page of the imports that an index lists, read in full, and where the next one begins.

    An index is a little behind the table.
    """
    listed = table.query(partition, index=index, limit=limit, **query)
    keys = [Key(str(item["pk"]), str(item["sk"])) for item in listed.items]
    there = table.get(keys)
    return [read(there[key]) for key in keys if key in there], listed.after


def read(item: Item) -> Import:
    """An import from its item."""
    made = Import(**json.loads(str(item["b"])))
    return replace(made, status=Status(made.status))


def _item(made: Import) -> dict[str, Attribute | None]:
    when = f"{made.started_ms:013d}#{made.id}"
    content = {name: value for name, value in asdict(made).items() if value}
    return {
        "b": dump(content),
        "g1": "IMPORT",
        "g1s": when,
        "g2": f"IMPORTKEY#{made.key}",
        "g2s": when,
        "g4": "ACTIVE" if made.status.active else None,
        "g4s": when if made.status.active else None,
    }
