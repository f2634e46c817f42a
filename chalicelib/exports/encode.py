"""Rows as CSV, JSON lines and XLSX, so that nothing in them runs and all of them come back."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.formats._formula import neutralise, restore

BOM = b"\xef\xbb\xbf"
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# What one sheet holds without taking a function's time; a CSV has no bound.
MOST_XLSX_ROWS = 200_000
_LONGEST_CELL = 32_767
_SHEET = "Leads"


def head(kind: str, header: Sequence[str]) -> bytes:
    """What stands before the first row of a CSV."""
    return BOM + _csv([[neutralise(name) for name in header]]) if kind == "csv" else b""


def part(kind: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Some rows of a CSV, or as JSON lines (of which an XLSX is made at the end)."""
    if kind == "csv":
        return _csv([[neutralise(cell) for cell in row] for row in rows])
    # A workbook neutralises its own cells.
    made = rows if kind == "xlsx" else ([_exact(cell) for cell in row] for row in rows)
    return b"".join(_line(dict(zip(header, row, strict=True))) for row in made)


def workbook(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """An XLSX of texts, written row by row so that memory stays flat."""
    import xlsxwriter

    with TemporaryDirectory() as folder:
        path = Path(folder) / "export.xlsx"
        said = {"constant_memory": True, "tmpdir": folder}
        with xlsxwriter.Workbook(path, said) as book:
            sheet = book.add_worksheet(_SHEET)
            text = book.add_format({"num_format": "@"})
            sheet.set_column(0, max(len(header) - 1, 0), 18, text)
            sheet.freeze_panes(1, 0)
            _write(sheet, 0, header, book.add_format({"bold": True}))
            for number, row in enumerate(rows, 1):
                _write(sheet, number, row, text)
        return path.read_bytes()


def _write(sheet: object, number: int, row: Sequence[str], style: object) -> None:
    """Texts only: what looks like a formula, a number or an address is still a text."""
    for place, cell in enumerate(row):
        if cell:
            sheet.write_string(number, place, neutralise(cell)[:_LONGEST_CELL], style)  # type: ignore[attr-defined]


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def _line(record: dict[str, str]) -> bytes:
    kept = {name: text for name, text in record.items() if text}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _exact(text: str) -> str:
    """Nothing runs in JSON: only what an import would take for a neutralised text is made one."""
    return text if restore(text) == text else "'" + text
