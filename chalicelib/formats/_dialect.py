"""How a text divides its cells: delimiter, quotation mark, escapes, found by what the rows bear out."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = (",", ";", "\t", "|", "^", "~", "\x1f", "\x01", "¦", "§")
_SAMPLE_ROWS = 20
# Excel's own way of saying it.
_SAYS = re.compile(r"[ \"]*sep=(.)[ \"]*(?:\r\n|\r|\n|$)", re.IGNORECASE)
_SINGLE = re.compile(r"'[^']*'(?:[,;\t|^~]'[^']*')+\s*(?:[\r\n]|$)")


class _Evidence(NamedTuple):
    """Whether most rows are as wide as the header, how wide, and how many; the more the better.

    `even`: all rows are, from the first line on. `titled`: lines above the header were passed over.
    """

    borne_out: bool = False
    width: int = 0
    alike: int = 0
    even: bool = False
    titled: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """One character each; `escape` may be empty. `says` is whether the file's first line names it."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    says: bool = False


def dialect_of(sample: str, wanted: Dialect, *, whole: bool = True) -> Dialect:
    """The dialect of a text by its beginning; what is `wanted` (not empty) is not asked.

    The delimiter is the one that makes most columns of the header, among those that the rows bear
    out. Backslashes escape only where that makes the rows more alike.
    """
    said = _SAYS.match(sample)
    if said:
        sample = sample[said.end() :]
    delimiter = wanted.delimiter or (said[1] if said else "")
    quote = wanted.quote or ("'" if _SINGLE.match(sample.lstrip()) else '"')
    escapes = (wanted.escape,) if wanted.escape else _escapes(sample, quote)
    candidates = [
        Dialect(one, quote, escape, bool(said))
        for escape in escapes
        for one in ((delimiter,) if delimiter else DELIMITERS)
    ]
    if len(candidates) == 1:
        return candidates[0]
    found = {one: _evidence(sample, one, whole) for one in candidates}
    if any(evidence.even for evidence in found.values()):
        # The first line divides as every other does: it is the header, and no title above one.
        found = {one: evidence for one, evidence in found.items() if not evidence.titled}
    if any(evidence.even and not one.escape for one, evidence in found.items()):
        # A cell may end in a backslash that escapes nothing.
        found = {one: evidence for one, evidence in found.items() if not one.escape}
    return max(found, key=lambda one: found[one])


def reader(lines: Iterator[str], dialect: Dialect) -> "Reader":
    """Python's reader for a dialect: lenient, so that a mark inside an unquoted cell is one."""
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape or None,
    )


def _escapes(sample: str, quote: str) -> tuple[str, ...]:
    escaped = re.search(
        r"\\[" + re.escape(quote) + "".join(map(re.escape, DELIMITERS)) + "]", sample
    )
    return ("", "\\") if escaped else ("",)


def _evidence(sample: str, dialect: Dialect, whole: bool) -> _Evidence:
    rows = reader(iter(io.StringIO(sample, newline="")), dialect)
    try:
        widths = [len(cells) for cells in islice(rows, _SAMPLE_ROWS) if cells]
    except csv.Error:
        return _Evidence()
    if not whole and 1 < len(widths) < _SAMPLE_ROWS:
        widths.pop()  # the sample ends inside it
    return _borne_out(widths)


def _borne_out(widths: list[int]) -> _Evidence:
    """Whether most rows are as wide as the header; titles of one cell above it are no header."""
    rows = len(widths)
    while len(widths) > 2 and widths[0] < 2 and max(widths) > 1:
        widths = widths[1:]
    if not widths or widths[0] < 2:
        return _Evidence()
    alike, titled = widths.count(widths[0]), len(widths) < rows
    return _Evidence(2 * alike >= len(widths), widths[0], alike, alike == rows, titled)
