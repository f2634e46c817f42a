"""Records that name their own values (XML, JSON) as rows of one table.

The columns are all paths that occur in any record, in the order in which they first do: so a file
is read once for them, and again for the cells.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from chalicelib import errors
from chalicelib.formats import Opened, Row

MAX_COLUMNS = 1000
# Of one path in one record; what comes beyond is kept in the last, a line each.
MAX_REPEATS = 10
MAX_DEPTH = 64

Record: TypeAlias = Mapping[str, str]


def put(record: dict[str, str], path: str, value: str) -> None:
    """Add a value under a path; a second one is `path[2]`."""
    if path not in record:
        record[path] = value
        return
    for number in range(2, MAX_REPEATS + 1):
        name = f"{path}[{number}]"
        if name not in record:
            record[name] = value
            return
    record[name] += "\n" + value


def table(records: Callable[[], Iterator[Record]], encoding: str) -> Opened:
    """Rows of all records; `TooLarge` (`too_many_columns`), `Unreadable` (`no_records`)."""
    columns: dict[str, int] = {}
    count = 0
    for record in records():
        count += 1
        for path in record:
            columns.setdefault(path, len(columns))
        if len(columns) > MAX_COLUMNS:
            raise errors.TooLarge(str(len(columns)), code="too_many_columns")
    if not columns and count == 0:
        raise errors.Unreadable("no records in this file", code="no_records")
    return Opened(encoding, "", _rows(records(), columns), header=list(columns))


def _rows(records: Iterator[Record], columns: Mapping[str, int]) -> Iterator[Row]:
    for number, record in enumerate(records, 1):
        yield number, [record.get(path, "") for path in columns], ""


def too_deep() -> errors.TooLarge:
    """The error of things in things in things."""
    return errors.TooLarge(f"nested deeper than {MAX_DEPTH}", code="nested_too_deep")
