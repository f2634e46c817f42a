"""A column of dates is read as a whole: its plain values settle those that may be two days."""

import pytest

from tests.imports.door import FileDoor
from tests.imports.test_mend import written

HEADER = "email,birth_date\n"


def born(door: FileDoor) -> dict[str, str | None]:
    """Every person's date of birth, by the name before the @."""
    people: dict[str, str | None] = {}
    for values in door.values():
        people[str(values["email"]).partition("@")[0]] = values.get("birth_date")
    return people


def rows(*dates: str) -> str:
    return HEADER + "".join(f"p{n}@x.org,{date}\n" for n, date in enumerate(dates))


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        (["03/04/1984", "25/12/1983"], ["1984-04-03", "1983-12-25"]),
        (["03/04/1984", "12/25/1983"], ["1984-03-04", "1983-12-25"]),
        (["30805", "30806", "30807.5"], ["1984-05-03", "1984-05-04", "1984-05-05"]),
    ],
)
def test_one_plain_value_settles_its_column(dates: list[str], days: list[str]) -> None:
    """The order of day and month, or that the numbers are a spreadsheet's days."""
    door = FileDoor()
    found = door.import_file("inbox/a.csv", rows(*dates))
    assert found["created"] == len(dates)
    assert list(born(door).values()) == days


def test_an_option_wins_over_the_column() -> None:
    """Who says the order knows better; a value that contradicts it can still mean one day only."""
    door = FileDoor()
    door.import_file("inbox/a.csv", rows("03/04/1984", "25/12/1983"), {"inlet-date-order": "mdy"})
    assert list(born(door).values()) == ["1984-03-04", "1983-12-25"]


def test_a_column_that_says_nothing_leaves_its_rows_to_be_mended() -> None:
    """Ambiguous is an error, not a guess; the mended row is read as its first file was."""
    door = FileDoor()
    found = door.import_file("inbox/a.csv", rows("03/04/1984", "05/06/1984"))
    assert found["codes"] == {"date_ambiguous": 2}
    first = door.import_file("inbox/b.csv", rows("03/04/1984", "25/12/1983", "nonsense"))
    mended = door.errors(first["import"])
    mended[1][-1] = "01/02/1983"
    door.import_file("inbox/errors.csv", written(mended, ","))
    assert born(door)["p2"] == "1983-02-01"
