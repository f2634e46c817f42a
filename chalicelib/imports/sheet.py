"""A dropped file as records: where each begins, which row it is, its cells, what is wrong with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from chalicelib.formats import Opened, Reading, Row, open_rows
from chalicelib.formats._formula import restore
from chalicelib.formats._source import Source
from chalicelib.imports import mended
from chalicelib.imports.header_row import LOOKED_AT, find_header, unnamed
from chalicelib.imports.mojibake import Watch
from chalicelib.imports.options import Options
from chalicelib.imports.records import Import
from chalicelib.ports import Files
from chalicelib.presets._layout import REMARK


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

    `format`, `sheet` and `notes` are what the file was found to be, and what is to be known of it;
    the notes are complete when the rows were read.

    `mends` is the import whose rows these are; their five columns are left out of everything.
    """

    encoding: str
    delimiter: str
    header: list[str]
    mends: str
    rows: Iterator[Row]
    blank: int
    format: str = ""
    sheet: str = ""
    notes: tuple[str, ...] = ()

    def records(self) -> Iterator[Record]:
        """The rows, once; `blank` counts the lines whose every cell is empty."""
        before = len(mended.COLUMNS) if self.mends else 0
        width = len(self.header) + before
        named = before + len("\0".join(self.header).rstrip("\0").split("\0"))
        remarks = self.header.index(REMARK) + before if REMARK in self.header[:1] else -1
        watch = Watch()
        for line, cells, problem in self.rows:
            if not problem and not "".join(cells).strip():
                self.blank += 1
                continue
            if 0 <= remarks < len(cells) and cells[remarks].strip():
                self.blank += 1
                continue
            row = mended.row_of(cells, self.mends) if before else line
            if len(cells) != width:
                problem = _fitted(cells, named, width) or problem  # noqa: PLW2901
            if not row:
                problem = problem or mended.UNKNOWN_ROW  # noqa: PLW2901
            own = cells[before:] if before else cells
            watch.look(own)
            yield Record(line, row, [restore(c) if c[:1] == "'" else c for c in own], problem)
        if watch.found:
            self.notes = (*self.notes, "mojibake")


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
    """Open an import's file and find its header."""
    ours = mended.looks_mended(files, imp.key, imp.version)
    reading = Reading() if ours else reading_of(options)
    with Source(imp.key, lambda: files.open(imp.key, version=imp.version)) as source:
        file = open_rows(source, reading)
        sheet = _sheet(file, options)
        if mended.is_mended(sheet.header):
            _read_as_mended(sheet)
        yield sheet


def reading_of(options: Options) -> Reading:
    """What an import's options say of how its file is to be read."""
    return Reading(
        options.encoding, options.delimiter, options.sheet, options.quote, options.escape
    )


def _sheet(file: Opened, options: Options) -> Sheet:
    """A file with its header found: what stands above it is neither a row nor blank."""
    rows, notes = file.rows, file.notes
    if file.header is not None:
        header, blank = file.header, 0
    else:
        first = list(islice(rows, LOOKED_AT))
        at = find_header(first, options.mapping, options.header)
        above, body = first[: max(at, 0)], first[at + 1 :]
        filled = [row for row in above if "".join(row[1]).strip()]
        blank = len(above) - len(filled)
        header = [restore(cell) for cell in first[at][1]] if at >= 0 else unnamed(body)
        if at < 0 and not any("".join(row[1]).strip() for row in body):
            header, blank = [], len(body)
            body = []
        notes += ("titles_skipped",) if filled else ("no_header",) if header and at < 0 else ()
        rows = chain(body, rows)
    return Sheet(
        file.encoding, file.delimiter, header, "", rows, blank, file.format, file.sheet, notes
    )


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
