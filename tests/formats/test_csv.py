"""CSV comes back cell by cell, whatever its quoting, delimiter and the borders of its chunks."""

import csv
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib import errors
from chalicelib.formats import Opened, Reading, Row
from chalicelib.formats import csv as format_csv
from chalicelib.formats._dialect import DELIMITERS
from chalicelib.formats._source import Source
from chalicelib.formats.csv import MAX_CELL, MAX_RECORD

CORPORA = Path(__file__).resolve().parents[3] / "shared" / "corpora"
SPECTRUM = CORPORA / "csv-spectrum"
ENCODINGS = CORPORA / "csv-encodings"
NAMES = [
    "comma_in_quotes",
    "empty",
    "empty_crlf",
    "escaped_quotes",
    "json",
    "location_coordinates",
    "newlines",
    "newlines_crlf",
    "quotes_and_newlines",
    "simple",
    "simple_crlf",
    "utf8",
]
ANYTHING = Reading()


class Trickle(io.BytesIO):
    """A stream that gives at most so many bytes at once, as a network does."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self.most = most

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self.most if size is None or size < 0 else min(size, self.most)
        return super().read(wanted)


def opened(data: bytes, reading: Reading = ANYTHING, most: int = 2**20) -> Opened:
    """A file of these bytes, opened."""
    return format_csv.open_rows(Source("inbox/a.csv", lambda: Trickle(data, most)), reading)


def rows(data: bytes, reading: Reading = ANYTHING, most: int = 2**20) -> list[Row]:
    """All its rows."""
    return list(opened(data, reading, most).rows)


def cells(data: bytes, reading: Reading = ANYTHING, most: int = 2**20) -> list[list[str]]:
    """All its cells."""
    return [row[1] for row in rows(data, reading, most)]


def expected(name: str) -> list[dict[str, str]]:
    """What the corpus says a file holds, with the two slips of the corpus itself set right."""
    content = json.loads((SPECTRUM / "json" / f"{name}.json").read_text(encoding="utf-8"))
    listed: list[dict[str, str]] = content if isinstance(content, list) else [content]
    if name == "newlines_crlf":
        # Its CSV was stored with plain line feeds, its JSON was not.
        listed = [{k: v.replace("\r\n", "\n") for k, v in row.items()} for row in listed]
    if name == "location_coordinates":
        # Its CSV holds another telephone number than its JSON.
        listed[0]["Contact Phone Number"] = "2095257564"
    return listed


@pytest.mark.skipif(
    not SPECTRUM.exists(), reason="the corpus csv-spectrum is not beside the project"
)
@pytest.mark.parametrize("name", NAMES)
def test_the_csv_spectrum_is_read_exactly(name: str) -> None:
    """Every file of the acid test gives the rows that it says."""
    header, *records = cells((SPECTRUM / "csvs" / f"{name}.csv").read_bytes())
    assert [dict(zip(header, record, strict=True)) for record in records] == expected(name)


@pytest.mark.skipif(
    not ENCODINGS.exists(), reason="the corpus csv-encodings is not beside the project"
)
def test_files_of_the_wild_are_read() -> None:
    """A mark at the beginning, a NUL, old Mac line ends and nothing at all are no obstacles."""
    assert cells((ENCODINGS / "test_utf8_bom.csv").read_bytes())[0][0] == "foo"
    assert cells((ENCODINGS / "null_byte.csv").read_bytes())[1][0].startswith("\0")
    assert len(rows((ENCODINGS / "mac_newlines.csv").read_bytes())) > 1
    assert rows(b"") == []


def expected_cells(name: str) -> list[list[str]]:
    """What Python's reader makes of a corpus file, once one says in which encoding it is."""
    encodings = {
        "test_latin1": "latin-1",
        "test_utf16_big": "utf-16",
        "test_utf16_little": "utf-16",
    }
    data = (ENCODINGS / f"{name}.csv").read_bytes().decode(encodings.get(name, "utf-8-sig"))
    delimiter = ";" if name == "sniff_limit" else ","
    return list(csv.reader(io.StringIO(data, newline=""), delimiter=delimiter))


@pytest.mark.skipif(
    not ENCODINGS.exists(), reason="the corpus csv-encodings is not beside the project"
)
@pytest.mark.parametrize("name", sorted(p.stem for p in ENCODINGS.glob("*.csv")))
def test_the_csv_encodings_are_read_exactly(name: str) -> None:
    """Every file of the wild, its encoding and delimiter found out."""
    assert cells((ENCODINGS / f"{name}.csv").read_bytes()) == expected_cells(name)


