"""A date is one day, and a birth date one on which somebody alive can have been born."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.fields import Context
from chalicelib.fields._jalali import gregorian
from chalicelib.fields.date import normalise
from chalicelib.intake.rules import FieldRule

BIRTH = FieldRule("birth_date", "date")


@pytest.mark.parametrize(
    ("jalali", "day"),
    [
        ((1403, 1, 1), "2024-03-20"),
        ((1403, 12, 30), "2025-03-20"),
        ((1399, 12, 30), "2021-03-20"),
        ((1400, 1, 1), "2021-03-21"),
        ((1357, 11, 22), "1979-02-11"),
        ((1300, 1, 1), "1921-03-21"),
        ((1404, 1, 1), "2025-03-21"),
        ((1408, 12, 30), "2030-03-20"),
    ],
)
def test_days_of_irans_calendar(jalali: tuple[int, int, int], day: str) -> None:
    """Well-known days, and those about leap years."""
    assert gregorian(*jalali) == datetime.date.fromisoformat(day)


@given(st.integers(1244, 1501))
def test_the_years_of_irans_calendar_join(year: int) -> None:
    """The day after a year's last is the next year's first."""
    last = gregorian(year, 12, 30) or gregorian(year, 12, 29)
    assert last is not None
    assert gregorian(year + 1, 1, 1) == last + datetime.timedelta(days=1)


@pytest.mark.parametrize("raw", ["1870-05-01", "2999-01-01"])
def test_nobody_is_born_in_the_future_or_120_years_ago(raw: str) -> None:
    """Such a birth date is refused; another date may be so."""
    normal = normalise(raw, Context(), BIRTH)
    assert normal.value is None
    assert [(p.code, p.fatal) for p in normal.problems] == [("date_implausible", True)]
    assert normalise(raw, Context(), FieldRule("due", "date")).value == raw


def test_a_birth_year_of_two_digits_lies_in_the_last_hundred_years() -> None:
    """Nobody was born in twenty years' time."""
    year = datetime.datetime.now(datetime.UTC).year + 5
    found = normalise(f"25/12/{year % 100:02}", Context(date_order="dmy"), BIRTH).value
    assert found == f"{year - 100}-12-25"
    other = normalise(f"25/12/{year % 100:02}", Context(date_order="dmy"), FieldRule("due")).value
    assert other == f"{year}-12-25"
