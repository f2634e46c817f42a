"""Files that nobody can import say so, with a code, and leave no lead behind."""

import gzip

import pytest

from tests.imports.door import FileDoor, people

NOISE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (NOISE, "format_unknown"),
        (b"email\n" + b"a@x.org\n" * 30_000 + b"\xff\n", "encoding_unreadable"),
        (b"name,city\nAna,Lima\n", "no_key"),
        (b"email," + b"c," * 100_000 + b"\n", "too_many_columns"),
        (gzip.compress(b"email\n" * 3_000_000), "archive_bomb"),
        (b'<!DOCTYPE l [<!ENTITY a "b">]><l><x>&a;</x><x>1</x></l>', "xml_forbidden"),
        (b'[{"email": "a@x.org"}, {', "json_unreadable"),
        (b"email," + b"c," * 1500 + b"\n", "too_many_columns"),
        (b'email\n"' + b"x" * (9 * 2**20), "row_too_long"),
        (
            b"_import,_row,_code,_field,_message,email\nnope,2,a,b,c,a@x.org\n",
            "mend_unknown_import",
        ),
    ],
)
def test_a_file_that_cannot_be_fails_as_a_whole(body: bytes, code: str) -> None:
    """Failed, with its code, a report and no row written, wherever in the file the reason lies."""
    door = FileDoor()
    found = door.import_file("inbox/a.csv", body)
    assert (found["status"], found["code"], found["rows"]) == ("failed", code, 0)
    assert found["codes"] == {code: 1}
    assert door.touches() == []
    page = door.files.body(f"reports/{found['import']}/report.html").decode()
    assert code in page
    assert door.errors(found["import"])[0][0] == "_import"


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "empty_file"), (b"\n\r\n ,\n", "empty_file"), (b"email,name\n\n,\n", "no_rows")],
)
def test_a_file_without_rows_is_done_and_says_why(body: bytes, code: str) -> None:
    """Nothing at all, blanks only, or a header only: no rows, and a code that says which."""
    door = FileDoor()
    found = door.import_file("inbox/a.csv", body)
    assert (found["status"], found["code"], found["rows"]) == ("done", code, 0)
    assert found["codes"] == {code: 1}


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ({"inlet-dry_run": "perhaps"}, "option_invalid"),
        ({"inlet-mood": "upsert"}, "option_unknown"),
        ({"inlet-mode": "x"}, "option_invalid"),
        ({"inlet-mapping": '{"a": "b"}'}, "unknown_field"),
    ],
)
def test_an_option_that_cannot_be_fails_the_import(metadata: dict[str, str], code: str) -> None:
    """A trial must not run for good, and a slip of the pen must not be an option left out."""
    door = FileDoor()
    found = door.import_file("inbox/a.csv", people(2), metadata)
    assert (found["status"], found["code"]) == ("failed", code)
    assert door.touches() == []


def test_a_bad_row_spoils_only_itself() -> None:
    """A cell of 2 MB, NUL bytes, an unclosed quote: each row ends in its own fate."""
    rows = [
        "email,first_name,notes",
        "a@x.org,Ana,fine",
        f"b@x.org,Bob,{'x' * 2_000_000}",
        "c@x.org,C\0ara,n\0",
        f"d@x.org,Dan,{'y' * 150_000}",
        'e@x.org,Eva,"never closed',
        "f@x.org,Fay,lost in the quote",
    ]
    door = FileDoor()
    found = door.import_file("inbox/a.csv", "\n".join(rows))
    assert found["codes"] == {"too_long": 2, "quote_unclosed": 1}
    assert (found["rows"], found["created"], found["rejected"]) == (5, 2, 3)
    assert [value["first_name"] for value in door.values()] == ["Ana", "Cara"]
    assert [row[1] for row in door.errors(found["import"])[1:]] == ["3", "5", "6"]


def test_a_cell_that_nobody_mapped_may_not_burst_the_store() -> None:
    """What no field takes is kept up to what one stored item holds, else the row is refused."""
    door = FileDoor()
    found = door.import_file("inbox/a.csv", f"email,foo\na@x.org,{'z' * 300_000}\nb@x.org,1\n")
    assert (found["created"], found["codes"]) == (1, {"too_long": 1})


def test_an_object_that_went_away_or_was_replaced_is_said_to_be() -> None:
    """What was announced is imported, or nothing is."""
    door = FileDoor()
    door.drop("inbox/a.csv", people(1))
    door.files.delete("inbox/a.csv")
    (gone,) = door.run()
    assert door.summary(gone)["code"] == "object_missing"
    notification = door.drop("inbox/b.csv", people(1))
    stat, _ = door.files.objects["inbox/b.csv"][0]
    door.files.objects["inbox/b.csv"] = [(stat, b"")]
    object.__setattr__(stat, "etag", "another")
    (replaced,) = door.run()
    assert notification.etag != "another"
    assert door.summary(replaced)["code"] == "object_replaced"
    assert door.touches() == []
