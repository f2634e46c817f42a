"""What spreadsheets make of telephone numbers, undone where nothing is lost; and numbers nobody has."""

import re

from chalicelib.fields._field import ascii_digits

_FLOAT = re.compile(r"(\+?\d{6,15})[.,]0+")
_SCIENTIFIC = re.compile(r"\+?(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
_QUOTES = "'’‘`´"
_SAME, _RISING, _FALLING = re.compile(r"(\d)\1{6}$"), "1234567", "7654321"


def undamaged(text: str) -> tuple[str, str]:
    """The number as it was before, and the code of what was undone, empty where nothing was.

    `4.4791234567E+11` has lost a digit at least: of such a text there is no number, and the code is
    `phone_rounded`. With all its digits there it is only another way to write a number.
    """
    bare = text
    if text[0] in _QUOTES:
        bare = text.strip(_QUOTES + " ") or text
    if bare[-1] in "0٠۰０" and (match := _FLOAT.fullmatch(ascii_digits(bare))):
        return match[1], "phone_sheet"
    if ("e" in bare or "E" in bare) and (match := _SCIENTIFIC.fullmatch(ascii_digits(bare))):
        digits, length = match[1] + (match[2] or ""), int(match[3]) + 1
        return (digits, "phone_sheet") if len(digits) == length else (text, "phone_rounded")
    return bare, "phone_sheet" if bare != text else ""


def fake(national: str) -> bool:
    """Whether a national number ends in one digit seven times or counts up or down to seven."""
    return _RISING in national or _FALLING in national or _SAME.search(national) is not None
