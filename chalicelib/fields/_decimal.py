"""A number as plain decimal text: `1234.5`, never a float.

Marks of every usage are read where they can mean one thing only: `1.234,56` and `1,234.56` can,
`1.234` is a thousand to some and one and a bit to others, and `number_ambiguous` to us. What comes
out is never ambiguous itself: a result like `1.234` is written `1.2340`.
"""

import re
from decimal import Decimal

from chalicelib.fields._field import Normal, ascii_digits, invalid
from chalicelib.intake.rules import FieldRule

# Signs, decimal marks and grouping marks of the five languages' scripts, as ASCII ones.
_PLAIN = str.maketrans({"−": "-", "٫": ".", "٬": "'", "’": "'", "，": ",", "．": "."})
_GROUPED = re.compile(
    r"([1-9]\d{0,2})((?:([.,' \u00a0\u2009\u202f])\d{3})(?:\3\d{3})*)(?:([.,])(\d+))?"
)
_SIMPLE = re.compile(r"(\d*)(?:([.,])(\d+)|[.,]?)(?:[eE]([+-]?\d{1,2}))?")
_MAX_DIGITS = 38  # what a DynamoDB number holds


def decimal(text: str, rule: FieldRule) -> Normal:
    """Decimal text from clean text that is not empty, `number_ambiguous`, or `number_invalid`."""
    digits = ascii_digits(text).translate(_PLAIN)
    sign = "-" if digits[0] == "-" else ""
    digits = digits.lstrip("+-") if digits[1:2] not in ("+", "-") else ""
    if grouped := _GROUPED.fullmatch(digits):
        whole, rest, group, mark, fraction = grouped.groups()
        if group in ",." and mark is None and len(rest) == 4:
            return invalid(rule, "number_ambiguous")
        if mark != group:
            return _written(sign + whole + rest.replace(group, "") + "." + (fraction or "0"), rule)
    return _simple(sign, digits, rule)


def _simple(sign: str, digits: str, rule: FieldRule) -> Normal:
    match = _SIMPLE.fullmatch(digits)
    if match is None or not (match[1] or match[3]):
        return invalid(rule, "number_invalid")
    whole, _, fraction, exponent = match.groups()
    return _written(f"{sign}{whole or 0}.{fraction or 0}e{exponent or 0}", rule)


def _written(text: str, rule: FieldRule) -> Normal:
    number = Decimal(text)
    written = format(number, "f")
    if sum(c.isdigit() for c in written) > _MAX_DIGITS:
        return invalid(rule, "number_invalid")
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    if not number:
        return Normal("0")
    return Normal(written + "0" if _GROUPED.fullmatch(written.lstrip("-")) else written)
