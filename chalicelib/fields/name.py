"""A person's name, or a part of one.

Nothing is assumed of a name but that it is a line of text: no case is changed, no character is
refused (https://www.kalzumeus.com/2010/06/17/falsehoods-programmers-believe-about-names/).
"""

from chalicelib.fields._field import Context, Normal, line
from chalicelib.intake.rules import FieldRule

LIMIT = 200


def normalise(raw: str, _context: Context, _rule: FieldRule) -> Normal:
    """One clean line."""
    return Normal(line(raw) or None)
