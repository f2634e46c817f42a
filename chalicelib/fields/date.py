"""A day, as ISO 8601. Which number is the month is never guessed.

`03/04/2024` is read only where the context names an order; `25/04/2024` can mean one day only. A
time of day after the date is left off, and years of two digits are ambiguous.
"""

import datetime
import re

from chalicelib.fields._field import Context, Normal, ascii_digits, clean, invalid, repaired
from chalicelib.intake.rules import FieldRule

LIMIT = 500

_EARLIEST = 1800
_TIME = r"(?:[T ,]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s*(?:[ap]\.?m\.?|Z|UTC|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CHINESE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]?")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.IGNORECASE)
_SHORT_YEAR = re.compile(rf"\d{{1,2}}([-/.])\d{{1,2}}\1\d{{2}}{_TIME}", re.IGNORECASE)


def normalise(raw: str, context: Context, rule: FieldRule) -> Normal:
    """`YYYY-MM-DD`; `date_ambiguous` where it may be two days, `date_invalid` where it is none."""
    text = clean(raw)
    if not text:
        return Normal(None)
    if _ISO.fullmatch(text):
        return _day(_iso(text[:4], text[5:7], text[8:]), rule)
    digits = ascii_digits(text).strip("#")
    if match := _YEAR_FIRST.fullmatch(digits):
        return _day(_iso(match[1], match[3], match[4]), rule)
    if match := _CHINESE.fullmatch(digits) or _COMPACT.fullmatch(digits):
        return _day(_iso(match[1], match[2], match[3]), rule)
    if match := _YEAR_LAST.fullmatch(digits):
        as_dmy, as_mdy = _iso(match[4], match[3], match[1]), _iso(match[4], match[1], match[3])
        return _either(text, as_dmy, as_mdy, context.date_order, rule)
    return invalid(rule, "date_ambiguous" if _SHORT_YEAR.fullmatch(digits) else "date_invalid")


def _either(text: str, as_dmy: str, as_mdy: str, order: str, rule: FieldRule) -> Normal:
    if as_dmy and as_mdy and as_dmy != as_mdy:
        chosen = {"dmy": as_dmy, "mdy": as_mdy}.get(order)
        return Normal(chosen) if chosen else invalid(rule, "date_ambiguous")
    # It can mean one day only, even where it contradicts the order that was promised.
    if (order == "dmy" and not as_dmy and as_mdy) or (order == "mdy" and not as_mdy and as_dmy):
        return repaired(rule, text, as_dmy or as_mdy, "date_order")
    return _day(as_dmy or as_mdy, rule)


def _day(iso: str, rule: FieldRule) -> Normal:
    return Normal(iso) if iso else invalid(rule, "date_invalid")


def _iso(year: str, month: str, day: str) -> str:
    if int(year) < _EARLIEST:
        return ""
    try:
        return datetime.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
