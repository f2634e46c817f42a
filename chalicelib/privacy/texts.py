"""What certificates and bundles say to people, in five languages."""

import json
from functools import cache
from importlib.resources import files
from typing import cast

from chalicelib import locale

_DEFAULT = "en"


def chosen(language: str) -> str:
    """The language of ours that is nearest to one asked for."""
    return locale.choose(language, locale.LANGUAGES) or _DEFAULT


def text(name: str, language: str, **params: object) -> str:
    """One text in a language that `chosen` gave; one that is not known is its own name."""
    words = texts().get(name)
    if words is None:
        return name.rpartition(".")[2]
    return words[language].format_map({key: str(value) for key, value in params.items()})


@cache
def texts() -> dict[str, dict[str, str]]:
    """All texts, by name and language."""
    content = files("chalicelib.privacy").joinpath("texts.json").read_text(encoding="utf-8")
    return cast("dict[str, dict[str, str]]", json.loads(content))
