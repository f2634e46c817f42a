"""Names of countries and languages in five languages, read from CLDR's tables on first use."""

import json
from functools import cache
from importlib.resources import files
from typing import cast

from chalicelib.fields._field import fold


@cache
def table(file: str) -> dict[str, str]:
    """From every known name and code, folded, to the code: `"espana"` → `"ES"`."""
    text = files("chalicelib.fields").joinpath(file).read_text(encoding="utf-8")
    entries = cast("dict[str, list[str]]", json.loads(text))
    entries.pop("_source")
    # Reversed: the first to be called so keeps the name, and a code is never another's name.
    names = {fold(name): code for code, names in reversed(entries.items()) for name in names}
    return names | {fold(code): code for code in entries}
