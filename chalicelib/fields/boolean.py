"""A yes or a no, in five languages, as `true` or `false`; unlike consent, a no is an answer too."""

from chalicelib.fields._field import Context, Normal, clean, invalid
from chalicelib.fields._yes_no import yes_or_no
from chalicelib.intake.rules import FieldRule

LIMIT = 500
# A hidden "0" before the box is how many frameworks tell an unticked box from an absent one.
LAST = True


def normalise(raw: str, _context: Context, rule: FieldRule) -> Normal:
    """`true`, `false`, or `type_invalid`."""
    text = clean(raw)
    if not text:
        return Normal(None)
    value = yes_or_no(text)
    return Normal(value) if value else invalid(rule, "type_invalid")
