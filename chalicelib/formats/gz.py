"""One file packed by gzip: read as what is in it, bounded against what unpacks without end.

https://www.rfc-editor.org/rfc/rfc1952
"""

import io
import zlib
from typing import BinaryIO

from chalicelib import errors
from chalicelib.formats import NO, SURE, Opened, Reading
from chalicelib.formats import open_rows as open_inner
from chalicelib.formats._bombs import Unpacked
from chalicelib.formats._source import Source

_GZIP = 31  # zlib's word for: with gzip's header and check sum


def recognises(source: Source, _reading: Reading) -> int:
    """By its first three bytes: gzip, packed by deflate."""
    return SURE if source.head.startswith(b"\x1f\x8b\x08") else NO


def open_rows(source: Source, reading: Reading) -> Opened:
    """Open the file inside; `TooLarge` (`archive_bomb`), or `Unreadable` (`file_damaged`)."""
    name = source.name.removesuffix(".gz").removesuffix(".GZ")

    def unpacked() -> BinaryIO:
        return io.BufferedReader(_Gunzip(source.open()), 2**16)

    inner = Source(name, unpacked, source.depth + 1)
    source.inside.append(inner)
    return open_inner(inner, reading)


class _Gunzip(io.RawIOBase):
    """The unpacked bytes; several packed streams behind one another are one file."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream, self._left = stream, b""
        self._unpacker = zlib.decompressobj(_GZIP)
        self._size = Unpacked()

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        """Unpack at most as much as is asked for."""
        try:
            data = self._unpacked(len(into))
        except zlib.error as error:
            raise errors.Unreadable("this archive is damaged", code="file_damaged") from error
        self._size.add(unpacked=len(data))
        into[: len(data)] = data
        return len(data)

    def _unpacked(self, most: int) -> bytes:
        while True:
            if self._unpacker.eof:
                self._next_stream()
            if not self._left:
                self._left = bytes(self._stream.read(2**16))
                self._size.add(packed=len(self._left))
                if not self._left:
                    return self._end()
            data = self._unpacker.decompress(self._left, most)
            self._left = self._unpacker.unconsumed_tail or self._unpacker.unused_data
            if data:
                return data

    def _next_stream(self) -> None:
        self._left = self._left.lstrip(b"\0")  # padding of tapes
        if self._left:
            self._unpacker = zlib.decompressobj(_GZIP)

    def _end(self) -> bytes:
        if not self._unpacker.eof:
            raise errors.Unreadable("this archive ends too early", code="file_damaged")
        return b""