plain = st.text(
    st.characters(codec="utf-8", exclude_characters="\ufeff"), max_size=6
) | st.sampled_from(["", '"', '""', "a\r\nb", "\r", "\n", ",", ";", "\t", "|", "'", " x ", "\0"])


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Any table of texts, all rows alike wide."""
    width = draw(st.integers(1, 4))
    return draw(st.lists(st.lists(plain, min_size=width, max_size=width), min_size=1, max_size=6))


@settings(max_examples=400)
@given(
    tables(),
    st.sampled_from(DELIMITERS),
    # With bare line feeds Python leaves a carriage return unquoted, and so cannot read it either.
    st.sampled_from([(csv.QUOTE_MINIMAL, "\r\n"), (csv.QUOTE_ALL, "\r\n"), (csv.QUOTE_ALL, "\n")]),
    st.booleans(),
    st.integers(1, 40),
)
def test_whatever_python_writes_comes_back(
    table: list[list[str]], delimiter: str, dialect: tuple[Literal[0, 1], str], bom: bool, most: int
) -> None:
    """Any texts in any of the four dialects come back, however the borders of reads fall."""
    out = io.StringIO(newline="")
    quoting, end = dialect
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerows(table)
    data = (b"\xef\xbb\xbf" if bom else b"") + out.getvalue().encode()
    # A table of controls only is taken for what it looks like: binary.
    if sum(c == 127 or (c < 32 and c not in b"\t\n\v\f\r") for c in data) < 5:
        assert cells(data, Reading("utf-8", delimiter), most) == table


@settings(max_examples=100)
@example(",", [[";", ";", ";"], ["", "", ""]])
@example(",", [[";", ";", ";"], [";", ";", ";"]])
@given(st.sampled_from(DELIMITERS), st.lists(st.lists(plain, min_size=3, max_size=3), max_size=5))
def test_the_delimiter_is_found_by_the_header(delimiter: str, body: list[list[str]]) -> None:
    """A header of plain words gives its delimiter away, whatever stands below it."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([["name", "e-mail", "phone"], *body])
    assert opened(out.getvalue().encode()).delimiter == delimiter


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ('"Name, first";Email;Phone\nAna;a@x.org;1\n', ";"),
        ("Value (a,b,c);Email\n1;a@x.org\n2;b@x.org\n", ";"),
        ("Email\na@x.org\n", ","),
        ("a|b|c\n", "|"),
        ("a\tb,c\n1\t2\n", "\t"),
    ],
)
def test_quotes_and_rows_decide_between_delimiters(text: str, delimiter: str) -> None:
    """What stands in quotes divides nothing, and what the rows do not bear out neither."""
    assert opened(text.encode()).delimiter == delimiter


def test_a_row_is_known_by_the_line_on_which_it_begins() -> None:
    """Quoted line breaks and blank lines count as the lines that they are."""
    data = b'a,b\r\n"1\r\n2",3\r\n\r\n4,5\r\n'
    assert [row[0] for row in rows(data)] == [1, 2, 4, 5]


def test_a_cell_of_2_mb_spoils_its_own_row_only() -> None:
    """The row is refused, its cell shortened, and the next rows are as good as ever."""
    found = rows(b"a,b\n1," + b"x" * (2 * MAX_CELL) + b"\n3,4\n")
    assert found[1][2] == "too_long"
    assert len(found[1][1][1]) < 2000
    assert found[2] == (3, ["3", "4"], "")


def test_a_quote_that_never_closes_is_named() -> None:
    """The file ends inside a cell: that row is refused, those before it are not."""
    found = rows(b'a,b\n1,2\n3,"4\n5,6\n')
    assert [row[2] for row in found] == ["", "", "quote_unclosed"]


@pytest.mark.parametrize(
    "data", [b"x" * (MAX_RECORD + 2**17), b'a,"' + b"x\n" * (MAX_RECORD // 2 + 10)]
)
def test_a_row_without_end_is_refused_before_it_fills_memory(data: bytes) -> None:
    """An endless line, and endless lines inside quotes, are a clear error."""
    with pytest.raises(errors.TooLarge) as caught:
        rows(data)
    assert caught.value.code == "row_too_long"


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
        bytes(range(32)) * 20,
        b"a,b\n" + b"1,2\n" * 40_000 + b"\xff,2\n",
    ],
)
def test_what_is_no_utf_8_is_unreadable(data: bytes) -> None:
    """Noise, another encoding, or one wrong byte at the end: the one code, nothing else."""
    with pytest.raises(errors.Unreadable) as caught:
        rows(data)
    assert caught.value.code == "encoding_unreadable"


@settings(max_examples=200)
@given(st.binary(max_size=3000))
def test_any_bytes_raise_our_errors_only(data: bytes) -> None:
    """Whatever is dropped is read or refused, never anything else."""
    with suppress(errors.Unreadable, errors.TooLarge):
        rows(data)


def test_an_encoding_may_be_named_and_a_mark_overrules_it() -> None:
    """What the options say is believed, unless the file itself says that it is UTF-8."""
    reading = Reading(encoding="cp1252")
    assert cells("a\nñ\n".encode("cp1252"), reading) == [["a"], ["ñ"]]
    assert cells("\ufeffa\nñ\n".encode(), reading) == [["a"], ["ñ"]]
