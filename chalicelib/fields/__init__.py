"""Field types, one a file: each turns what was written into one normal form, or says why not.

A field type is a module with `LIMIT`, the characters it takes where the field's rule names no
bound, and `normalise(raw, context, rule)`, which never raises on any text and whose values it
leaves as they are when it meets them again. Of several values a type takes the first; with `LAST`
the last; with `JOIN` all of them, joined by it. `BESIDE` names what the type keeps beside a value.
"""

from typing import Protocol, cast

from chalicelib.fields._field import Context, Normal
from chalicelib.intake.rules import FieldRule
from chalicelib.shelf import Shelf

__all__ = ["SHELF", "Context", "FieldType", "Normal", "field_type"]

SHELF = Shelf("chalicelib.fields")


class FieldType(Protocol):
    """What a module on this shelf offers."""

    LIMIT: int

    def normalise(self, raw: str, context: Context, rule: FieldRule, /) -> Normal:
        """The normal form of a text, with what was doubtful and what was mended."""


def field_type(name: str) -> FieldType:
    """The field type of that name; `errors.Missing` where the shelf has none."""
    return cast(FieldType, SHELF.get(name))
