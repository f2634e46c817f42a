"""What is made of one object again and again: the rules or the source that a million rows share."""

from collections.abc import Callable
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")
# Few are in use at once; a form post's own source is never seen again.
_MOST = 32


def once_each(make: Callable[[Given], Made]) -> Callable[[Given], Made]:
    """Make the same of the same object once; what is made must not be changed.

    By its identity, which is kept alive, not by its value: that takes longer than most making.
    """
    kept: dict[int, tuple[Given, Made]] = {}

    def made(given: Given) -> Made:
        there = kept.get(id(given))
        if there is None:
            if len(kept) >= _MOST:
                kept.clear()
            there = kept[id(given)] = given, make(given)
        return there[1]

    return made
