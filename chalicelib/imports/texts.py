"""What an import says to people: its own words beside those of every door."""

import json
from functools import cache
from importlib.resources import files
from typing import cast

from chalicelib import locale
from chalicelib.model import Problem

LANGUAGES = locale.LANGUAGES
_DEFAULT = "en"


def text(name: str, language: str, **params: object) -> str:
    """One of an import's own texts, in English where the language has none."""
    words = _texts()[name]
    chosen = locale.choose(language, LANGUAGES) or _DEFAULT
    return words[chosen].format_map({key: str(value) for key, value in params.items()})


def explained(problem: Problem, language: str, label: str = "") -> str:
    """The sentence for what is wrong with a row, or with one field of it."""
    own = f"row.{problem.code}"
    if not problem.field and own in _texts():
        return text(own, language)
    return locale.explain(problem, language, label)


def suggesting(problem: Problem, language: str, label: str = "") -> str:
    """The same with what would be right, where that is known and the sentence does not say it."""
    words = explained(problem, language, label)
    if not problem.suggestion or problem.suggestion in words:
        return words
    return f"{words} {text('suggestion', language, suggestion=problem.suggestion)}"


def why(code: str, language: str, detail: str = "") -> str:
    """The sentence for a whole file that could not be imported, or holds nothing."""
    own = f"file.{code}"
    return text(own if own in _texts() else "file.invalid", language, detail=detail)


def of_code(code: str, language: str) -> str:
    """What a code means that many rows may have, or the file."""
    for kind in ("row.", "file."):
        if kind + code in _texts():
            return text(kind + code, language, detail="")
    return locale.message(code, language, field="…", suggestion="…")


@cache
def _texts() -> dict[str, dict[str, str]]:
    content = files("chalicelib.imports").joinpath("texts.json").read_text(encoding="utf-8")
    return cast("dict[str, dict[str, str]]", json.loads(content))
