"""The header is found where it is: below titles and comments, in two rows, or nowhere."""

import pytest

from chalicelib.formats import Row
from chalicelib.imports.header_row import find_header
from tests.imports.door import FileDoor


def rows(*lines: str) -> list[Row]:
    """Rows of cells that are written with `|` between them."""
    return [(n, line.split("|") if line else [], "") for n, line in enumerate(lines, 1)]


@pytest.mark.parametrize(
    ("lines", "at"),
    [
        (("email|name", "a@x.org|Ana"), 0),
        (("", "email|name", "a@x.org|Ana"), 1),
        (("Export of 1 May", "", "email|name", "a@x.org|Ana"), 2),
        (("# made by X", "# on Monday", "Correo;|Nombre", "a@x.org|Ana"), 2),
        (("Contact|Contact|Work", "E-mail|Phone|Company", "a@x.org|1|Acme"), 1),
        (("Kontakt|Quelle", "a@x.org|Phone"), 0),
        (("Liste", "Kontakt|Quelle", "a@x.org|Messe", "b@x.org|Messe"), 1),
        (("email", "a@x.org|Ana", "b@x.org|Bea"), 0),
        (("# comment", "thing", "value"), 1),
        (("a@x.org|Ana", "b@x.org|Bea"), -1),
        (("Ana|+34 600 123 456", "Bea|+34 600 123 457"), -1),
        (("", ""), -1),
    ],
)
def test_where_the_header_is(lines: tuple[str, ...], at: int) -> None:
    """Known names say it; without any, the shape of the rows does."""
    assert find_header(rows(*lines)) == at


def test_options_say_it_better() -> None:
    """Whoever knows is believed, and the headers of a mapping are known names."""
    lines = rows("a@x.org|Ana", "b@x.org|Bea")
    assert find_header(lines, wanted="yes") == 0
    assert find_header(rows("email|name", "a|b"), wanted="no") == -1
    assert find_header(rows("Titel", "Kontakt|x", "1|2"), ["Kontakt"]) == 1


def test_titles_are_no_rows_and_lines_keep_their_numbers() -> None:
    """The report says that they were left out; a row is still the line on which it stands."""
    door = FileDoor()
    found = door.import_file(
        "inbox/a.csv", "Spring fair\n\nEmail,First name\nnope,Ana\nb@x.org,Bea\n"
    )
    assert (found["rows"], found["created"], found["blank"]) == (2, 1, 1)
    assert found["notes"] == ["titles_skipped"]
    assert [row[1] for row in door.errors(found["import"])[1:]] == ["4"]


def test_a_file_without_a_header_is_mapped_by_number() -> None:
    """Its columns are named; what they hold is told with its reason, and the rest left alone."""
    door = FileDoor()
    mapping = {"inlet-mapping": '{"column 1": "email", "column 2": "first_name"}'}
    found = door.import_file("inbox/a.csv", "a@x.org,Ana\nb@x.org,Bea\n", mapping)
    assert (found["created"], found["notes"]) == (2, ["no_header"])
    told = door.import_file("inbox/b.csv", "c@x.org,Ana\n")
    assert [(c["field"], c["how"]) for c in told["columns"]] == [
        ("email", "content"),
        (None, "unmapped"),
    ]
    assert told["columns"][0]["why"]
    assert door.import_file("inbox/c.csv", "Bea,Ana\n")["code"] == "no_key"


def test_garbled_text_is_noticed() -> None:
    """It is imported as it is, and somebody is told."""
    door = FileDoor()
    found = door.import_file(
        "inbox/a.csv", "email,first_name\na@x.org,MarÃ\u00ada\nb@x.org,JosÃ©\n"
    )
    assert (found["created"], found["notes"]) == (2, ["mojibake"])
    fine = door.import_file("inbox/b.csv", "email,first_name\nc@x.org,María\n")
    assert fine["notes"] == []
    page = door.files.body(f"reports/{found['import']}/report.html").decode()
    assert "garbled" in page


def test_a_sheet_may_be_named() -> None:
    """By its name or its number; one that is not there is said to be missing, with those that are."""
    from tests.imports.six_shapes import brazilian

    door = FileDoor()
    found = door.import_file("inbox/a.xlsx", brazilian(), {"inlet-sheet": "contatos"})
    assert (found["created"], found["sheet"], found["format"]) == (1000, "Contatos", "xlsx")
    missing = door.import_file("inbox/b.xlsx", brazilian(), {"inlet-sheet": "2"})
    assert (missing["code"], missing["detail"]) == ("sheet_missing", "Contatos")
