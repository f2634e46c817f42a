"""What a whole column of dates says about each: the order of its numbers, or that it counts days.

`03/04/2024` alone may be two days; beside `25/12/2023` in the same column it is the third of April.
The file door lets a column's values pass and hands the result on as `Context.date_order` and
`Context.date_system`. A column that contradicts itself says nothing.
"""

import re
from dataclasses import dataclass

from chalicelib.fields._field import ascii_digits, clean

_NUMERIC = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?:[T ,].{0,40})?")
_WHOLE = re.compile(r"(\d{5})(?:[.,]\d+)?")
# Serial numbers of 1927 to 2119; a column of five-digit numbers below or above is something else.
_FIRST, _LAST = 10_000, 80_000
# A few rows prove nothing about a column of numbers: it may hold postal codes under a wrong header.
_ENOUGH = 3


@dataclass
class DateColumn:
    """Sees the values of one column, in any order, as they stream by."""

    _dmy: int = 0
    _mdy: int = 0
    _ymd: int = 0
    _serials: int = 0
    _others: int = 0

    def see(self, raw: str) -> None:
        """Take one value into account; a blank says nothing."""
        text = ascii_digits(clean(raw))
        if not text:
            return
        if (whole := _WHOLE.fullmatch(text)) and _FIRST <= int(whole[1]) <= _LAST:
            self._serials += 1
            return
        self._others += 1
        if match := _NUMERIC.fullmatch(text):
            self._count(match[1], int(match[3]), match[4])

    def _count(self, first: str, middle: int, last: str) -> None:
        if len(first) > 2 or (len(last) == 2 and int(first) > 31):
            self._ymd += len(first) == 2
        elif middle > 12 >= int(first):
            self._mdy += 1
        elif int(first) > 12 >= middle and (len(last) == 4 or int(last) > 31):
            self._dmy += 1

    @property
    def order(self) -> str:
        """`dmy`, `mdy` or `ymd` where some value can mean nothing else and none contradicts it."""
        found = [o for o in ("dmy", "mdy", "ymd") if getattr(self, f"_{o}")]
        return found[0] if len(found) == 1 else ""

    @property
    def system(self) -> str:
        """`1900` where every value is a serial number of our days; a CSV never says 1904."""
        return "1900" if self._serials >= _ENOUGH and not self._others else ""
