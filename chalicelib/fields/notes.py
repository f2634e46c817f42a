"""Several lines of text: a message, notes. Line breaks stay, as line feeds."""

from chalicelib.fields._field import Context, Normal, clean
from chalicelib.intake.rules import FieldRule

LIMIT = 10_000
JOIN = "\n"


def normalise(raw: str, _context: Context, _rule: FieldRule) -> Normal:
    """Clean text with its line breaks."""
    return Normal(clean(raw) or None)
