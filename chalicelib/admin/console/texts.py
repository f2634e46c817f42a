"""The console's words: a file a page, and one for all pages; every text in five languages."""

import json
from collections.abc import Mapping
from functools import cache
from pkgutil import get_data
from typing import cast

COMMON = "common"
Texts = Mapping[str, Mapping[str, str]]


def say(page: str, key: str, language: str, **params: str) -> str:
    """A text in a language: the page's own, else one of all pages; `KeyError` where there is none.

    The text is plain: whoever puts it into a page escapes it.
    """
    found = texts(page).get(key) or texts(COMMON)[key]
    return found[language].format(**params) if params else found[language]


def known(page: str, key: str) -> bool:
    """Whether there is such a text."""
    return key in texts(page) or key in texts(COMMON)


@cache
def texts(page: str) -> Texts:
    """The texts of a page by key and language; none where it has no file."""
    try:
        # pkgutil reads a zip archive too.
        found = get_data("chalicelib.admin.console", f"texts/{page}.json")
    except OSError:
        return {}
    return cast("Texts", json.loads(found or b"{}"))
