"""A percentage as decimal text with its sign: `12.5%`.

A bare number between -1 and 1 may be a spreadsheet's share of one, and is `percent_ambiguous`.
"""

from decimal import Decimal

from chalicelib.fields._decimal import decimal
from chalicelib.fields._field import Context, Normal, clean, invalid
from chalicelib.intake.rules import FieldRule

LIMIT = 500
_SIGNS = "%٪％﹪"


def normalise(raw: str, _context: Context, rule: FieldRule) -> Normal:
    """`12.5%`, `percent_ambiguous`, or what is wrong with the number."""
    text = clean(raw)
    if not text:
        return Normal(None)
    bare = clean(text.strip(_SIGNS))
    found = decimal(bare, rule) if bare else invalid(rule, "number_invalid")
    if not isinstance(found.value, str):
        return found
    if not any(sign in text for sign in _SIGNS) and 0 < abs(Decimal(found.value)) <= 1:
        return invalid(rule, "percent_ambiguous")
    return Normal(found.value + "%")
