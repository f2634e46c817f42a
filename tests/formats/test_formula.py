"""Formulas are made harmless on the way out, and exactly that is undone on the way in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.formats._formula import neutralise, restore

values = st.text() | st.text(st.sampled_from("'=+-@\t\r1a"))


@given(values)
def test_what_goes_out_comes_back(value: str) -> None:
    """The second undoes the first, whatever the value, quoted already or not."""
    assert restore(neutralise(value)) == value


@given(values)
def test_nothing_that_goes_out_is_a_formula(value: str) -> None:
    """No spreadsheet runs what was neutralised."""
    assert neutralise(value)[:1] not in ("=", "+", "-", "@", "\t", "\r") or not value


@pytest.mark.parametrize(
    ("value", "out"),
    [("+34600", "'+34600"), ("'=1", "''=1"), ("O'Neil", "O'Neil"), ("'tis", "'tis"), ("", "")],
)
def test_only_formulas_are_touched(value: str, out: str) -> None:
    """A name with an apostrophe stays as it is."""
    assert neutralise(value) == out
