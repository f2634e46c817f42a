"""A day, as ISO 8601. Which number is the month is never guessed.

`03/04/2024` is read only where the context names an order; `25/04/2024` can mean one day only. A
time of day after the date is left off. Of a year of two digits the century is the one that puts the
day within the last eighty and the next twenty years, of a birth date within the last hundred. Years
that are none of ours but one of Iran's calendar are read by that. A spreadsheet's serial number is
read only where the context says that it came from a column of dates (`_date_column.py` finds out).
"""

import datetime
import re

from chalicelib.fields._field import Context, Normal, ascii_digits, clean, invalid, repaired
from chalicelib.fields._jalali import gregorian
from chalicelib.fields._months import spelled
from chalicelib.intake.rules import FieldRule

LIMIT = 500

_EARLIEST = 1800
_TIME = r"(?:[T ,]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?\s*(?:[ap]\.?m\.?|Z|UTC|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEAR_FIRST = re.compile(
    rf"(?P<y>\d{{4}})([-/.])(?P<m>\d{{1,2}})\2(?P<d>\d{{1,2}}){_TIME}", re.IGNORECASE
)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")
_CHINESE = re.compile(r"(?P<y>\d{4})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号號]?")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.IGNORECASE)
_SHORT_YEAR = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{2}}){_TIME}", re.IGNORECASE)
_BIRTH, _OLDEST = "birth_date", 120
# Days counted from the day before 1 January 1900, or from 1 January 1904; a time is a fraction.
# https://support.microsoft.com/office/e7fe7167-48a9-4b96-bb53-5612a800b487
_SERIAL = re.compile(r"(\d{1,6})(?:[.,]\d+)?")
_EPOCHS = {"1900": datetime.date(1899, 12, 31), "1904": datetime.date(1904, 1, 1)}
# The first system has a 29 February 1900, which there never was.
_NO_DAY = 60
_LATEST_SERIAL = 110_000  # in the year 2201


def normalise(raw: str, context: Context, rule: FieldRule) -> Normal:
    """`YYYY-MM-DD`; `date_ambiguous` where it may be two days, `date_invalid` where it is none.

    A birth date in the future, or of someone older than 120, is `date_implausible`.
    """
    text = clean(raw)
    if not text:
        return Normal(None)
    if _ISO.fullmatch(text) and text[:2] > "17":
        found = _day(text, _iso(text[:4], text[5:7], text[8:]), rule)
    elif context.date_system and (match := _SERIAL.fullmatch(ascii_digits(text))):
        found = _serial(text, int(match[1]), context.date_system, rule)
    else:
        found = _read(text, context.date_order, rule)
    if rule.name == _BIRTH and isinstance(found.value, str) and not _plausible(found.value):
        return invalid(rule, "date_implausible")
    return found


def _serial(text: str, days: int, system: str, rule: FieldRule) -> Normal:
    """The day of that number in a spreadsheet's system; none of those that nobody's data has."""
    if system == "1900" and days >= _NO_DAY:
        days = days - 1 if days > _NO_DAY else -1
    epoch = _EPOCHS.get(system)
    if epoch is None or not 0 <= days <= _LATEST_SERIAL:
        return invalid(rule, "date_invalid")
    day = epoch + datetime.timedelta(days)
    return repaired(rule, text, day.isoformat(), "date_serial")


def _read(text: str, order: str, rule: FieldRule) -> Normal:
    digits = ascii_digits(text).strip("#")
    if match := _year_first(digits):
        year = match["y"]
        return _day(text, _iso(year, match["m"], match["d"]), rule, year)
    if match := _YEAR_LAST.fullmatch(digits):
        as_dmy, as_mdy = _iso(match[4], match[3], match[1]), _iso(match[4], match[1], match[3])
        return _either(text, {"dmy": as_dmy, "mdy": as_mdy}, order, rule, match[4])
    if match := _SHORT_YEAR.fullmatch(digits):
        return _short(text, (match[1], match[3], match[4]), order, rule)
    if parts := spelled(digits):
        return _in_words(text, parts, rule)
    return invalid(rule, "date_invalid")


def _year_first(digits: str) -> re.Match[str] | None:
    return _YEAR_FIRST.fullmatch(digits) or _CHINESE.fullmatch(digits) or _COMPACT.fullmatch(digits)


def _short(text: str, parts: tuple[str, str, str], order: str, rule: FieldRule) -> Normal:
    """Two digits each: the year is the last, or under `ymd` (and perhaps without order) the first."""
    a, b, c = parts
    days = {
        "dmy": _iso(_full(c, rule), b, a),
        "mdy": _iso(_full(c, rule), a, b),
        "ymd": _iso(_full(a, rule), b, c) if len(a) == 2 else "",
    }
    if order in days:
        return _day(text, days[order], rule, "00")
    return _either(text, days, "", rule, "00")


def _in_words(text: str, parts: tuple[str, int, str, bool], rule: FieldRule) -> Normal:
    year, month, day, jalali = parts
    if jalali:
        found = gregorian(int(year) if len(year) == 4 else 0, month, int(day))
        return _day(text, found.isoformat() if found else "", rule, "0000")
    full = year if len(year) == 4 else _full(year, rule)
    return _day(text, _iso(full, str(month), day), rule, year)


def _either(text: str, days: dict[str, str], order: str, rule: FieldRule, year: str) -> Normal:
    possible = {day for day in days.values() if day}
    if len(possible) > 1:
        chosen = days.get(order, "")
        return _day(text, chosen, rule, year) if chosen else invalid(rule, "date_ambiguous")
    day = "".join(possible)
    # It can mean one day only, even where it contradicts the order that was promised.
    if day and order in ("dmy", "mdy") and not days[order]:
        return repaired(rule, text, day, "date_order")
    return _day(text, day, rule, year)


def _day(text: str, iso: str, rule: FieldRule, year: str = "") -> Normal:
    if not iso:
        return invalid(rule, "date_invalid")
    if len(year) == 2:
        return repaired(rule, text, iso, "date_century")
    if year and int(year) < _EARLIEST:
        return repaired(rule, text, iso, "date_jalali")
    return Normal(iso)


def _iso(year: str, month: str, day: str) -> str:
    if int(year) < _EARLIEST:
        found = gregorian(int(year), int(month), int(day))
        return found.isoformat() if found else ""
    try:
        return datetime.date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _full(year: str, rule: FieldRule) -> str:
    """The year of which two digits were written."""
    latest = _today().year + (0 if rule.name == _BIRTH else 20)
    return str(latest - (latest - int(year)) % 100)


def _plausible(iso: str) -> bool:
    today = _today()
    return today.year - _OLDEST <= int(iso[:4]) and iso <= today.isoformat()


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()
