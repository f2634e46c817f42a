"""Form tokens: ours, of this form, and of the right age."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import Rejected
from chalicelib.intake.form import issue_token, read_token
from tests.intake.form_factories import NOW, SECRET

TOKEN = issue_token(SECRET, "contact", NOW, "n-1")


def code(token: str, *, form: str = "contact", seconds: float = 10) -> str:
    """The nonce of a token of this age or the code of its refusal."""
    try:
        later = NOW + timedelta(seconds=seconds)
        return read_token(SECRET, form, token, later, min_seconds=2, max_seconds=60)
    except Rejected as error:
        return error.code


def test_a_token_gives_its_nonce() -> None:
    """A token of ours, of the right age, is read."""
    assert code(TOKEN) == "n-1"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(1.999, "token_fast"), (-5, "token_fast"), (2, "n-1"), (60, "n-1"), (60.001, "token_expired")],
)
def test_ages(seconds: float, expected: str) -> None:
    """A token counts between its two ages, both included."""
    assert code(TOKEN, seconds=seconds) == expected


def test_no_token() -> None:
    """An absent token has a code of its own."""
    assert code("") == "token_missing"


def test_another_forms_token() -> None:
    """A token is bound to its form."""
    assert code(TOKEN, form="other") == "token_invalid"


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_every_character_counts(place: int, character: str) -> None:
    """A token with any character changed is refused."""
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    assert changed == TOKEN or code(changed) == "token_invalid"


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text makes anything but a refusal."""
    assert code(text) in ("token_missing", "token_invalid")


@pytest.mark.parametrize("nonce", ["", "a.b", "x" * 65, "é"])
def test_a_nonce_that_could_not_be_read_is_ours_to_mend(nonce: str) -> None:
    """A nonce that would make an unreadable token is refused when it is issued."""
    with pytest.raises(ValueError, match="nonce"):
        issue_token(SECRET, "contact", NOW, nonce)
