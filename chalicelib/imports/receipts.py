"""Which rows a chunk held: noted in its record, so that they are found again without any object."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chalicelib.imports import records
from chalicelib.imports.records import Import
from chalicelib.intake.ids import make_id
from chalicelib.ports import Outside


def spans(rows: Iterable[int]) -> list[list[int]]:
    """Row numbers as first and last of each run of neighbours: a handful for most chunks."""
    made: list[list[int]] = []
    for row in sorted(set(rows)):
        if made and row == made[-1][1] + 1:
            made[-1][1] = row
        else:
            made.append([row, row])
    return made


def rows_of(content: Mapping[str, Any]) -> list[int]:
    """The rows of a chunk from its record."""
    return [row for first, last in content.get("rows", ()) for row in range(first, last + 1)]


def receipts(outside: Outside, imp: Import, rows: Sequence[int]) -> dict[str, int]:
    """The submissions of some rows of an import: row by receipt, in their order."""
    owner = _owner(outside, imp)
    return {make_id(outside.secret, "file", *owner, str(row)): row for row in rows}


def _owner(outside: Outside, imp: Import) -> tuple[str, str, str]:
    """The object by which rows are known: the first import's, where this one mended it."""
    first = records.load(outside.table, imp.mends) if imp.mends else None
    known = first or imp
    return known.bucket, known.key, known.etag
