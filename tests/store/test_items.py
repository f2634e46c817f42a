"""How a body is written at rest: what comes back is what was put in, whoever wrote it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.store.items import dump

TEXTS = st.text(st.characters(codec="utf-8"))
BODIES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=30,
)


@given(BODIES)
def test_a_body_comes_back_as_it_was(body: Any) -> None:
    """Texts of every script, numbers of any size, lists and objects."""
    assert json.loads(dump(body)) == body


@given(BODIES)
def test_a_body_is_written_in_one_way(body: Any) -> None:
    """The fast writer and the other one give the same text: what is stored does not tell which."""
    assert dump(body) == json.dumps(body, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize(
    ("text", "stored"), [("half \ud83d", "half \ufffd"), ("\ud83d\ude00", "😀"), ("سلام", "سلام")]
)
def test_half_a_surrogate_pair_is_replaced(text: str, stored: str) -> None:
    """No table takes one; two halves that belong together are one character."""
    assert json.loads(dump({text: [text]})) == {stored: [stored]}


def test_what_is_nested_deeply_is_written_all_the_same() -> None:
    """The fast writer stops at 254 levels; what a mapping kept may lie deeper."""
    body: Any = "x"
    for _ in range(300):
        body = [body]
    assert json.loads(dump(body)) == body
