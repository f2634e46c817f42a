"""The words that people read, in five languages: a catalogue a language, a message a code."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pkgutil import get_data
from typing import cast

from chalicelib.model import Problem

LANGUAGES = ("en", "es", "pt", "fa", "zh")
# What each is called by those who speak it.
NAMES = {"en": "English", "es": "Español", "pt": "Português", "fa": "فارسی", "zh": "中文"}
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

_DEFAULT = "en"
# RFC 4647 2.1's basic language range with RFC 9110 12.4.2's weight.
_RANGE = re.compile(
    r"\s*(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8}){0,7})\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?",
    re.IGNORECASE | re.ASCII,
)
_MAX_HEADER, _MAX_RANGES = 1000, 50


class _Params(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return ""


def message(code: str, language: str, **params: str) -> str:
    """The sentence for a code in a language, else in English; an unknown code's says `invalid`.

    `field` is the label of the field that it is about, `suggestion` what would be right. The text
    is plain: whoever puts it into a page escapes it.
    """
    texts = _catalogue(choose(language, LANGUAGES) or _DEFAULT)
    return (texts.get(code) or texts["invalid"]).format_map(_Params(params))


def explain(problem: Problem, language: str, label: str = "") -> str:
    """The sentence for a problem with its field called by its label; one it brought itself wins."""
    if problem.message:
        return problem.message
    field = label or problem.field
    return message(problem.code, language, field=field, suggestion=problem.suggestion)


def known(code: str) -> bool:
    """Whether the catalogues have a message of their own for a code."""
    return code in _catalogue(_DEFAULT)


def choose(accept_language: str, offered: Sequence[str]) -> str:
    """The offered language that an Accept-Language header prefers, or the empty string.

    RFC 4647 3.4 lookup: each range by weight, shortened from its end until it is offered. A range
    less exact than every offer (`pt` where only `pt-BR` is) takes the first that extends it.
    """
    tags = {tag.lower(): tag for tag in reversed(offered)}
    for wanted in _ranges(accept_language):
        if wanted == "*":
            return offered[0] if offered else ""
        if tag := _lookup(wanted, tags):
            return tag
    return ""


def direction(language: str) -> str:
    """`rtl` or `ltr`, for a page's `dir`."""
    return "rtl" if language.partition("-")[0].lower() in RIGHT_TO_LEFT else "ltr"


def digits(text: str, language: str) -> str:
    """A text's digits as the language writes them."""
    return text.translate(_DIGITS.get(language.partition("-")[0], {}))


def figure(text: str, language: str) -> str:
    """A number, written `1,234.5`, as the language writes it: digits, thousands and decimals."""
    spoken = language.partition("-")[0]
    return digits(text, language).translate(_MARKS.get(spoken, {}))


# CLDR's group and decimal signs where they are not English's.
_MARKS = {
    "es": str.maketrans(",.", ".,"),
    "pt": str.maketrans(",.", ".,"),
    "fa": str.maketrans(",.", "٬٫"),
}
_DIGITS = {"fa": str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")}


def _lookup(wanted: str, tags: dict[str, str]) -> str:
    shorter = wanted
    while shorter:
        if shorter in tags:
            return tags[shorter]
        shorter = shorter.rpartition("-")[0]
        if shorter[-2:-1] == "-":  # a single letter introduces what was just cut off
            shorter = shorter[:-2]
    longer = [tag for tag in tags if tag.startswith(wanted + "-")]
    return tags[longer[-1]] if longer else ""


def _ranges(header: str) -> Iterator[str]:
    """The ranges of a header in lower case, the most wanted first; what cannot be read is not."""
    weighted = []
    for part in header[:_MAX_HEADER].split(",")[:_MAX_RANGES]:
        match = _RANGE.fullmatch(part)
        weight = float(match[2] or 1) if match else 0.0
        if match and weight > 0:
            weighted.append((weight, match[1].lower()))
    for _, wanted in sorted(weighted, key=lambda pair: -pair[0]):
        yield wanted


@cache
def _catalogue(language: str) -> dict[str, str]:
    # pkgutil reads a zip archive too, and importing importlib.resources costs 5 ms.
    return cast("dict[str, str]", json.loads(get_data(__name__, f"{language}.json") or b"{}"))
