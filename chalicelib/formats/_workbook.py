"""Sheets of workbooks as rows of texts, read by calamine: XLSX, XLSB, XLS and ODS alike.

Cells are texts as a person would write them down without doubt: days as ISO 8601, whole numbers
without `.0`, yes and no as `TRUE` and `FALSE`. https://pypi.org/project/python-calamine/
"""

import datetime
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib import errors
from chalicelib.formats import Opened, Reading, Row
from chalicelib.formats._bombs import Unpacked, check_entries, damaged, true_blocks
from chalicelib.formats._source import Source

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

# Unpacked, all in all. A workbook is held in memory while it is read: about three times this.
MAX_WORKBOOK = 256 * 2**20
MAX_COLUMNS = 1000
# Headers, and titles above them, stand here; merged cells below are data.
_HEADER_ROWS = 30

Percents = Callable[[str], Callable[[int, int], bool]]


def open_sheet(source: Source, reading: Reading, percents: Percents | None = None) -> Opened:
    """Open the sheet that `reading` names, else the first that is visible and holds something.

    Raises `Unreadable`: `file_encrypted`, `file_damaged`, `sheet_missing` (its detail: the sheets);
    `TooLarge`: `file_too_large`, `archive_bomb`, `too_many_columns`.
    """
    check(source)
    with _ours():
        book = _book(source)
        sheet, others = _chosen(book, reading.sheet)
        if sheet.total_width > MAX_COLUMNS:
            raise errors.TooLarge(str(sheet.total_width), code="too_many_columns")
        is_percent = percents(sheet.name) if percents else _never
        rows = _rows(sheet, is_percent)
        opened = Opened("", "", rows, sheet=sheet.name)
    return opened.noting("other_sheets") if others else opened


def check(source: Source) -> None:
    """Unpack everything once and keep nothing: what calamine will meet is then known."""
    archive = source.archive
    if archive is None:
        return
    check_entries(archive)
    if sum(entry.file_size for entry in archive.infolist()) > MAX_WORKBOOK:
        most = max(archive.infolist(), key=lambda entry: entry.file_size)
        _unpack(source, most, Unpacked())  # a bomb is called one
        raise errors.TooLarge(f"{MAX_WORKBOOK // 2**20} MB", code="file_too_large")
    size = Unpacked(most=MAX_WORKBOOK)
    for entry in archive.infolist():
        if not entry.is_dir():
            _unpack(source, entry, size)
    source.copy.seek(0)


def _unpack(source: Source, entry: zipfile.ZipInfo, size: Unpacked) -> None:
    for _ in true_blocks(source.copy, entry, size):
        pass


@contextmanager
def _ours() -> Iterator[None]:
    """Whatever calamine stumbles over is a damaged file, and a password is said to be one."""
    from python_calamine import CalamineError, PasswordError

    try:
        yield
    except PasswordError as error:
        raise errors.Unreadable("this file asks for a password", code="file_encrypted") from error
    except (CalamineError, OSError, ValueError, OverflowError, MemoryError) as error:
        raise damaged() from error


def _book(source: Source) -> "CalamineWorkbook":
    from python_calamine import CalamineWorkbook

    source.copy.seek(0)
    return CalamineWorkbook.from_filelike(source.copy)


def _chosen(book: "CalamineWorkbook", wanted: str) -> "tuple[CalamineSheet, bool]":
    """The sheet to read, and whether others hold rows that are then left out."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    sheets = [one for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    visible = [one.name for one in sheets if one.visible == SheetVisibleEnum.Visible]
    if wanted:
        names = [one.name for one in sheets]
        name = _named(names, visible, wanted)
        if name is None:
            raise errors.Unreadable(", ".join(names)[:200], code="sheet_missing")
        return book.get_sheet_by_name(name), False
    found = None
    for name in visible or [one.name for one in sheets]:
        sheet = book.get_sheet_by_name(name)
        if found is None or not found.height:
            found = sheet
        elif sheet.height > 1:
            return found, True
    if found is None:
        raise errors.Unreadable("", code="sheet_missing")
    return found, False


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


def _never(_row: int, _column: int) -> bool:
    return False


def _rows(sheet: "CalamineSheet", is_percent: Callable[[int, int], bool]) -> Iterator[Row]:
    """The sheet's rows, numbered as the sheet does."""
    if sheet.start is None:
        return
    merged = _Merged(sheet)
    with _ours():
        for number, cells in enumerate(sheet.iter_rows(), 1):
            texts = [
                _percent(value) if is_percent(number, column) else text_of(value)
                for column, value in enumerate(cells, 1)
            ]
            yield number, merged.filled(texts, number - 1), ""


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


def _percent(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return text_of(value)
    share = Decimal(repr(value)) * 100
    return f"{_plain(share)}%"


def text_of(value: Any) -> str:  # noqa: PLR0911 - one line a type
    """A cell's value as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime.datetime):
        return _moment(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return _duration(value)
    return value.isoformat() if isinstance(value, datetime.time) else str(value)


def _number(value: float) -> str:
    """As few digits as tell it from its neighbours, never an exponent, never `.0`."""
    return _plain(Decimal(repr(value))) if value == value and abs(value) < 1e300 else str(value)  # noqa: PLR0124


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: datetime.datetime) -> str:
    """A day where the clock stands at midnight: that is how a spreadsheet keeps days."""
    if value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="seconds")


def _duration(value: datetime.timedelta) -> str:
    seconds = int(value.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
