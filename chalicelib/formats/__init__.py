"""The format shelf: one file format a file, each turns a file's bytes into rows of texts.

A format is a module with `recognises(source, reading)` and `open_rows(source, reading)`; which one
reads a file is decided by what is in it, its name only helps. It streams: no file is ever held
whole beyond a bound, and what cannot be read raises `errors.Unreadable` or `errors.TooLarge` and
nothing else. How to add one: `docs/formats.md`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias, cast

from chalicelib import errors
from chalicelib.formats._source import Source
from chalicelib.shelf import Shelf

SHELF = Shelf("chalicelib.formats")

# Where a record begins (the line of the file, the row of the sheet, the number of the record),
# its cells, and the code of what is wrong with it as a whole, or the empty string.
Row: TypeAlias = tuple[int, list[str], str]

# How sure a format is of a file.
NO, MAYBE, LIKELY, SURE = range(4)
# A file in an archive in an archive is somebody's game.
_DEEPEST = 2


@dataclass(frozen=True, slots=True)
class Reading:
    """What the import's options say of the file; empty: to be found out.

    `sheet` is a sheet's name or its number from 1; `quote` and `escape` are one character each.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    quote: str = ""
    escape: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is being read: what it was found to be, and its rows, blanks too.

    `header` is None where the first rows hold it. `notes` are codes of what somebody should know.
    """

    encoding: str
    delimiter: str
    rows: Iterator[Row]
    header: list[str] | None = None
    format: str = ""
    sheet: str = ""
    notes: tuple[str, ...] = ()

    def noting(self, note: str) -> "Opened":
        """The same, and one more thing to know."""
        return replace(self, notes=(*self.notes, note))


class Format(Protocol):
    """What a module on this shelf offers."""

    def recognises(self, source: Source, reading: Reading, /) -> int:
        """`NO`, `MAYBE` (any text), `LIKELY` or `SURE`: whether the file is of this format."""

    def open_rows(self, source: Source, reading: Reading, /) -> Opened:
        """Begin to read a file that was recognised."""


def open_rows(source: Source, reading: Reading) -> Opened:
    """Read a file by the format that is surest of it; `Unreadable` (`format_unknown`) if none is.

    A format gives up its own name where a file lies in an archive: `gz` opens what is inside.
    """
    if source.depth > _DEEPEST:
        raise errors.Unreadable("archives in archives", code="archive_bomb")
    formats = [(name, cast(Format, SHELF.get(name))) for name in SHELF.names()]
    sure, name, found = max(
        ((plugin.recognises(source, reading), name, plugin) for name, plugin in formats),
        key=lambda one: one[0],
    )
    if sure == NO:
        raise errors.Unreadable("no known format", code="format_unknown")
    opened = found.open_rows(source, reading)
    return opened if opened.format else replace(opened, format=name)
