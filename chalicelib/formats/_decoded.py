"""A text file in any encoding as a stream of UTF-8, with an eye on what never ends."""

import codecs
from typing import BinaryIO

from chalicelib import errors
from chalicelib.formats._encoding import codec_of, unreadable
from chalicelib.formats._source import Source

MAX_RECORD = 8 * 2**20
_BLOCK = 2**16


class Decoded:
    """UTF-8, to be read. Whoever finds something to keep in it sets `since` back to 0.

    So a record, a text or a nesting without end raises `TooLarge` (`row_too_long`) before it
    fills memory.
    """

    def __init__(self, source: Source, encoding: str) -> None:
        self._stream: BinaryIO = source.open()
        self._decoder = codecs.getincrementaldecoder(codec_of(encoding))()
        self._first = True
        self._left = b""
        self.since = 0

    def read(self, size: int = _BLOCK) -> bytes:
        """The next bytes; none only at the end."""
        if size == 0:
            return b""
        while not self._left:
            data = bytes(self._stream.read(_BLOCK))
            try:
                text = self._decoder.decode(data, final=not data)
            except UnicodeError as error:
                raise unreadable() from error
            if self._first and text:
                text, self._first = text.removeprefix("\ufeff"), False
            self._left = text.encode("utf-8", "surrogatepass")
            if not data:
                break
        found, self._left = self._left[:size], self._left[size:]
        self.since += len(found)
        if self.since > MAX_RECORD:
            raise errors.TooLarge("a record of this file has no end", code="row_too_long")
        return found
