"""The file to fill in: a column for every field, and above the rows what each of them takes.

Its first column is headed `#`: a row with anything there is a remark and no row of the import. So
the template may be dropped as it is, and its example row need not be deleted.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chalicelib.exports.encode import BOM
from chalicelib.formats._formula import neutralise
from chalicelib.imports.texts import text
from chalicelib.intake.field_set import FieldSet
from chalicelib.intake.rules import FieldRule, worded
from chalicelib.presets._layout import REMARK, TAGS

_EXAMPLES: Mapping[str, str] = {
    "email": "ana.gil@example.org", "phone": "+34 612 90 48 57", "first_name": "Ana",
    "last_name": "Gil", "full_name": "", "company": "Acme", "job_title": "Head of sales",
    "website": "https://example.org", "country": "ES", "region": "Madrid", "city": "Madrid",
    "postal_code": "28004", "address": "Gran Vía 3", "birth_date": "1985-04-23",
    "language": "es", "message": "", "notes": "", "interest": "", "consent": "true",
    TAGS: "fair, spring",
}  # fmt: skip
_BY_TYPE: Mapping[str, str] = {
    "date": "2026-01-31", "number": "1234.5", "percent": "12.5 %", "money": "100 EUR",
    "boolean": "true", "email": "ana.gil@example.org", "phone": "+34 612 90 48 57",
    "url": "https://example.org", "country": "ES", "language": "es",
}  # fmt: skip
_KEYS = ("email", "phone")
_PICKED = 255


def rows(fields: FieldSet, language: str) -> list[list[str]]:
    """The header, then remarks: labels, types, what is required, choices, help, an example."""
    rules = list(fields.rules.values())
    names = [REMARK, *(rule.name for rule in rules), TAGS]
    table = [names]
    for part, tell in (
        ("label", lambda rule: rule.words(language)),
        ("type", lambda rule: rule.type),
        ("required", lambda rule: _required(rule, fields, language)),
        ("choices", lambda rule: " | ".join(rule.choices)),
        ("help", lambda rule: worded(rule.help, language)),
        ("example", _example),
    ):
        last = text("template.tags", language) if part == "help" else ""
        last = _EXAMPLES[TAGS] if part == "example" else last
        told = [text(f"template.{part}", language), *map(tell, rules), last]
        table.append([str(cell) for cell in told])
    return table


def _required(rule: FieldRule, fields: FieldSet, language: str) -> str:
    if rule.name in _KEYS:
        return text("template.key", language)
    essential = rule.required or rule.name in fields.essential
    return text("template.essential", language) if essential else ""


def _example(rule: FieldRule) -> str:
    if rule.choices:
        return rule.choices[0]
    return _EXAMPLES.get(rule.name, _BY_TYPE.get(rule.type, ""))


def as_csv(fields: FieldSet, language: str) -> bytes:
    """The template as CSV, which a spreadsheet opens in the right encoding."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(map(neutralise, row) for row in rows(fields, language))
    return BOM + out.getvalue().encode()


def as_xlsx(fields: FieldSet, language: str) -> bytes:
    """The template as XLSX: texts stay texts, and what has choices lets one be picked."""
    import xlsxwriter

    table = rows(fields, language)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("Leads")
            plain = book.add_format({"num_format": "@"})
            bold = book.add_format({"bold": True, "bg_color": "#e8eef9", "num_format": "@"})
            pale = book.add_format({"italic": True, "font_color": "#66707c", "num_format": "@"})
            sheet.set_column(0, len(table[0]) - 1, 20, plain)
            for number, row in enumerate(table):
                for place, cell in enumerate(row):
                    sheet.write_string(number, place, neutralise(cell), pale if number else bold)
            sheet.freeze_panes(1, 1)
            _pickers(sheet, list(fields.rules.values()), len(table))
        return path.read_bytes()


def _pickers(sheet: Any, rules: Sequence[FieldRule], first: int) -> None:
    """A list to pick from where a field has choices; a spreadsheet takes 255 characters of them."""
    for place, rule in enumerate(rules, 1):
        if rule.choices and len(",".join(rule.choices)) <= _PICKED:
            picked = {"validate": "list", "source": list(rule.choices), "error_type": "warning"}
            sheet.data_validation(first, place, 1_048_575, place, picked)
