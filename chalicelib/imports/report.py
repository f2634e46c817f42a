"""What is left of an import for people: `summary.json`, `errors.csv` and `report.html`."""

import codecs
import csv
import io
import json
from collections.abc import Iterator
from itertools import chain

from chalicelib import errors
from chalicelib.formats._formula import neutralise
from chalicelib.imports import mended
from chalicelib.imports import plan as plans
from chalicelib.imports._page import page
from chalicelib.imports.plan import Plan, plan_of
from chalicelib.imports.records import Import, Status
from chalicelib.imports.summary import build, summary_key
from chalicelib.imports.totals import Totals
from chalicelib.ports import Files, Outside

BOM = b"\xef\xbb\xbf"


def write(outside: Outside, imp: Import, status: Status, made: Totals) -> None:
    """Write all three; each is a function of what is stored, so writing again changes nothing."""
    files, plan = outside.files, plan_of(outside.files, imp.id)
    content = build(imp, plan, made, status)
    wide = bool(plan and plan.encoding.startswith("utf-16"))
    lines = _errors(files, imp, plan, made)
    # Excel parts a tabbed file into cells only in UTF-16; any other in UTF-8 with its mark.
    coded = (line.decode("utf-8-sig").encode("utf-16-le") for line in lines) if wide else lines
    marked = chain([codecs.BOM_UTF16_LE], coded) if wide else coded
    kind = f"text/csv; charset={'utf-16' if wide else 'utf-8'}"
    files.write_lines(errors_key(imp.id), marked, content_type=kind)
    html = page(content, imp.language or "en", outside.url)
    files.write(page_key(imp.id), html.encode(), content_type="text/html; charset=utf-8")
    text = json.dumps(content, ensure_ascii=False, indent=1)
    files.write(summary_key(imp.id), text.encode(), content_type="application/json")


def errors_key(import_id: str) -> str:
    """The object that holds the rows to mend."""
    return f"reports/{import_id}/errors.csv"


def page_key(import_id: str) -> str:
    """The object that holds the page to read."""
    return f"reports/{import_id}/report.html"


def _errors(files: Files, imp: Import, plan: Plan | None, made: Totals) -> Iterator[bytes]:
    """The rows to mend, in their order, a chunk at a time; safe to open in a spreadsheet.

    A mended file's rows are still the first import's, and can be mended once more.
    """
    delimiter = (plan.delimiter if plan else "") or ","
    yield BOM + _csv([[*mended.COLUMNS, *(plan.header if plan else ())]], delimiter)
    owner = imp.mends or imp.id
    for number in made.faulty:
        rows = [
            [owner, str(row), code, field, message, *cells]
            for row, code, field, message, cells in _faulty(files, imp.id, number)
            if row not in made.moved
        ]
        yield _csv(rows, delimiter)


def _faulty(
    files: Files, import_id: str, number: int
) -> list[tuple[int, str, str, str, list[str]]]:
    try:
        body = files.read(plans.errors_object(import_id, number))
    except errors.Missing:
        return []  # chunks are kept for a time only; what they came to is kept for good
    return [tuple(json.loads(line)) for line in body.split(b"\n")]


def _csv(rows: list[list[str]], delimiter: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(map(neutralise, row) for row in rows)
    return out.getvalue().encode()
