"""Dates with the month in words, in five languages: day, month and year, in whatever order."""

import re
from functools import cache

from chalicelib.fields._field import fold

# January first; a language a line, its short forms after it.
_GREGORIAN = """
january february march april may june july august september october november december
jan feb mar apr may jun jul aug sep oct nov dec
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
ene febr mzo abr my jn jl ago sept octbre nov dic
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
jan fev mar abr mai jun jul ago set out nov dez
ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر
ژانویه فوریه مارس اپریل می جون جولای آگوست سپتامبر اکتوبر نوامبر دسامبر
一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月
"""
_JALALI = "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند"
# What stands between and around the parts, and says nothing.
_FILLERS = frozenset("of the de del do da year سال ماه روز".split())  # noqa: SIM905
_ORDINAL = re.compile(r"(\d{1,2})(?:st|nd|rd|th|o|a|ro|er|ام|م)")
_TIME = re.compile(
    r"[T ,]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:\s*[ap]\.?m\.?)?$", re.IGNORECASE
)
_MAX_LENGTH = 60


def spelled(text: str) -> tuple[str, int, str, bool] | None:
    """Year as written, month, day, and whether that month is Jalali; None where it is none."""
    if len(text) > _MAX_LENGTH:
        return None
    words = [w for w in fold(_TIME.sub("", text)).split() if w not in _FILLERS]
    if len(words) == 4 and words[0].isalpha() and words[0] not in _months():
        del words[0]  # the day of the week
    if len(words) != 3:
        return None
    found = [word for word in words if word in _months()]
    numbers = [_bare(word) for word in words if word not in _months()]
    if (
        len(found) != 1
        or len(numbers) != 2
        or not all(re.fullmatch(r"\d{1,4}", n) for n in numbers)
    ):
        return None
    day, year = numbers if len(numbers[0]) < 3 else reversed(numbers)
    if len(day) > 2 or len(year) not in (2, 4):
        return None
    month, jalali = _months()[found[0]]
    return year, month, day, jalali


def _bare(word: str) -> str:
    match = _ORDINAL.fullmatch(word)
    return match[1] if match else word


@cache
def _months() -> dict[str, tuple[int, bool]]:
    names: dict[str, tuple[int, bool]] = {}
    for line, jalali in [
        *((row, False) for row in _GREGORIAN.strip().split("\n")),
        (_JALALI, True),
    ]:
        for number, name in enumerate(line.split(), 1):
            names.setdefault(fold(name), (number, jalali))
    return names
