"""A line of text: company, city, anything that is not something more particular."""

from chalicelib.fields._field import Context, Normal, line
from chalicelib.intake.rules import FieldRule

LIMIT = 500


def normalise(raw: str, _context: Context, _rule: FieldRule) -> Normal:
    """One clean line."""
    return Normal(line(raw) or None)
