"""Which of a file's first rows is its header: titles and comments may stand above it, or none does.

A row is the header where its cells are names that somebody knows; where nobody knows any, the first
row that is as wide as what follows. A row that holds an e-mail address is never one.
"""

import re
from collections.abc import Iterable, Sequence

from chalicelib.fields._field import line
from chalicelib.fields._standard import STANDARD
from chalicelib.formats import Row
from chalicelib.presets import alias, header_key

# Rows that are looked at.
LOOKED_AT = 30
_WIDTH_FROM = 20
_VALUE = re.compile(r"\S+@\S+\.\S+|[+(]?[\d\s().\-/+]{7,}|-?[\d.,]+")


def find_header(rows: Sequence[Row], known: Iterable[str] = (), wanted: str = "") -> int:
    """The index of the header among a file's first rows; -1 where it has none.

    `known` are headers that the import's mapping names; `wanted` is `yes` or `no` where the options
    say whether there is one. Blank rows are no candidates.
    """
    filled = [n for n, row in enumerate(rows) if _texts(row[1])]
    if not filled or wanted == "no":
        return -1
    names = {header_key(name) for name in known}
    best = _known(rows, filled, names)
    if best is None:
        best = _widest(rows, filled)
    if not wanted and not _recognised(rows[best][1], names) and _holds_person(rows[best][1]):
        return -1
    return best


def unnamed(rows: Sequence[Row]) -> list[str]:
    """Names for the columns of a file without a header."""
    width = max((len(row[1]) for row in rows), default=0)
    return [f"column {number}" for number in range(1, width + 1)]


def _known(rows: Sequence[Row], filled: Sequence[int], names: set[str]) -> int | None:
    """The row with most known names, if all above it are narrower: titles, groups, comments."""
    best, most, widest = None, 0, 0
    for n in filled:
        cells = rows[n][1]
        if cells[0].lstrip().startswith("# "):
            continue
        found, width = _recognised(cells, names), len(_texts(cells))
        if found > most and (width > widest or best is None) and not _holds_value(cells, names):
            if widest and width <= widest:
                break  # data stand above it
            best, most = n, found
        widest = max(widest, width)
    return best


def _widest(rows: Sequence[Row], filled: Sequence[int]) -> int:
    """The first row, or the first of several cells below titles of one where all below have so."""
    first = filled[0]
    if len(_texts(rows[first][1])) > 1:
        return first
    below = [n for n in filled if len(_texts(rows[n][1])) > 1]
    if not below or _holds_value(rows[below[0]][1], set()):
        return _below_comments(rows, filled)
    after = [n for n in filled if n > below[0]][:_WIDTH_FROM]
    steady = all(len(_texts(rows[n][1])) > 1 for n in after)
    return below[0] if after and steady else first


def _below_comments(rows: Sequence[Row], filled: Sequence[int]) -> int:
    for n in filled:
        if not rows[n][1][0].lstrip().startswith("#"):
            return n
    return filled[0]


def _texts(cells: Sequence[str]) -> set[str]:
    """The distinct texts of a row: what a merged cell repeats counts once."""
    return {text for cell in cells if (text := cell.strip())}


def _recognised(cells: Sequence[str], names: set[str]) -> int:
    """How many different things the cells of a row are known to mean."""
    return len({meaning for cell in cells if (meaning := _meaning(cell, names))})


def _meaning(cell: str, names: set[str]) -> str:
    text = line(cell)[:200]
    key = header_key(text)
    if key and key in names:
        return "=" + key
    return text if text in STANDARD else alias(text)


def _holds_value(cells: Sequence[str], names: set[str]) -> bool:
    return any(_VALUE.fullmatch(cell.strip()) and not _meaning(cell, names) for cell in cells)


def _holds_person(cells: Sequence[str]) -> bool:
    """Whether a cell is an e-mail address or as many digits as a phone has."""
    texts = [cell.strip() for cell in cells]
    return any(
        ("@" in t[1:-3] and "." in t) or (_VALUE.fullmatch(t) and sum(map(str.isdigit, t)) >= 9)
        for t in texts
    )
