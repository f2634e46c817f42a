"""How tests read a file: from memory, in pieces of any size."""

import io
from collections.abc import Callable
from typing import Any, BinaryIO

from chalicelib.formats import Reading, Row, open_rows
from chalicelib.formats._source import Source

ANYTHING = Reading()


class Trickle(io.BytesIO):
    """A stream that gives at most so many bytes at once, as a network does."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self.most = most

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self.most if size is None or size < 0 else min(size, self.most)
        return super().read(wanted)


class Endless(io.RawIOBase):
    """A stream of so many bytes that nobody holds: a beginning, then blocks of the same."""

    def __init__(self, beginning: bytes, block: bytes, size: int) -> None:
        super().__init__()
        self._next, self._block, self.left, self.given = beginning, block, size, 0

    def read(self, size: int = -1, /) -> bytes:
        if self.left <= 0:
            return b""
        data = (self._next or self._block)[: size if size >= 0 else None]
        self._next = b""
        self.left -= len(data)
        self.given += len(data)
        return data


def everything(
    name: str, data: bytes, reading: Reading = ANYTHING, most: int = 2**20
) -> dict[str, Any]:
    """All that a file is found to be."""
    return found(name, lambda: Trickle(data, most), reading)


def found(name: str, stream: Callable[[], BinaryIO], reading: Reading = ANYTHING) -> dict[str, Any]:
    """All that a stream is found to be."""
    with Source(name, stream) as source:
        opened = open_rows(source, reading)
        return {
            "format": opened.format,
            "encoding": opened.encoding,
            "delimiter": opened.delimiter,
            "sheet": opened.sheet,
            "notes": list(opened.notes),
            "header": opened.header,
            "rows": [list(row) for row in opened.rows],
        }


def rows_of(name: str, data: bytes, reading: Reading = ANYTHING) -> list[Row]:
    """A file's rows."""
    return [tuple(row) for row in everything(name, data, reading)["rows"]]


def cells_of(
    name: str, data: bytes, reading: Reading = ANYTHING, most: int = 2**20
) -> list[list[str]]:
    """A file's cells."""
    return [row[1] for row in everything(name, data, reading, most)["rows"]]
