"""A country as its ISO 3166-1 alpha-2 code, from codes and from names in five languages."""

from functools import lru_cache

from chalicelib.fields._field import Context, Normal, clean, fold, invalid
from chalicelib.fields._names import table
from chalicelib.intake.rules import FieldRule

LIMIT = 500


def normalise(raw: str, _context: Context, rule: FieldRule) -> Normal:
    """The code, or `country_unknown`."""
    text = clean(raw)
    if not text:
        return Normal(None)
    code = _code(text)
    return Normal(code) if code else invalid(rule, "country_unknown")


@lru_cache(maxsize=1024)
def _code(text: str) -> str:
    key = fold(text)
    # "U.S.A." folds to "u s a".
    key = key.replace(" ", "") if all(len(word) == 1 for word in key.split()) else key
    return table("_territories.json").get(key, "")
