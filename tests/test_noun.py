"""A noun behaves as a frozen dataclass does; that nothing sets its attributes, the type checker says."""

import copy
import pickle
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from dataclasses import replace as usual
from typing import Any

import pytest

from chalicelib.noun import noun, replace


@noun
class Noun:
    """Some person."""

    name: str
    age: int = 0
    more: Mapping[str, int] = field(default_factory=dict)
    secret: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Plain:
    """The same as the standard library makes it."""

    name: str
    age: int = 0
    more: Mapping[str, int] = field(default_factory=dict)
    secret: str = field(default="", compare=False, repr=False)


@noun
class Single:
    """One attribute only, which can be hashed."""

    name: str


def test_it_shows_itself_and_is_taken_apart_like_a_frozen_dataclass() -> None:
    """Without what is not to be shown."""
    ours, theirs = Noun("Ana", 3, {"a": 1}, "s"), Plain("Ana", 3, {"a": 1}, "s")
    assert repr(ours) == repr(theirs).replace("Plain", "Noun")
    assert asdict(ours) == asdict(theirs)


def test_it_is_equal_by_its_values() -> None:
    """To another of its class alone, and whatever is not compared."""
    assert Noun("Ana", secret="a") == Noun("Ana", secret="b")
    assert Noun("Ana") != Noun("Eva")
    strangers: list[object] = [Plain("Ana"), ("Ana", 0, {})]
    assert Noun("Ana") not in strangers


def test_it_can_be_a_key_where_its_values_can() -> None:
    """Equal ones are one key; one that holds a mapping is none."""
    assert {Single("Ana"), Single("Ana")} == {Single("Ana")}
    unhashable = Noun("Ana")
    with pytest.raises(TypeError):
        hash(unhashable)


def test_it_is_copied_whole() -> None:
    """Replaced, copied, pickled."""
    ours = Noun("Ana", 3, {"a": 1}, "s")
    for copied in (copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert asdict(copied) == asdict(ours)


@pytest.mark.parametrize("changes", [{}, {"age": 4}, {"more": {}, "secret": "t"}])
def test_it_is_replaced_as_any_dataclass_is(changes: dict[str, Any]) -> None:
    """A copy with what was changed, hidden attributes and all; what it was made of stays as it was."""
    ours = Noun("Ana", 3, {"a": 1}, "s")
    assert asdict(replace(ours, **changes)) == asdict(usual(ours, **changes))
    assert asdict(ours) == asdict(Noun("Ana", 3, {"a": 1}, "s"))
    assert replace(Single("Ana"), name="Eva") == Single("Eva")
    strange: dict[str, Any] = {"nmae": "Eva"}
    with pytest.raises(AttributeError):
        replace(ours, **strange)


def test_it_has_no_other_attributes() -> None:
    """A slip of the pen is an error at once."""
    ours: object = Noun("Ana")
    with pytest.raises(AttributeError):
        setattr(ours, "nmae", "Eva")  # noqa: B010 - a name that the type checker would refuse
