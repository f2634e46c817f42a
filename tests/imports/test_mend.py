"""`errors.csv`, mended and dropped again: only its rows run, and the first import's totals move."""

import csv
import io

import pytest

from tests.imports.door import FileDoor

FILE = "email;first_name;phone\na@x.org;Ana;\nbob@;Bob;\n+1@;=SUM(1);+34600\nc@x.org;Cy;\n"


def written(rows: list[list[str]], delimiter: str = ";") -> str:
    """Rows as a spreadsheet saves them."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


@pytest.fixture
def door() -> FileDoor:
    """A stage in which a file with two bad rows was imported."""
    return FileDoor()


def test_a_mended_row_takes_effect_and_the_totals_move(door: FileDoor) -> None:
    """The first import counts it as created; the rows that are still bad stay in its errors."""
    metadata = {"inlet-tags": "vip", "inlet-acquisition": "opted_in"}
    first = door.import_file("inbox/fair/a.csv", FILE, metadata)
    assert (first["created"], first["rejected"]) == (2, 2)
    rows = door.errors(first["import"], ";")
    rows[1][5] = "bob@x.org"
    second = door.import_file("inbox/other/errors.csv", written(rows))
    assert (second["rows"], second["created"], second["rejected"]) == (2, 1, 1)
    assert second["mends"] == first["import"]
    now = door.summary(first["import"])
    assert (now["rows"], now["created"], now["rejected"]) == (4, 3, 1)
    assert now["codes"] == {"email_invalid": 1, "phone_invalid": 1}
    assert [row[1] for row in door.errors(first["import"], ";")[1:]] == ["4"]
    touch = next(t for t in door.touches() if t.values.get("email") == "bob@x.org")
    assert (touch.source.name, touch.source.import_id) == ("fair", first["import"])
    assert (touch.tags, touch.ordinal) == ({"vip": True}, 3)
    assert not touch.source.borrowed


def test_formulas_survive_the_way_out_and_back(door: FileDoor) -> None:
    """A spreadsheet sees no formula, and the mended row brings the value as it was."""
    first = door.import_file("inbox/a.csv", FILE)
    body = door.files.body(f"reports/{first['import']}/errors.csv")
    assert body.startswith(b"\xef\xbb\xbf_import;_row;")
    rows = door.errors(first["import"], ";")
    assert rows[2][5:] == ["'+1@", "'=SUM(1)", "'+34600"]
    rows[2][5], rows[2][7] = "d@x.org", "'+34600123456"
    door.import_file("inbox/errors.csv", written(rows, ","))
    lead = next(value for value in door.values() if value["email"] == "d@x.org")
    phone = {"phone": "+34600123456", "phone_type": "mobile"}
    assert lead == {"email": "d@x.org", "first_name": "=SUM(1)", **phone}


def test_the_errors_of_a_mended_file_can_be_mended_again(door: FileDoor) -> None:
    """They still name the first import and its rows, and move its totals again."""
    first = door.import_file("inbox/a.csv", FILE)
    rows = door.errors(first["import"], ";")
    rows[1][5] = "bob@x.org"
    second = door.import_file("inbox/errors.csv", written(rows))
    rest = door.errors(second["import"], ";")
    assert rest[1][:2] == [first["import"], "4"]
    rest[1][5], rest[1][7] = "d@x.org", ""
    third = door.import_file("inbox/errors.csv", written(rest))
    assert (third["rows"], third["created"]) == (1, 1)
    now = door.summary(first["import"])
    assert (now["created"], now["rejected"], now["codes"]) == (4, 0, {})
    assert len(door.errors(first["import"])) == 1


def test_a_mended_file_dropped_twice_moves_nothing_more(door: FileDoor) -> None:
    """What was mended is repeated, and the first import counts it once."""
    first = door.import_file("inbox/a.csv", FILE)
    rows = door.errors(first["import"], ";")
    rows[1][5] = "bob@x.org"
    door.import_file("inbox/errors.csv", written(rows))
    before, leads = door.summary(first["import"]), door.values()
    again = door.import_file("inbox/errors.csv", written(rows))
    assert (again["repeated"], again["rejected"]) == (1, 1)
    assert door.summary(first["import"]) == before
    assert door.values() == leads


def test_rows_that_are_not_the_imports_are_refused(door: FileDoor) -> None:
    """An invented row, a row of another import, a row twice: refused, and no total moves."""
    first = door.import_file("inbox/a.csv", FILE)
    header, bob, _ = door.errors(first["import"], ";")
    good = [*bob[:5], "bob@x.org", "Bob", ""]
    strays = [[first["import"], row, *good[2:]] for row in ("99", "", "-3", "x", "1" * 20)]
    rows = [header, good, good, ["f" * 32, "3", *good[2:]], *strays]
    second = door.import_file("inbox/errors.csv", written(rows))
    assert (second["created"], second["rejected"]) == (1, 7)
    assert second["codes"] == {"mend_unknown_row": 7}
    now = door.summary(first["import"])
    assert (now["rows"], now["created"], now["rejected"]) == (4, 3, 1)


def test_a_ragged_row_can_be_mended(door: FileDoor) -> None:
    """The row has its missing cell again and takes its place."""
    first = door.import_file("inbox/a.csv", "email,a,b\nx@x.org,1\ny@x.org,1,2,3\n")
    assert first["codes"] == {"row_ragged": 2}
    rows = door.errors(first["import"])
    assert rows[2][5:] == ["y@x.org", "1", "2", "3"]
    rows[1].append("2")
    second = door.import_file("inbox/errors.csv", written(rows, ","))
    assert (second["created"], second["codes"]) == (1, {"row_ragged": 1})
    assert door.summary(first["import"])["created"] == 1


def test_an_import_whose_work_is_gone_cannot_be_mended(door: FileDoor) -> None:
    """Chunks are kept for a time; after it a mended file fails clearly and writes nothing."""
    first = door.import_file("inbox/a.csv", FILE)
    rows = door.errors(first["import"], ";")
    door.files.delete(f"work/{first['import']}/plan.json")
    second = door.import_file("inbox/errors.csv", written(rows))
    assert (second["status"], second["code"]) == ("failed", "mend_unknown_import")
    assert door.summary(first["import"]) == first
