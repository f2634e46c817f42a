"""A language as its BCP 47 tag, from tags and from names in five languages and in itself.

RFC 5646 2.1 gives the shape of a tag and 2.1.1 its case.
"""

import re

from chalicelib.fields._field import Context, Normal, clean, fold, invalid
from chalicelib.fields._names import table
from chalicelib.intake.rules import FieldRule

LIMIT = 500

_TAG = re.compile(
    r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|[0-9]{3}))?"
    r"((?:[-_](?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*)(?:\.[a-z0-9-]{1,12})?",
    re.IGNORECASE | re.ASCII,
)


def normalise(raw: str, _context: Context, rule: FieldRule) -> Normal:
    """The tag, or `language_unknown`."""
    text = clean(raw)
    if not text:
        return Normal(None)
    names = table("_languages.json")
    tag = _tag(text, names) or names.get(fold(text))
    return Normal(tag) if tag else invalid(rule, "language_unknown")


def _tag(text: str, names: dict[str, str]) -> str:
    """`es`, `pt-BR`, `zh-Hant-TW`; a locale's underscore and charset (`es_ES.UTF-8`) go."""
    match = _TAG.fullmatch(text)
    language = names.get(match[1].lower(), "") if match else ""
    if match is None or not language:
        return ""
    _, script, region, variants = match.groups(default="")
    parts = (language, script.title(), region.upper(), variants.lower().strip("-_"))
    return "-".join(part for part in parts if part).replace("_", "-")
