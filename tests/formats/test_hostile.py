"""Files that would fill memory, take for ever or break out are refused, soon and by name."""

import gzip
import io
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import BinaryIO, cast

import pytest

from chalicelib import errors
from chalicelib.formats import Reading
from chalicelib.formats._source import Source
from tests.formats.reading import Endless, everything, found
from tests.formats.test_contract import example

GIGABYTE = 2**30
MEMORY = 100 * 2**20


def refused(name: str, data: bytes) -> str:
    """The code by which a file is refused."""
    with pytest.raises((errors.Unreadable, errors.TooLarge)) as caught:
        everything(name, data)
    return caught.value.code


def packed(**files: bytes) -> bytes:
    """A ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return out.getvalue()


def workbook(**parts: bytes) -> bytes:
    """The recorded XLSX with some of its parts replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(example("xlsx")) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            new.writestr(
                entry.filename, parts.get(entry.filename.rpartition("/")[2][:-4], old.read(entry))
            )
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "beginning", "block"),
    [
        ("a.csv", b"email,name\n", b"x" * 65536),
        ("a.csv", b'email,name\n"', b"x\n" * 32768),
        ("a.json", b'[{"a":"', b"x" * 65536),
        ("a.xml", b"<r><a>", b"x" * 65536),
        ("a.xml", b"<r><a ", b"x" * 65536),
    ],
)
def test_a_gigabyte_without_an_end_is_not_held(name: str, beginning: bytes, block: bytes) -> None:
    """One line, one text, one record: refused after some megabytes, without keeping them."""
    streams: list[Endless] = []

    def opened() -> BinaryIO:
        streams.append(Endless(beginning, block, GIGABYTE))
        return cast(BinaryIO, streams[-1])

    tracemalloc.start()
    with pytest.raises(errors.TooLarge) as caught:
        found(name, opened)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code in {"row_too_long", "too_many_columns"}
    assert peak < MEMORY
    # A text of lines is looked through for what is not ASCII; nothing else is read to its end.
    looked_through = GIGABYTE + 2**20 if block.startswith(b"x\n") else 0
    assert sum(stream.given for stream in streams) < looked_through + GIGABYTE // 8


@pytest.mark.parametrize(
    ("name", "beginning", "block"),
    [
        ("a.json", b'[{"a":["x"', b',"' + b"x" * 500 + b'"'),
        ("a.xml", b"<r><a><b>1</b>", b"<c>" + b"x" * 500 + b"</c>"),
    ],
)
def test_a_record_of_endless_values_is_refused(name: str, beginning: bytes, block: bytes) -> None:
    """What belongs to one record is bounded together."""
    closing = b"]}]" if name == "a.json" else b"</a><a><b>2</b></a></r>"
    assert refused(name, beginning + block * 20_000 + closing) == "row_too_long"


def test_archives_that_unpack_without_end_are_refused() -> None:
    """By what they unpack to, whatever they say of themselves."""
    content = b"email\n" * 5_000_000
    assert refused("a.csv.gz", gzip.compress(content)) == "archive_bomb"
    bomb = packed(a_csv=content)
    assert refused("a.zip", bomb) == "archive_bomb"
    # It says that it holds 100 bytes.
    lying = bomb.replace(struct.pack("<I", len(content)), struct.pack("<I", 100))
    assert refused("a.zip", lying) == "archive_bomb"
    nested = packed(d_zip=packed(c_zip=packed(b_zip=packed(a_csv=b"email\na@x.org\n"))))
    assert refused("a.zip", nested) == "archive_bomb"


def test_workbooks_that_unpack_without_end_are_refused() -> None:
    """Before the library that reads them meets them."""
    sheet = b"<worksheet><sheetData>" + b"<row></row>" * 2_000_000
    assert refused("a.xlsx", workbook(sheet1=sheet, sheet2=sheet)) == "archive_bomb"


def test_a_workbook_that_asks_for_all_memory_ends_its_own_reader_only() -> None:
    """Two cells at the ends of a sheet are seventeen thousand million."""
    name = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cells = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="ALK1048576"><v>1</v></c></row>'
    sheet = b"<worksheet " + name + b"><sheetData>" + cells + b"</sheetData></worksheet>"
    code = refused("a.xlsx", workbook(sheet1=sheet, sheet2=sheet))
    assert code in {"file_too_large", "file_damaged"}


