"""A name keeps its letters; what looks like none is kept too, and flagged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.fields import Context
from chalicelib.fields._casing import recased
from chalicelib.fields.name import normalise
from chalicelib.intake.rules import FieldRule

RULE = FieldRule("first_name", "name")


@given(st.text())
def test_casing_changes_nothing_but_case(text: str) -> None:
    """Whatever is recased has the letters that it had, and is left alone the second time."""
    found = recased(text)
    assert found.upper() == text.upper()
    assert recased(found) == found


@pytest.mark.parametrize("text", ["McDonald", "mCDONALD", "Ana de Vries", "van der Berg"])
def test_mixed_case_is_its_owners_business(text: str) -> None:
    """A name with a capital and a small letter is written as its owner writes it."""
    assert recased(text) == text


def test_two_equal_last_names_are_no_slip() -> None:
    """Many a Spanish person has the same last name from both parents."""
    last, first = FieldRule("last_name", "name"), RULE
    assert normalise("García García", Context(), last).problems == ()
    doubled = normalise("García García", Context(), first).problems
    assert [(p.code, p.fatal) for p in doubled] == [("name_doubled", False)]


def test_a_repair_tells_what_was_written() -> None:
    """Both forms stand in the repair."""
    (repair,) = normalise(" ANA  RUIZ ", Context(), RULE).repairs
    assert (repair.field, repair.before, repair.after) == ("first_name", "ANA RUIZ", "Ana Ruiz")
