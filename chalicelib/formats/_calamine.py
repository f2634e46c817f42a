"""Reads one sheet of a workbook in a process of its own: `python -m chalicelib.formats._calamine`.

A workbook is parsed whole by a compiled library, and a hostile one may ask for any amount of memory
or time. So it is read where a limit ends that process and nothing else. Standard input is the file;
arguments are the sheet that is wanted (or nothing) and the limits of memory (bytes) and time
(seconds). Standard output is JSON lines: first `{"sheet", "others"}` or `{"error", "detail"}`,
then `[row, [text, …]]`.
"""

import json
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from chalicelib.formats._cells import percent_of, text_of
from chalicelib.formats._percent import percents

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

MAX_COLUMNS = 1000
# Headers, and titles above them, stand here; merged cells below are data.
_HEADER_ROWS = 30


class Refused(Exception):
    """What keeps a sheet from being read: a code and its detail."""


def main(stream: BinaryIO, wanted: str) -> Iterator[str]:
    """The lines of the answer."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    try:
        book = CalamineWorkbook.from_filelike(stream)
        sheet, others = _chosen(book, wanted)
        width = sheet.end[1] + 1 if sheet.end else 0
        if width > MAX_COLUMNS:
            raise Refused("too_many_columns", str(width))  # noqa: TRY301 - answered below
        yield encode({"sheet": sheet.name, "others": others})
        for row in _rows(sheet, percents(stream, sheet.name)):
            yield encode(row)
    except Refused as error:
        yield encode({"error": error.args[0], "detail": error.args[1]})
    except PasswordError:
        yield encode({"error": "file_encrypted", "detail": ""})
    except (CalamineError, OSError, ValueError, OverflowError):
        yield encode({"error": "file_damaged", "detail": ""})


def _chosen(book: "CalamineWorkbook", wanted: str) -> "tuple[CalamineSheet, bool]":
    """The sheet to read, and whether there are other visible ones that nobody named."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    names = [one.name for one in sheets]
    visible = [one.name for one in sheets if one.visible == SheetVisibleEnum.Visible]
    if wanted:
        name = _named(names, visible, wanted)
        if name is None:
            raise Refused("sheet_missing", ", ".join(names)[:200])
        return book.get_sheet_by_name(name), False
    for name in visible or names:
        sheet = book.get_sheet_by_name(name)
        if sheet.height or name == (visible or names)[-1]:
            return sheet, len(visible) > 1
    raise Refused("sheet_missing", "")


def _named(names: Sequence[str], visible: Sequence[str], wanted: str) -> str | None:
    """By its name, else regardless of case, else by its number among the visible ones."""
    for name in names:
        if name == wanted:
            return name
    for name in names:
        if name.strip().casefold() == wanted.strip().casefold():
            return name
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else 0
    return visible[number - 1] if 0 < number <= len(visible) else None


def _rows(
    sheet: "CalamineSheet", is_percent: Callable[[int, int], bool] | None
) -> Iterator[tuple[int, list[str]]]:
    """The sheet's rows, numbered as the sheet does."""
    if sheet.start is None:
        return
    merged = _Merged(sheet)
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if is_percent:
            texts = [
                percent_of(value) if is_percent(number, column) else text_of(value)
                for column, value in enumerate(cells, 1)
            ]
        else:
            texts = [text_of(value) for value in cells]
        yield number, merged.filled(texts, number - 1)


class _Merged:
    """Merged cells above the data: the text of each stands in every cell that it covers."""

    def __init__(self, sheet: "CalamineSheet") -> None:
        self._corner: dict[tuple[int, int], tuple[int, int]] = {}
        self._texts: dict[tuple[int, int], str] = {}
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
            if bottom < _HEADER_ROWS and right - left < MAX_COLUMNS:
                for row in range(top, bottom + 1):
                    columns = range(left, right + 1)
                    self._corner |= {(row, column): (top, left) for column in columns}

    def filled(self, texts: list[str], row: int) -> list[str]:
        """A row with those texts in it."""
        if not self._corner or row >= _HEADER_ROWS:
            return texts
        for column, text in enumerate(texts):
            corner = self._corner.get((row, column))
            if corner == (row, column):
                self._texts[corner] = text
            elif corner and not text:
                texts[column] = self._texts.get(corner, "")
        return texts


def _limit(memory: int, seconds: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _write(lines: Iterator[str], out: Any) -> None:
    for line in lines:
        out.write(line.encode("utf-8", "replace") + b"\n")
    out.flush()


if __name__ == "__main__":
    _limit(int(sys.argv[2]), int(sys.argv[3]))
    try:
        _write(main(sys.stdin.buffer, sys.argv[1]), sys.stdout.buffer)
    except MemoryError:
        os._exit(12)
