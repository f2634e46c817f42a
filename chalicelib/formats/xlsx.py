"""Excel's workbooks since 2007: https://learn.microsoft.com/openspecs/office_standards/ms-oi29500"""

from chalicelib.formats import NO, SURE, Opened, Reading
from chalicelib.formats._source import Source
from chalicelib.formats._workbook import open_sheet


def recognises(source: Source, _reading: Reading) -> int:
    """By the workbook that lies in the archive."""
    return SURE if "xl/workbook.xml" in source.members else NO


def open_rows(source: Source, reading: Reading) -> Opened:
    """Open one sheet."""
    return open_sheet(source, reading)