@pytest.mark.parametrize(
    "bomb",
    [
        b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><l><x>&b;</x><x>1</x></l>',
        b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l><x>&a;</x></l>',
        b'<!DOCTYPE l SYSTEM "http://example.org/a.dtd"><l><x>1</x></l>',
    ],
)
def test_xml_that_defines_things_is_refused(bomb: bytes) -> None:
    """Entities that grow, that read files, that are fetched: no document type at all."""
    assert refused("a.xml", b'<?xml version="1.0"?>' + bomb) == "xml_forbidden"


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.xml", b"<a>" * 100_000), ("a.json", b"[" * 100_000), ("a.json", b'{"a":' * 100_000)],
)
def test_things_in_things_in_things_are_refused(name: str, data: bytes) -> None:
    """Before any stack is full."""
    assert refused(name, data) == "nested_too_deep"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.json", ("[{" + ",".join(f'"c{n}":1' for n in range(100_000)) + "}]").encode()),
        (
            "a.xml",
            ("<r><a " + " ".join(f'c{n}="1"' for n in range(20_000)) + "/><a/></r>").encode(),
        ),
    ],
)
def test_too_many_columns_are_refused(name: str, data: bytes) -> None:
    """A thousand are more than anybody has. (A header line's are counted where it is read.)"""
    assert refused(name, data) == "too_many_columns"


def container(*names: str) -> bytes:
    """The beginning of an OLE container and its directory's names: what its format is known by."""
    entries = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in names)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + entries


def test_what_asks_for_a_password_is_said_to() -> None:
    """A workbook encrypted by Excel, and an encrypted archive."""
    assert (
        refused("a.xlsx", container("Root Entry", "EncryptionInfo", "EncryptedPackage"))
        == "file_encrypted"
    )
    archive = bytearray(packed(a_csv=b"email\na@x.org\n"))
    archive[archive.find(b"PK\x01\x02") + 8] |= 1
    assert refused("a.zip", bytes(archive)) == "file_encrypted"


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.xml", "a.json", "a"])
@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
        b"%PDF-1.7\n" + b"plain text inside\n" * 100,
        b"<!DOCTYPE html><html><table><tr><td>a@x.org</td></tr></table></html>",
        container("Root Entry", "WordDocument"),
        bytes(640),
    ],
)
def test_what_is_no_list_is_refused_whatever_its_name(name: str, data: bytes) -> None:
    """Pictures, documents and pages that are called a spreadsheet."""
    if data == bytes(640) and name == "a.csv":
        assert refused(name, data) == "encoding_unreadable"
    else:
        assert refused(name, data) == "format_unknown"


def test_an_archive_without_a_list() -> None:
    """Empty, or with nothing that can be read."""
    assert refused("a.zip", packed()) == "archive_empty"
    assert refused("a.zip", packed(a_png=b"\x89PNG\r\n\x1a\n" + bytes(999))) == "format_unknown"


def test_a_large_workbook_is_refused_before_it_is_copied_whole() -> None:
    """More than 128 MB of archive are not taken onto the local disk."""
    streams: list[Callable[[], int]] = []

    def opened() -> BinaryIO:
        stream = Endless(b"PK\x03\x04", bytes(65536), GIGABYTE)
        streams.append(lambda: stream.given)
        return cast(BinaryIO, stream)

    with pytest.raises(errors.TooLarge) as caught:
        found("a.xlsx", opened)
    assert caught.value.code == "file_too_large"
    assert sum(given() for given in streams) < GIGABYTE // 4


def test_streams_are_closed_and_readers_ended() -> None:
    """Whoever stops in the middle leaves nothing behind."""
    from chalicelib.formats import open_rows

    data = example("xlsx").read_bytes()
    with Source("a.xlsx", lambda: io.BytesIO(data)) as source:
        opened = open_rows(source, Reading())
        next(opened.rows)
        copy = source.copy
    assert copy.closed
