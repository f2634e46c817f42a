"""A yes or a no, in five languages, as `true` or `false`.

Consent is never guessed: a word that is not in the table is `type_invalid`.
"""

from chalicelib.fields._field import Context, Normal, clean, invalid
from chalicelib.fields._yes_no import yes_or_no
from chalicelib.intake.rules import FieldRule

LIMIT = 500
# A hidden "0" before the box is how many frameworks tell an unticked box from an absent one.
LAST = True


def normalise(raw: str, _context: Context, rule: FieldRule) -> Normal:
    """`true`, `false`, or `type_invalid`; where it is required, a no is `consent_missing`."""
    text = clean(raw)
    if not text:
        return Normal(None)
    value = yes_or_no(text)
    if value is None:
        return invalid(rule, "type_invalid")
    if rule.required and value == "false":
        return invalid(rule, "consent_missing")
    return Normal(value)
