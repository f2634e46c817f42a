"""An `errors.csv` that was mended and dropped again: only its rows run, as the rows they were.

Each row keeps the identity that it had in the first import, so that the store judges it anew, or
knows that it took effect already. Before a chunk of such rows is stored, their old fates are noted
under the first import; afterwards, which of them moved. The first import's sums stay sums of
records that are written once.
"""

import codecs
import json
from collections.abc import Iterable, Mapping, Sequence

from chalicelib.imports import records
from chalicelib.imports.totals import codes_of
from chalicelib.model import Fate, Outcome
from chalicelib.noun import noun
from chalicelib.ports import Files, Insert, Key, Table, Update
from chalicelib.store import items, submission_items

COLUMNS = ("_import", "_row", "_code", "_field", "_message")
UNKNOWN_ROW = "mend_unknown_row"
_BEGINNINGS = (b"_import", b'"_import"')
_LONGEST_ROW = 9


def looks_mended(files: Files, key: str, version: str) -> bool:
    """Whether a file begins as our errors files do: it is then read as we write them."""
    with files.open(key, version=version) as stream:
        head = stream.read(32).removeprefix(b"\xef\xbb\xbf")
    if head.startswith(codecs.BOM_UTF16_LE):
        head = head[2:].decode("utf-16-le", "replace").encode()
    return head.startswith(_BEGINNINGS)


def is_mended(header: Sequence[str]) -> bool:
    """Whether a header says that the rows are those of an earlier import."""
    return tuple(header[: len(COLUMNS)]) == COLUMNS


def row_of(cells: Sequence[str], import_id: str) -> int:
    """The row that a mended row was in its import; 0 where it does not say."""
    if len(cells) < 2 or cells[0].strip() != import_id:
        return 0
    number = cells[1].strip()
    plain = number.isascii() and number.isdigit() and len(number) <= _LONGEST_ROW
    return int(number) if plain else 0


@noun
class Before:
    """What the rows of a mended chunk were, by row: the fate and codes that the first import has."""

    key: Key
    rows: Mapping[int, tuple[str, Sequence[str]]]


def note_before(
    table: Table, first: str, mending: str, number: int, receipts: Mapping[int, str]
) -> Before:
    """Note what the rows were before they are judged anew: the first to note it is believed."""
    key = records.mend_key(first, mending, number)
    there = table.get([key]).get(key)
    if there is None:
        rows = _stored(table, receipts)
        content = {"old": {str(row): [fate, list(codes)] for row, (fate, codes) in rows.items()}}
        if table.write([Insert(key, records.body(content))])[0]:
            return Before(key, rows)
        there = table.get([key])[key]
    old = json.loads(str(there["b"]))["old"]
    return Before(key, {int(row): (fate, codes) for row, (fate, codes) in old.items()})


def note_after(table: Table, before: Before, outcomes: Iterable[tuple[int, Outcome]]) -> None:
    """Note which rows took effect that had none before; the first to note it is believed."""
    moved = {
        str(row): str(outcome.fate)
        for row, outcome in outcomes
        if outcome.fate.effective and row in before.rows and not _effective(before.rows[row][0])
    }
    old = {str(row): [fate, list(codes)] for row, (fate, codes) in before.rows.items()}
    content = {"old": old, "moved": moved}
    table.write([Update(before.key, {"b": items.dump(content)}, 1)])


def _stored(table: Table, receipts: Mapping[int, str]) -> dict[int, tuple[str, Sequence[str]]]:
    keys = {row: items.submission_key(receipt) for row, receipt in receipts.items()}
    there = table.get(list(keys.values()))
    touches = {
        row: submission_items.read_submission(there[key])
        for row, key in keys.items()
        if key in there
    }
    return {
        row: (str(touch.fate), codes_of(touch.fate, touch.reason, touch.problems))
        for row, touch in touches.items()
    }


def _effective(fate: str) -> bool:
    return Fate(fate).effective
