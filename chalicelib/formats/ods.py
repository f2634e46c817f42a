"""LibreOffice's spreadsheets: https://docs.oasis-open.org/office/OpenDocument/v1.3/"""

from chalicelib import errors
from chalicelib.formats import NO, SURE, Opened, Reading
from chalicelib.formats._source import Source
from chalicelib.formats._workbook import check, open_sheet

_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_ENCRYPTED = b"manifest:encryption-data"


def recognises(source: Source, _reading: Reading) -> int:
    """By the type that its first entry states, unpacked."""
    return SURE if _TYPE in source.head[:200] and "content.xml" in source.members else NO


def open_rows(source: Source, reading: Reading) -> Opened:
    """Open one sheet."""
    check(source)
    archive = source.archive
    if archive and "META-INF/manifest.xml" in source.members:
        with archive.open("META-INF/manifest.xml") as manifest:
            if _ENCRYPTED in manifest.read(2**20):
                raise errors.Unreadable("this file asks for a password", code="file_encrypted")
    return open_sheet(source, reading)
