"""A number as plain decimal text: `1234.5`, never a float."""

from chalicelib.fields._decimal import decimal
from chalicelib.fields._field import Context, Normal, clean
from chalicelib.intake.rules import FieldRule

LIMIT = 500


def normalise(raw: str, _context: Context, rule: FieldRule) -> Normal:
    """Decimal text, `number_ambiguous`, or `number_invalid`."""
    text = clean(raw)
    return decimal(text, rule) if text else Normal(None)
