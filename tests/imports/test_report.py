"""What is left of an import for people: the page, the rows to mend, and several files as one run."""

import re
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.imports.texts import LANGUAGES
from tests.imports.door import FileDoor
from tests.imports.test_mend import written

FILE = (
    "Correo electrónico,Teléfono,Nombre,<b>Zzq</b>,Unsubscribed,Fecha de nacimiento\n"
    "ana@gmial.com,612 90 48 57,ANA,x,,25/04/85\n"
    "eva@x.org,12,Eva,,yes,\n"
    "broken@,,Bo,,,\n"
)


@pytest.fixture
def door() -> FileDoor:
    """An empty stage."""
    return FileDoor()


def report(door: FileDoor, **said: str) -> tuple[dict[str, Any], str]:
    """The summary of a file with a bit of everything, and its page."""
    metadata = {f"inlet-{name}": value for name, value in said.items()}
    found = door.import_file("inbox/fair/a.csv", FILE, metadata)
    return found, door.files.body(f"reports/{found['import']}/report.html").decode()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_files_language_and_fetches_nothing(
    door: FileDoor, language: str
) -> None:
    """From right to left in Persian; no script, no address of anybody's, nothing unfilled."""
    _, html = report(door, language=language)
    direction = "rtl" if language == "fa" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in html
    assert "<script" not in html
    assert set(re.findall(r'(?:src|href)="([^"]*)"', html)) == {"errors.csv"}
    assert "://" not in html
    assert "{{" not in html
    assert html.count("<svg") > 3


def test_where_the_stage_is_known_the_page_leads_to_the_console(door: FileDoor) -> None:
    """Undo and the rows to mend are a click away: an object's neighbours need a signed address."""
    door.outside = replace(door.outside, url="https://leads.example.org")
    found, html = report(door)
    place = f"https://leads.example.org/console/imports/{found['import']}"
    assert re.findall(r'(?:src|href)="([^"]*)"', html) == [place, place]
    assert "POST /api/" not in html


def test_a_header_is_shown_and_does_nothing(door: FileDoor) -> None:
    """What a file's cells say is text on the page, never part of it."""
    _, html = report(door)
    assert "&lt;b&gt;Zzq&lt;/b&gt;" in html
    assert "<b>Zzq" not in html


def test_repairs_are_summed_by_field(door: FileDoor) -> None:
    """In the summary and on the page."""
    found, html = report(door)
    assert found["repairs"]
    assert {"field", "code", "count"} == set(found["repairs"][0])
    assert "What was put right" in html


def test_a_suggestion_stands_beside_its_error(door: FileDoor) -> None:
    """In the words of the row's message."""
    metadata = {"inlet-checks": '{"email": "block"}'}
    found = door.import_file("inbox/a.csv", "email\nana@gmial.com\n", metadata)
    (_, row) = door.errors(found["import"])
    assert row[2] == "email_typo"
    assert "ana@gmail.com" in row[4]


def test_the_rows_to_mend_of_a_wide_file_are_wide(door: FileDoor) -> None:
    """A tabbed file in UTF-16 gets one that Excel opens in cells, and that comes back as it went."""
    text = "email\tname\nana@x.org\tAna\nbroken@\tJosé\n"
    first = door.import_file("inbox/a.tsv", text.encode("utf-16"))
    body = door.files.body(f"reports/{first['import']}/errors.csv")
    assert body.startswith(b"\xff\xfe")
    mended = body.decode("utf-16").replace("broken@", "jose@x.org").encode("utf-16")
    door.import_file("inbox/errors.csv", mended)
    assert door.summary(first["import"])["created"] == 2
    assert {values.get("full_name") for values in door.values()} == {"Ana", "José"}


def test_rows_of_a_workbook_can_be_mended_as_csv(door: FileDoor) -> None:
    """Their numbers are the sheet's; the workbook's import moves."""
    import io

    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate((["email"], ["ana@x.org"], ["broken@"])):
            sheet.write_row(number, 0, row)
    first = door.import_file("inbox/a.xlsx", out.getvalue())
    rows = door.errors(first["import"])
    rows[1][5] = "mended@x.org"
    door.import_file("inbox/errors.csv", written(rows, ","))
    assert door.summary(first["import"])["created"] == 2
