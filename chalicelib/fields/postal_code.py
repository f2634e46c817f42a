"""A postal code: capital letters and digits, spaced and hyphenated as it was written.

Spreadsheets eat leading zeros. Where the submission's own country has codes of one length and one
digit is missing, the zero is put back and that is said.
"""

import re

from chalicelib.fields._field import Context, Normal, ascii_digits, invalid, line, repaired
from chalicelib.intake.rules import FieldRule

LIMIT = 500

_CODE = re.compile(r"[0-9A-Z][0-9A-Z -]{0,10}[0-9A-Z]|[0-9A-Z]")
_COUNTRIES = {
    5: "DE DZ EE ES FI FR HR IT LT MX MY SA TH TR US",
    6: "CN CO EC IN RU SG VN",
    8: "BR",
    10: "IR",
}
_DIGITS = {country: n for n, countries in _COUNTRIES.items() for country in countries.split()}


def normalise(raw: str, context: Context, rule: FieldRule) -> Normal:
    """The code, or `postal_code_invalid`."""
    text = line(raw)
    if not text:
        return Normal(None)
    code = ascii_digits(text).upper()
    if not _CODE.fullmatch(code):
        return invalid(rule, "postal_code_invalid")
    if code.isdigit() and len(code) == _DIGITS.get(context.country, 0) - 1:
        return repaired(rule, text, "0" + code, "postal_code_zero")
    return Normal(code)
