"""Cursors: opened by the list that sealed them, and by nobody else."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.admin.cursor import Cursors
from chalicelib.errors import Rejected

LIST = Cursors(b"secret", "/leads", {"name": "ana"})


def refused(cursors: Cursors, cursor: str) -> bool:
    """Whether a cursor is refused as one that is not of this list."""
    try:
        cursors.open(cursor)
    except Rejected as error:
        return (error.status, error.code) == (422, "cursor_invalid")
    return False


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_a_position_comes_back_as_it_was(position: str) -> None:
    """For every text; and none of it can be read from the cursor."""
    cursor = LIST.seal(position)
    assert cursor is not None
    assert LIST.open(cursor) == position
    raw = base64.urlsafe_b64decode(cursor + "==")
    assert len(position) < 4 or position.encode() not in raw


@given(
    st.text(max_size=100)
    | st.binary(max_size=60).map(lambda b: base64.urlsafe_b64encode(b).decode())
)
def test_garbage_is_refused(garbage: str) -> None:
    """Whatever it is; only nothing at all means the beginning."""
    assert garbage == "" or refused(LIST, garbage)


@given(st.integers(0), st.integers(1, 255))
def test_a_changed_cursor_is_refused(place: int, change: int) -> None:
    """One byte is enough."""
    cursor = LIST.seal("0000001000001#abc")
    assert cursor is not None
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=="))
    raw[place % len(raw)] ^= change
    assert refused(LIST, base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("="))


@pytest.mark.parametrize(
    "other",
    [
        Cursors(b"another", "/leads", {"name": "ana"}),
        Cursors(b"secret", "/submissions", {"name": "ana"}),
        Cursors(b"secret", "/leads", {"name": "eva"}),
        Cursors(b"secret", "/leads", {}),
    ],
)
def test_a_cursor_is_good_for_its_own_list_only(other: Cursors) -> None:
    """Not for other filters, another path, or another stage."""
    cursor = LIST.seal("here")
    assert cursor is not None
    assert refused(other, cursor)


def test_the_end_has_no_cursor() -> None:
    """And no cursor is the beginning."""
    assert LIST.seal("") is None
    assert LIST.open("") == ""
    assert refused(LIST, "x" * 10_000)
