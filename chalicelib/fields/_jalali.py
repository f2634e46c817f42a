"""Days of the Iranian (Solar Hijri) calendar as Gregorian ones.

Leap years lie in cycles of 33, which agrees with the calendar in use from 1244 to 1502 (1865 to
2124). Own arithmetic: a package would bring a calendar's worth of classes for these lines.
"""

import datetime

EARLIEST, LATEST = 1244, 1502
# 1 Farvardin 1403, the anchor that all days are counted from.
_ANCHOR_YEAR, _ANCHOR = 1403, datetime.date(2024, 3, 20).toordinal()
_LEAP = frozenset((1, 5, 9, 13, 17, 22, 26, 30))


def gregorian(year: int, month: int, day: int) -> datetime.date | None:
    """The same day in the Gregorian calendar, or None where there is no such day."""
    if not (EARLIEST <= year <= LATEST and 1 <= month <= 12 and 1 <= day <= _length(year, month)):
        return None
    before = (month - 1) * 30 + min(month - 1, 6)
    return datetime.date.fromordinal(_new_year(year) + before + day - 1)


def _length(year: int, month: int) -> int:
    if month <= 6:
        return 31
    return 30 if month < 12 or year % 33 in _LEAP else 29


def _new_year(year: int) -> int:
    """The ordinal of a year's first day."""
    low, high = sorted((year, _ANCHOR_YEAR))
    days = 365 * (high - low) + sum(y % 33 in _LEAP for y in range(low, high))
    return _ANCHOR + (days if year >= _ANCHOR_YEAR else -days)
