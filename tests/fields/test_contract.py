"""What every field type keeps to; a type gets these tests by lying on the shelf."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.fields import SHELF, Context, Normal, field_type
from chalicelib.intake.rules import FieldRule

EXAMPLES = Path(__file__).parent / "examples"
RULE = FieldRule("f")
CONTEXTS = (
    Context(),
    Context(region="ES", country="ES", date_order="dmy", checks={"email": "accept"}),
    Context(region="US", date_order="mdy", checks={"email": "block", "phone": "accept"}),
)

Example = dict[str, Any]


def examples(name: str) -> list[Example]:
    """The recorded examples of a type."""
    recorded: list[Example] = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return recorded


ALL = [(name, example) for name in SHELF.names() for example in examples(name)]

# Letters, digits and marks that the types react to, in any order.
_PIECES = (
    "@ . , : ; / - + ' \" < > ( ) # 0 1 9 00 ۱ ٣ ５ ٫ ． a Z İ ß Σ ñ e\u0301 علی 年 月 日 中 "
    "gmail.com http:// www. mailto: tel: \u200b \u200c \u202e \ufeff \x00 \ud800 \u0345 \u00a0"
)
PIECES = st.sampled_from(_PIECES.split(" "))
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(PIECES, max_size=12).map("".join),
    st.text(alphabet="0123456789.,'-+eE ", max_size=20),
    st.sampled_from([example["raw"] for _, example in ALL]),
)


def test_every_type_has_recorded_examples() -> None:
    """A new field type is one module and one file of examples."""
    assert set(SHELF.names()) == {file.stem for file in EXAMPLES.glob("*.json")}


@pytest.mark.parametrize(("name", "example"), ALL)
def test_examples_are_read_as_recorded(name: str, example: Example) -> None:
    """Each example gives its value, its problem, its repair and its suggestion, and no other."""
    rule = FieldRule("f", name, **_tuples(example.get("rule", {})))
    context = Context(**example.get("context", {}))
    normal = field_type(name).normalise(example["raw"], context, rule)
    assert normal.value == example["value"]
    assert [p.code for p in normal.problems] == [
        example[key] for key in ("code",) if key in example
    ]
    assert [r.code for r in normal.repairs] == [
        example[key] for key in ("repair",) if key in example
    ]
    assert "".join(p.suggestion for p in normal.problems) == example.get("suggestion", "")


@pytest.mark.parametrize("name", SHELF.names())
@settings(max_examples=60)
@given(raw=TEXTS, context=st.sampled_from(CONTEXTS))
def test_any_text_is_normalised_once_and_for_all(name: str, raw: str, context: Context) -> None:
    """No text raises; a value is clean text, is left as it is the second time, and is sound."""
    normal = field_type(name).normalise(raw, context, RULE)
    assert {p.field for p in normal.problems} | {r.field for r in normal.repairs} <= {"f"}
    if normal.value is None:
        return
    assert isinstance(normal.value, str)
    assert normal.value
    normal.value.encode()
    again = field_type(name).normalise(normal.value, context, RULE)
    assert again == Normal(normal.value, normal.problems, beside=normal.beside)
    assert tuple(end for end, _ in normal.beside) == getattr(field_type(name), "BESIDE", ())


@pytest.mark.parametrize("name", SHELF.names())
def test_blank_is_no_value_and_no_problem(name: str) -> None:
    """What shows nothing says nothing, whatever invisible characters it is made of."""
    for blank in ("", " ", "\t\r\n", "\u00a0\u3000", "\u200b\ufeff\u202e", "\u0000", "\u3164"):
        assert field_type(name).normalise(blank, Context(), RULE) == Normal(None)


@pytest.mark.parametrize("name", SHELF.names())
def test_a_problem_of_a_value_that_is_left_out_is_fatal_unless_accepted(name: str) -> None:
    """Whatever cannot be used is refused; only `accept` for e-mail and phone lets it pass."""
    for raw in ("<>", "?!", "-"):
        normal = field_type(name).normalise(raw, Context(), RULE)
        assert normal.value is not None or all(problem.fatal for problem in normal.problems)


def _tuples(given: Example) -> Example:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in given.items()}
