"""The rows of files that a person was in: which imports hold them, and where each keeps them.

That a row was redacted is noted under its import first. Whoever rewrites an object takes out all
rows noted by then and looks again afterwards, so that two who do so at once lose neither's.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from chalicelib.imports import records
from chalicelib.imports.receipts import rows_of
from chalicelib.model import Door, Touch
from chalicelib.ports import Insert, Key, Table
from chalicelib.privacy.places._place import Task

_GROUP = 1000


def tasks(place: str, touches: Sequence[Touch]) -> list[Task]:
    """A task for each import that holds rows of these submissions.

    `chunks` are those known by the submissions; an import in which a row only came again, or was
    mended, is searched.
    """
    rows: dict[str, set[int]] = {}
    chunks: dict[str, set[int]] = {}
    searched: set[str] = set()
    for touch in touches:
        if touch.door is not Door.FILE or not touch.chunk:
            continue
        own, _, number = touch.chunk.partition("#")
        for name in {own, touch.source.import_id, *touch.again} - {""}:
            rows.setdefault(name, set()).add(touch.ordinal)
            if name == own:
                chunks.setdefault(name, set()).add(int(number))
            else:
                searched.add(name)
    return [
        {
            "place": place,
            "import": name,
            "rows": sorted(found),
            "chunks": [] if name in searched else sorted(chunks.get(name, ())),
        }
        for name, found in sorted(rows.items())
    ]


def redact(table: Table, import_id: str, rows: Iterable[int]) -> None:
    """Note that rows of an import are not to be shown or kept any more; again changes nothing."""
    groups: dict[int, set[int]] = {}
    for row in rows:
        groups.setdefault(row // _GROUP, set()).add(row)
    for group, numbers in groups.items():
        key = Key(f"I#{import_id}", f"E#{group:06d}")
        if table.add(key, "rows", numbers) is None:
            table.write([Insert(key, {})])
            table.add(key, "rows", numbers)


def redacted(table: Table, import_id: str) -> set[int]:
    """The rows of an import that are redacted."""
    found: set[int] = set()
    after: Mapping[str, str] | None = None
    while True:
        page = table.query(f"I#{import_id}", begins="E#", after=after)
        for item in page.items:
            rows = item.get("rows", set())
            assert isinstance(rows, set)
            found |= {int(row) for row in rows}
        if (after := page.after) is None:
            return found


def settled(table: Table, import_id: str, work: Callable[[set[int]], int]) -> int:
    """Let `work` take rows out until nobody redacted others meanwhile; how much it changed."""
    changed = 0
    while True:
        rows = redacted(table, import_id)
        changed += work(rows)
        if redacted(table, import_id) == rows:
            return changed


def chunks_of(table: Table, import_id: str, task: Task) -> list[int]:
    """The chunks that hold a task's rows: those it knows, else by what the chunks' records say."""
    if task["chunks"]:
        return list(task["chunks"])
    wanted = set(task["rows"])
    found = set()
    for sort, content in records.bodies(table, import_id, "C"):
        if wanted.intersection(rows_of(content)):
            found.add(int(sort.rpartition("#")[2]))
    return sorted(found)
