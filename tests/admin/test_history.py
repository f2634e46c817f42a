"""Rows of history on a lead's timeline: what kind of thing, and what they tell of it."""

from chalicelib.admin import masking
from chalicelib.admin.schemas import SCHEMAS
from chalicelib.admin.shapes import submission_shape
from tests.admin.matching import mismatches
from tests.imports.door import FileDoor

BOUGHT = "email,Date,Product\na@x.org,2024-03-25 14:05,Table\n"


def test_a_row_of_history_says_what_it_tells() -> None:
    """Its kind and the columns that no field takes; a masked caller sees only that there are some."""
    door = FileDoor()
    door.import_file("inbox/a.csv", BOUGHT, {"inlet-history": "purchase"})
    shape = submission_shape(door.touches()[0], "")
    assert shape["history"] == {"kind": "purchase", "details": {"Product": "Table"}}
    assert shape["submitted_at"] == "2024-03-25T14:05:00.000Z"
    assert list(mismatches({**shape, "files": []}, SCHEMAS["Submission"])) == []
    assert masking.submission(shape)["history"]["details"] == {"Product": masking.HIDDEN}


def test_other_submissions_have_none() -> None:
    """What is kept beside their values is no history."""
    door = FileDoor()
    door.import_file("inbox/a.csv", "email,Product\na@x.org,Table\n")
    assert "history" not in submission_shape(door.touches()[0], "")
