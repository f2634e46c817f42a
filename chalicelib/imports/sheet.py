"""A dropped file as records: where each begins, which row it is, its cells, what is wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from chalicelib.formats import Reading, Row, format_of
from chalicelib.formats._formula import restore
from chalicelib.imports import mended
from chalicelib.imports.options import Options
from chalicelib.imports.records import Import
from chalicelib.ports import Files


class Record(NamedTuple):
    """One record: its place in this file, the row that it is, its cells, and a code or nothing.

    `row` is `line`, but in a mended file the row of the first import; 0 where it names none.
    """

    line: int
    row: int
    cells: list[str]
    problem: str


@dataclass
class Sheet:
    """A file that is being read. `header` is empty where the file is.

    `mends` is the import whose rows these are; their five columns are left out of everything.
    """

    encoding: str
    delimiter: str
    header: list[str]
    mends: str
    rows: Iterator[Row]
    blank: int

    def records(self) -> Iterator[Record]:
        """The rows, once; `blank` counts the lines whose every cell is empty."""
        before = len(mended.COLUMNS) if self.mends else 0
        width = len(self.header) + before
        named = before + len("\0".join(self.header).rstrip("\0").split("\0"))
        for line, cells, problem in self.rows:
            if not problem and not "".join(cells).strip():
                self.blank += 1
                continue
            row = mended.row_of(cells, self.mends) if before else line
            if len(cells) != width:
                problem = _fitted(cells, named, width) or problem  # noqa: PLW2901
            if not row:
                problem = problem or mended.UNKNOWN_ROW  # noqa: PLW2901
            own = cells[before:] if before else cells
            yield Record(line, row, [restore(c) if c[:1] == "'" else c for c in own], problem)


def _fitted(cells: list[str], named: int, width: int) -> str:
    """Make a row as wide as the header where that changes nothing, else say that it is ragged.

    Too few cells may be a broken quotation or a cell that was lost in the middle: nobody can tell,
    so nothing is shifted. Columns without a name may end early.
    """
    if len(cells) > width and not "".join(cells[width:]).strip():
        del cells[width:]
    elif named <= len(cells) < width:
        cells += [""] * (width - len(cells))
    return "" if len(cells) == width else "row_ragged"


@contextmanager
def opened(files: Files, imp: Import, options: Options) -> Iterator[Sheet]:
    """Open an import's file and read its header: the first line that is not blank."""
    ours = mended.looks_mended(files, imp.key, imp.version)
    reading = Reading() if ours else Reading(options.encoding, options.delimiter)
    with files.open(imp.key, version=imp.version) as stream:
        file = format_of(imp.key).open_rows(stream, reading)
        blank, header = 0, list[str]()
        for _, cells, _ in file.rows:
            if "".join(cells).strip():
                header = [restore(cell) for cell in cells]
                break
            blank += 1
        sheet = Sheet(file.encoding, file.delimiter, header, "", file.rows, blank)
        if mended.is_mended(header):
            _read_as_mended(sheet)
        yield sheet


def _read_as_mended(sheet: Sheet) -> None:
    """Find out which import is mended: the one that the first row names."""
    sheet.header = sheet.header[len(mended.COLUMNS) :]
    sheet.mends = "?"
    for row in sheet.rows:
        if "".join(row[1]).strip():
            sheet.mends = row[1][0].strip() or "?"
            sheet.rows = chain([row], sheet.rows)
            return
        sheet.blank += 1
