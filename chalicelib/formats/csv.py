"""Comma-separated values as RFC 4180 has them, and as spreadsheets really write them.

Python's csv reader does the work, leniently: a quotation mark inside an unquoted cell is one, and
text after a closing one belongs to the cell. https://www.rfc-editor.org/rfc/rfc4180
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import BinaryIO

from chalicelib import errors
from chalicelib.formats import Opened, Reading, Row
from chalicelib.formats._bounded import Bounded

# A quotation mark that is never closed swallows all that follows it: here it is stopped.
MAX_RECORD = 8 * 2**20
# What no field could take anyway; the row is refused and the file goes on.
MAX_CELL = 2**20
SHOWN_OF_LONG_CELL = 1000

DELIMITERS = (",", ";", "\t", "|")
UTF8 = "utf-8"
_SAMPLE_ROWS = 20
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def open_rows(stream: BinaryIO, reading: Reading) -> Opened:
    """Begin to read; `Unreadable` (`encoding_unreadable`) for bytes that are no text.

    A row's problem is `too_long` (a cell of more than 1 MB, shortened) or `quote_unclosed` (the
    file ended inside it). A record beyond 8 MB raises `TooLarge` (`row_too_long`).
    """
    csv.field_size_limit(MAX_RECORD)
    raw = Bounded(stream, MAX_RECORD)
    encoding = UTF8 if raw.head.startswith(codecs.BOM_UTF8) else reading.encoding or UTF8
    codec = "utf-8-sig" if encoding == UTF8 else encoding
    sample = _decoded(raw.head, codec, whole=raw.whole)
    delimiter = reading.delimiter or detect(sample, whole=raw.whole)
    # No newline translation: a quoted cell keeps the line breaks that it was written with.
    text = io.TextIOWrapper(io.BufferedReader(raw, 2**16), codec, newline="")
    return Opened(encoding, delimiter, _rows(text, delimiter))


def detect(sample: str, *, whole: bool = True) -> str:
    """The delimiter that makes most columns of the header, among those that the rows bear out."""
    return max(DELIMITERS, key=lambda delimiter: _evidence(sample, delimiter, whole))


def _evidence(sample: str, delimiter: str, whole: bool) -> tuple[bool, int, int]:
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    widths = [len(cells) for cells in islice(reader, _SAMPLE_ROWS) if cells]
    if not whole and 1 < len(widths) < _SAMPLE_ROWS:
        widths.pop()  # the sample ends inside it
    if not widths or widths[0] < 2:
        return False, 0, 0
    alike = widths.count(widths[0])
    return 2 * alike >= len(widths), widths[0], alike


def _decoded(head: bytes, codec: str, *, whole: bool) -> str:
    try:
        sample = codecs.getincrementaldecoder(codec)().decode(head, final=whole)
    except UnicodeError as error:
        raise _unreadable() from error
    # Text has none of these, or a few by accident; UTF-16 without a mark has one in two.
    if 10 * len(_CONTROLS.findall(sample)) > len(sample) + 80:
        raise _unreadable()
    return sample


class _Feed:
    """The lines of a text on their way into a csv reader.

    `chars` counts those since the last record; whoever takes a record sets it back. The reader
    asks for a line only while a record is open, so `ended` beside a record says that a quotation
    mark was never closed.
    """

    def __init__(self, text: Iterable[str]) -> None:
        self._text = text
        self.chars = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        for line in self._text:
            self.chars += len(line)
            if self.chars > MAX_RECORD:
                raise errors.TooLarge("a row of this file has no end", code="row_too_long")
            yield line
        self.ended = True


def _rows(text: Iterable[str], delimiter: str) -> Iterator[Row]:
    feed = _Feed(text)
    reader = csv.reader(feed, delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            if feed.chars > MAX_CELL or feed.ended:
                yield line, *_doubtful(cells, ended=feed.ended)
            else:
                yield line, cells, ""
            line = reader.line_num + 1
            feed.chars = 0
    except UnicodeError as error:
        raise _unreadable() from error
    except csv.Error as error:
        raise errors.Unreadable("this file is not what its header promises") from error


def _doubtful(cells: list[str], *, ended: bool) -> tuple[list[str], str]:
    problem = "quote_unclosed" if ended else ""
    if max(map(len, cells), default=0) > MAX_CELL:
        problem = "too_long"
        cells = [c if len(c) <= MAX_CELL else c[:SHOWN_OF_LONG_CELL] + "…" for c in cells]
    return cells, problem


def _unreadable() -> errors.Unreadable:
    return errors.Unreadable(
        "the bytes of this file are no text in the expected encoding", code="encoding_unreadable"
    )
