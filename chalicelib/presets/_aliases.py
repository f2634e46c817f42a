"""What people call the standard fields above their columns, in five languages."""

import json
from functools import cache
from importlib.resources import files
from typing import cast

from chalicelib.fields._field import fold

# A whole name, or a first name where the last name has a column of its own.
WHOLE_NAME = "name"


def header_key(header: str) -> str:
    """What two headers that mean the same have in common: no case, accents, marks or spaces.

    Persian and Arabic forms of one letter are one; full-width letters are plain ones.
    """
    return fold(header).replace(" ", "")


def alias(header: str) -> str:
    """The standard field, `external_id`, or `WHOLE_NAME` that a header names, else nothing."""
    return _table().get(header_key(header), "")


@cache
def _table() -> dict[str, str]:
    """From every known header's key to its field; a header listed under two fails in a test."""
    text = files("chalicelib.presets").joinpath("_aliases.json").read_text(encoding="utf-8")
    lists = cast("dict[str, dict[str, list[str]]]", json.loads(text))
    found: dict[str, str] = {}
    for field, languages in lists.items():
        for header in (field, *(h for headers in languages.values() for h in headers)):
            found.setdefault(header_key(header), field)
    return found
