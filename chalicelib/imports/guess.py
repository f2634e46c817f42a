"""What an unknown header may mean: what it is like, and what stands below it.

A guess fills a field only above a clear bound and where nothing else would: two columns that might
both be the e-mail are neither. What falls short is a suggestion for a person. Every guess says what
it rests on.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.fields import Context, field_type
from chalicelib.fields._field import ascii_digits, line
from chalicelib.fields._standard import STANDARD
from chalicelib.presets import header_key

if TYPE_CHECKING:
    from chalicelib.imports.header import Column

# Rows that are looked at.
LOOKED_AT = 200
# Of 100: as like as this is enough by itself, or with content of the field's own kind.
_ALIKE, _ALIKE_BY_CONTENT = 88, 72
# How far the next field must be behind, and the fewest characters that two words can be like by.
_AHEAD, _SHORTEST = 6, 4
_SHARE, _DISTINCT = 0.9, 0.8
_ADDRESS = re.compile(r"(?:mailto:)?[^\s@<>]{1,64}@[^\s@<>]+\.[^\s@<>.]{2,}", re.IGNORECASE)
_NUMBER = re.compile(r"(?:\+|00)[\d\s().\-/]{7,24}")
_DIGITS = re.compile(r"[\d\s().\-/+]{7,24}")
_PAGE = re.compile(r"(?:https?://|www\.)\S+\.\S+", re.IGNORECASE)
_DAY = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}.{0,20}")
# Fields whose content tells them: where it stands against a likeness, there is none.
_TELLING = ("email", "phone", "website", "birth_date")
_KEYS = ("email", "phone")


class Guess(NamedTuple):
    """A field, how sure of 100, how it was found, and what that rests on."""

    field: str
    confidence: int
    how: str
    why: tuple[str, ...]
    sure: bool


def guessed(
    columns: Sequence["Column"], samples: Sequence[Sequence[str]], labels: Mapping[str, str]
) -> list["Column"]:
    """The columns with what can be guessed of those that nobody knows.

    `samples` are the cells of the first rows, `labels` from a header's key to the field it means.
    """
    taken = {column.field for column in columns if column.field}
    found: dict[int, Guess] = {}
    for place, column in enumerate(columns):
        if not column.how and column.field is None:
            cells = [cell for row in samples if place < len(row) and (cell := line(row[place]))]
            guess = _guess(column.header, cells, labels)
            if guess:
                found[place] = guess
    wanted = Counter(guess.field for guess in found.values())
    return [
        _filled(column, found[place], free=wanted[found[place].field] == 1, taken=taken)
        if place in found
        else column
        for place, column in enumerate(columns)
    ]


def _filled(column: "Column", guess: Guess, *, free: bool, taken: Iterable[str]) -> "Column":
    if guess.sure and free and guess.field not in taken:
        return replace(
            column,
            field=guess.field,
            how=guess.how,
            confidence=guess.confidence,
            why=guess.why,
        )
    return replace(column, suggestion=guess.field, confidence=guess.confidence, why=guess.why)


def _guess(header: str, cells: Sequence[str], labels: Mapping[str, str]) -> Guess | None:
    alike, looks = _alike(header, labels), _looks(cells)
    if alike and looks and looks.field == alike.field and alike.confidence >= _ALIKE_BY_CONTENT:
        both = max(alike.confidence, looks.confidence)
        return Guess(alike.field, both, "fuzzy", (*alike.why, *looks.why), sure=True)
    if looks and looks.sure:
        return looks
    if alike and alike.confidence >= _ALIKE:
        fits = not cells or (looks.field if looks else "") == alike.field
        against = alike.field in _TELLING and not fits
        return None if against else alike._replace(sure=looks is None or fits)
    return looks


def _alike(header: str, labels: Mapping[str, str]) -> Guess | None:
    """The field whose known headers this one is most like, if it stands out among the fields."""
    from rapidfuzz import fuzz, process

    key = header_key(header)
    if len(key) < _SHORTEST:
        return None
    known = [label for label in labels if len(label) >= _SHORTEST]
    best: dict[str, tuple[float, str]] = {}
    for label, score, _ in process.extract(
        key, known, scorer=fuzz.ratio, limit=20, score_cutoff=_ALIKE_BY_CONTENT
    ):
        best[labels[label]] = max((score, label), best.get(labels[label], (0.0, "")))
    ranked = sorted(((score, name, label) for name, (score, label) in best.items()), reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _AHEAD):
        return None
    score, name, label = ranked[0]
    return Guess(name, int(score), "fuzzy", ("like", label, str(int(score))), sure=True)


def _looks(cells: Sequence[str]) -> Guess | None:
    """The field that a column's cells can only be, or might be."""
    if not cells:
        return None
    few = len(cells) < 3
    for name, fits, enough in _KINDS:
        count = sum(map(fits, cells))
        if count < _SHARE * len(cells):
            continue
        # Whoever sold to somebody stands in many rows; whom the row is about in one.
        own = name not in _KEYS or len(set(cells)) >= _DISTINCT * len(cells)
        sure = enough and own and (not few or name == "email")
        share = min(99, int(100 * count / len(cells)))
        why = ("looks", name, str(count), str(len(cells)))
        return Guess(name, share, "content", why, sure=sure)
    return None


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda cell: bool(pattern.fullmatch(ascii_digits(cell)))


def _is_phone(cell: str) -> bool:
    digits = ascii_digits(cell)
    return bool(_DIGITS.fullmatch(digits)) and 8 <= sum(map(str.isdigit, digits)) <= 15


def _is_country(cell: str) -> bool:
    """Names only: two letters may be a language or a state."""
    if len(cell) < 2 or (cell.isascii() and len(cell) < 4):
        return False
    return field_type("country").normalise(cell, Context(), STANDARD["country"]).value is not None


# The last of each: whether the content alone is enough. Digits may be anything, and a day need not
# be a birthday.
_KINDS: tuple[tuple[str, Callable[[str], bool], bool], ...] = (
    ("email", _matches(_ADDRESS), True),
    ("website", _matches(_PAGE), True),
    ("birth_date", _matches(_DAY), False),
    ("phone", _matches(_NUMBER), True),
    ("phone", _is_phone, False),
    ("country", _is_country, True),
)
