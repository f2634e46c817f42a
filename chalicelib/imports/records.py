"""An import's items in the table: itself, one a chunk, which chunks are done, and what mends it.

An import's chunks are worked through once for each of its *runs*: the import itself, whose run is
the empty text, and before it its rehearsal, and after it each undo.

I#{import}  I                   the import, listed by time, by key, and while it is active
I#{import}  B{run}#{chunk}      somebody began with this chunk: it is finished whatever is said then
I#{import}  C{run}#{chunk}      what one chunk came to: written once, under a condition
I#{import}  D{run}#{thousand}   the numbers of the chunks that are done: a set
I#{import}  M#{import}#{chunk}  the rows that a mended file's chunk judged anew
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, field, replace
from enum import StrEnum
from typing import Any

from chalicelib.noun import noun
from chalicelib.ports import Attribute, Insert, Item, Key, Table, Update
from chalicelib.store.items import dump, present
from chalicelib.store.marks import mark

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


class Task(StrEnum):
    """What a run does with each chunk."""

    IMPORT = "import"
    REHEARSE = "rehearse"
    COMPARE = "compare"
    CHECK = "check"
    UNDO = "undo"
    REDO = "redo"


class Stop(StrEnum):
    """What was said to a run that is under way: no further chunk begins."""

    PAUSE = "pause"
    CANCEL = "cancel"


@noun
class Import:
    """One dropped file. `code` and `detail` say why it failed, or why it holds no rows.

    `chunks` is known once the file is split. `mends` is the import whose rows this file brings
    back. `options` came with the API call that prepared it. `watch` is what the sweep saw last.
    `task` and `run` are what the workers are at, `runs` how many there were before, `stop` what was said to them meanwhile, `back` the
    status that an undo began from, `group` is the name under which several files add up (option `run`), `asked` what it is to take back (`rows`, `column`; nothing is
    all). `split_to` is the last chunk that the splitter announced, `split_rows` the records in all
    of them. `restore_ms` is a time before the first write. `rehearsed`: there was a dry run; `checked` is the
    run in which its commit looked what has changed since.
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
    task: Task = Task.IMPORT
    run: str = ""
    runs: int = 0
    stop: str = ""
    back: str = ""
    asked: Mapping[str, Any] = field(default_factory=dict)
    split_to: int = 0
    split_rows: int = 0
    restore_ms: int = 0
    rehearsed: bool = False
    checked: str = ""
    group: str = ""


def import_key(import_id: str) -> Key:
    """Where an import lies."""
    return Key(f"I#{import_id}", "I")


def chunk_key(import_id: str, number: int, run: str = "") -> Key:
    """Where a chunk's record lies."""
    return Key(f"I#{import_id}", f"C{run}#{number:06d}")


def begun_key(import_id: str, number: int, run: str = "") -> Key:
    """Where it is noted that somebody began with a chunk."""
    return Key(f"I#{import_id}", f"B{run}#{number:06d}")


def done_key(import_id: str, number: int, run: str = "") -> Key:
    """Where it is noted that a chunk is done."""
    return Key(f"I#{import_id}", f"D{run}#{(number - 1) // GROUP:04d}")


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


def several(table: Table, import_ids: Sequence[str]) -> list[Import]:
    """Some imports in the order asked for; those that are not there are left out."""
    keys = [import_key(each) for each in dict.fromkeys(import_ids)]
    there = table.get(keys) if keys else {}
    return [read(there[key]) for key in keys if key in there]


def change(table: Table, import_id: str, make: Callable[[Import], Import]) -> Import:
    """Change an import as it now is; where somebody else did meanwhile, look again."""
    key = import_key(import_id)
    while True:
        item = table.get([key])[key]
        here = read(item)
        made = make(here)
        version = item["v"]
        assert isinstance(version, int)
        if made.status is not here.status:
            mark(table, [made.started_ms], time.time_ns() // 1_000_000)
        if made == here or table.write([Update(key, _item(made), version)])[0]:
            return made


def open_done(table: Table, import_id: str, number: int, run: str = "") -> None:
    """Make room to note that a chunk, and those of its group, are done."""
    table.write([Insert(done_key(import_id, number, run), {})])


def note_done(table: Table, import_id: str, number: int, run: str = "") -> None:
    """Note that a chunk is done; noting it again changes nothing."""
    key = done_key(import_id, number, run)
    if table.add(key, "done", {number}) is None:
        table.write([Insert(key, {})])
        table.add(key, "done", {number})


def begun(table: Table, import_id: str, run: str = "") -> set[int]:
    """The numbers of the chunks that somebody began with."""
    items = _partition(table, import_id, f"B{run}#")
    return {int(str(item["sk"]).rpartition("#")[2]) for item in items}


def done(table: Table, import_id: str, run: str = "") -> set[int]:
    """The numbers of the chunks that are done."""
    found: set[int] = set()
    for item in _partition(table, import_id, f"D{run}#"):
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


def content(item: Item) -> dict[str, Any]:
    """What a record says."""
    made: dict[str, Any] = json.loads(str(item["b"]))
    return made


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
    return replace(made, status=Status(made.status), task=Task(made.task))


def _item(made: Import) -> dict[str, Attribute | None]:
    when = f"{made.started_ms:013d}#{made.id}"
    content = {name: value for name, value in asdict(made).items() if value}
    return {
        "b": dump(content),
        "g1": "IMPORT",
        "g1s": when,
        "g2": f"IMPORTKEY#{made.key}",
        "g2s": when,
        "g3": f"IMPORTGROUP#{made.group}" if made.group else None,
        "g3s": when if made.group else None,
        "g4": "ACTIVE" if made.status.active else None,
        "g4s": when if made.status.active else None,
    }
