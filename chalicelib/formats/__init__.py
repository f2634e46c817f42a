"""The format shelf: one file format a file, each turns a stream of bytes into rows of texts.

A format is a module, named as the ending of its files, with `open_rows(stream, reading)`. It
streams: neither a file nor a line is ever held whole beyond a bound, and what cannot be read
raises `errors.Unreadable` or `errors.TooLarge` and nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol, TypeAlias, cast

from chalicelib.shelf import Shelf

SHELF = Shelf("chalicelib.formats")

# Where a record begins (the line of the file, the row of the sheet, the number of the record),
# its cells, and the code of what is wrong with it as a whole, or the empty string.
Row: TypeAlias = tuple[int, list[str], str]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the import's options say of the file; empty: to be found out."""

    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that is being read: what it was found to be, and its rows, header and blanks too."""

    encoding: str
    delimiter: str
    rows: Iterator[Row]


class Format(Protocol):
    """What a module on this shelf offers."""

    def open_rows(self, stream: BinaryIO, reading: Reading, /) -> Opened:
        """Begin to read a stream that has only `read(size)`."""


def format_of(key: str) -> Format:
    """The format of a file by its name's ending; what has none of its own is read as text."""
    ending = key.rpartition(".")[2].lower()
    return cast(Format, SHELF.get(ending if ending in SHELF else "csv"))
