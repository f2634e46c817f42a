"""Bytes on their way into a text reader, with an eye on lines that never end."""

import io
from typing import BinaryIO

from chalicelib import errors


class Bounded(io.RawIOBase):
    """A stream whose lines are bounded: an endless one raises `TooLarge` before it fills memory."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        super().__init__()
        self._stream, self._limit, self._run = stream, limit, 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer as far as one read of the stream goes."""
        data = bytes(self._stream.read(len(into)))
        self._watch(data)
        into[: len(data)] = data
        return len(data)

    def _watch(self, data: bytes) -> None:
        end = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self._run = self._run + len(data) if end < 0 else len(data) - end - 1
        if self._run > self._limit:
            raise errors.TooLarge("a line of this file has no end", code="row_too_long")
