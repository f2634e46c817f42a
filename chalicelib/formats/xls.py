"""Excel's workbooks until 2003, and what else lies in the same container.

A newer workbook with a password is such a container with an `EncryptedPackage` in it.
https://learn.microsoft.com/openspecs/office_file_formats/ms-cfb
"""

from chalicelib import errors
from chalicelib.formats import NO, SURE, Opened, Reading
from chalicelib.formats._source import Source
from chalicelib.formats._workbook import open_sheet

_CONTAINER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOOKS = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BLOCK = 2**20


def recognises(source: Source, _reading: Reading) -> int:
    """By the container's first bytes; whether a workbook lies in it shows when it is opened."""
    return SURE if source.head.startswith(_CONTAINER) else NO


def open_rows(source: Source, reading: Reading) -> Opened:
    """Open one sheet; `Unreadable`: `file_encrypted`, or `format_unknown` for another document."""
    if _holds(source, (_ENCRYPTED,)):
        raise errors.Unreadable("this file asks for a password", code="file_encrypted")
    if not _holds(source, _BOOKS):
        raise errors.Unreadable("another document", code="format_unknown")
    return open_sheet(source, reading)


def _holds(source: Source, names: tuple[bytes, ...]) -> bool:
    """Whether the container's directory, which may lie anywhere in it, has one of these entries."""
    source.copy.seek(0)
    last = b""
    while block := source.copy.read(_BLOCK):
        if any(name in last + block for name in names):
            return True
        last = block[-64:]
    return False
