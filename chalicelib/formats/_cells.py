"""Cells of sheets as a person would write them down without doubt.

Days are ISO 8601, whole numbers have no `.0`, yes and no are `TRUE` and `FALSE`.
"""

import datetime
from decimal import Decimal
from typing import Any


def percent_of(value: Any) -> str:
    """A share of one that the sheet shows as a percentage, as that."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return text_of(value)
    share = Decimal(repr(value)) * 100
    return f"{_plain(share)}%"


def text_of(value: Any) -> str:  # noqa: PLR0911 - one line a type
    """A cell's value as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime.datetime):
        return _moment(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return _duration(value)
    return value.isoformat() if isinstance(value, datetime.time) else str(value)


def _number(value: float) -> str:
    """As few digits as tell it from its neighbours, never an exponent, never `.0`."""
    return _plain(Decimal(repr(value))) if value == value and abs(value) < 1e300 else str(value)  # noqa: PLR0124


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: datetime.datetime) -> str:
    """A day where the clock stands at midnight: that is how a spreadsheet keeps days."""
    if value.time() == datetime.time():
        return value.date().isoformat()
    return value.isoformat(sep=" ", timespec="seconds")


def _duration(value: datetime.timedelta) -> str:
    seconds = int(value.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
