"""Comma-separated values as RFC 4180 has them, and as spreadsheets really write them.

Python's csv reader does the work, leniently: a quotation mark inside an unquoted cell is one, and
text after a closing one belongs to the cell. https://www.rfc-editor.org/rfc/rfc4180
"""

import csv
import io
from collections.abc import Iterable, Iterator

from chalicelib import errors
from chalicelib.formats import MAYBE, NO, Opened, Reading, Row
from chalicelib.formats._bounded import Bounded
from chalicelib.formats._dialect import Dialect, dialect_of, reader
from chalicelib.formats._encoding import codec_of, encoding_of, is_binary, sample_of, unreadable
from chalicelib.formats._source import Source

# A quotation mark that is never closed swallows all that follows it: here it is stopped.
MAX_RECORD = 8 * 2**20
# What no field could take anyway; the row is refused and the file goes on.
MAX_CELL = 2**20
SHOWN_OF_LONG_CELL = 1000
# Web applications call their pages `.xls`.
_PAGES = ("<!doctype html", "<html")
_ENDINGS = ("csv", "tsv", "tab", "txt")


def recognises(source: Source, reading: Reading) -> int:
    """Any text may be one; what is no text is none, unless its name insists: then it says why."""
    if is_binary(source) or source.members:
        return NO
    try:
        sample = sample_of(source, encoding_of(source, reading.encoding))
    except errors.Unreadable:
        return MAYBE if source.ending in _ENDINGS else NO
    return NO if sample.lstrip()[:20].lower().startswith(_PAGES) else MAYBE


def open_rows(source: Source, reading: Reading) -> Opened:
    """Begin to read; `Unreadable` (`encoding_unreadable`) for bytes that are no text.

    A row's problem is `too_long` (a cell of more than 1 MB, shortened) or `quote_unclosed` (the
    file ended inside it). A record beyond 8 MB raises `TooLarge` (`row_too_long`).
    """
    csv.field_size_limit(MAX_RECORD)
    encoding = encoding_of(source, reading.encoding)
    wanted = Dialect(reading.delimiter, reading.quote, reading.escape)
    dialect = dialect_of(sample_of(source, encoding), wanted, whole=source.whole)
    raw = io.BufferedReader(Bounded(source.open(), MAX_RECORD), 2**16)
    # No newline translation: a quoted cell keeps the line breaks that it was written with.
    text = io.TextIOWrapper(raw, codec_of(encoding), newline="")
    return Opened(encoding, dialect.delimiter, _rows(text, dialect))


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


def _rows(text: Iterable[str], dialect: Dialect) -> Iterator[Row]:
    feed = _Feed(text)
    rows = reader(iter(feed), dialect)
    line = 1
    try:
        for cells in rows:
            if feed.chars > MAX_CELL or feed.ended:
                found = line, *_doubtful(cells, ended=feed.ended)
            else:
                found = line, cells, ""
            if line == 1:
                found = _beginning(found, dialect)
            yield found
            line = rows.line_num + 1
            feed.chars = 0
    except UnicodeError as error:
        raise unreadable() from error
    except csv.Error as error:
        raise errors.Unreadable("this file is not what its header promises") from error


def _beginning(row: Row, dialect: Dialect) -> Row:
    """The first line without a mark that the codec left in, and nothing where it says `sep=;`."""
    line, cells, problem = row
    if dialect.says:
        return line, [], problem
    return line, [cells[0].removeprefix("\ufeff"), *cells[1:]] if cells else cells, problem


def _doubtful(cells: list[str], *, ended: bool) -> tuple[list[str], str]:
    problem = "quote_unclosed" if ended else ""
    if max(map(len, cells), default=0) > MAX_CELL:
        problem = "too_long"
        cells = [c if len(c) <= MAX_CELL else c[:SHOWN_OF_LONG_CELL] + "…" for c in cells]
    return cells, problem
