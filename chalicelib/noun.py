"""`noun`: a frozen dataclass whose freezing costs nothing at run time.

`dataclass(frozen=True, slots=True)` writes and compiles six functions for each class, some 0.4 ms of
every cold start apiece, and a frozen one's `__init__` sets each attribute by a call. What crosses
the road is made of some twenty such objects a submission. Here the type checker alone forbids
setting (`frozen_default`; tests are checked as well), `__init__` is all that is compiled, and the
rest is shared (docs/decisions/0035-cpu-of-a-row.md).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def noun(cls: type[T]) -> type[T]:
    """A dataclass with slots, equal by its values, that nothing may change."""
    made: Any = dataclass(slots=True, repr=False, eq=False)(cls)
    compared = attrgetter(*(each.name for each in fields(made) if each.compare))
    made.__eq__, made.__hash__ = _equality(compared)
    made.__repr__ = _shown
    kept: type[T] = made
    return kept


if TYPE_CHECKING:
    # The type checker holds a noun's attributes against this one's signature.
    from dataclasses import replace as replace  # noqa: PLC0414 - what others import from here
else:

    def replace(given, /, **changes):
        """A copy with some attributes changed, at a third of what `dataclasses.replace` takes."""
        made = given.__class__(*_values(given.__class__)(given))
        for name, value in changes.items():
            setattr(made, name, value)
        return made


@cache
def _values(cls: Any) -> Callable[[Any], Any]:
    """All attributes of a noun, as its `__init__` takes them."""
    names = [each.name for each in fields(cls)]
    if len(names) == 1:
        return lambda given: (getattr(given, names[0]),)
    return attrgetter(*names)


def _equality(values: Callable[[Any], Any]) -> tuple[Callable[..., Any], Callable[..., int]]:
    def equal(self: Any, other: object) -> Any:
        return (
            values(self) == values(other) if self.__class__ is other.__class__ else NotImplemented
        )

    def hashed(self: Any) -> int:
        return hash(values(self))

    return equal, hashed


def _shown(self: Any) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"
