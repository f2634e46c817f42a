"""Which cells of an XLSX sheet are shown as percentages: calamine gives their share of one alone."""

import re
import zipfile
from collections.abc import Callable
from typing import BinaryIO
from xml.etree.ElementTree import Element

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_TYPES = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
# `0%` and `0.00%`, which every workbook has without saying so.
_BUILT_IN = {"9", "10"}
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>")
_PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_STYLE = re.compile(rb'\bs="([0-9]{1,6})"')
_QUOTED = re.compile(r'"[^"]*"|\\.')
_BLOCK, _TAG = 2**20, 4096
_MOST = 32 * 2**20


def percents(stream: BinaryIO, sheet: str) -> Callable[[int, int], bool] | None:
    """Whether a cell (row and column from 1) is shown so; None where none of the sheet is."""
    if not zipfile.is_zipfile(stream):
        return None
    with zipfile.ZipFile(stream) as archive:
        names = set(archive.namelist())
        if not {"xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return None
        styles = _styles(_tree(archive, "xl/styles.xml"))
        part = _part(archive, sheet)
        if not styles or part not in names:
            return None
        rows = _marked(archive, part, styles)
    return lambda row, column: column in rows and row in rows[column]


def _tree(archive: zipfile.ZipFile, name: str) -> Element:
    from defusedxml.ElementTree import fromstring

    with archive.open(name) as part:
        return fromstring(part.read(_MOST))


def _styles(tree: Element) -> set[int]:
    """The numbers of the cell styles whose number format has a percent sign."""
    formats = {
        str(one.get("numFmtId"))
        for one in tree.iter(_MAIN + "numFmt")
        if "%" in _QUOTED.sub("", one.get("formatCode") or "")
    }
    cells = tree.find(_MAIN + "cellXfs")
    wanted = formats | _BUILT_IN
    return {
        n
        for n, one in enumerate(cells if cells is not None else ())
        if one.get("numFmtId") in wanted
    }


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    for one in _tree(archive, "xl/workbook.xml").iter(_MAIN + "sheet"):
        if one.get("name") == sheet:
            link = one.get(_TYPES + "id")
            for relation in _tree(archive, "xl/_rels/workbook.xml.rels"):
                if relation.get("Id") == link:
                    target = str(relation.get("Target"))
                    return target[1:] if target.startswith("/") else f"xl/{target}"
    return ""


def _marked(archive: zipfile.ZipFile, part: str, styles: set[int]) -> dict[int, set[int]]:
    """The rows of each column whose cells have one of these styles."""
    rows: dict[int, set[int]] = {}
    rest = b""
    with archive.open(part) as sheet:
        while block := sheet.read(_BLOCK):
            data = rest + block
            end = data.rfind(b"<")
            # A tag that a block cuts in two is read with the next one.
            rest, data = (data[end:], data[:end]) if len(data) - end < _TAG else (b"", data)
            for cell in _CELL.finditer(data):
                style, place = _STYLE.search(cell[1]), _PLACE.search(cell[1])
                if style and place and int(style[1]) in styles:
                    rows.setdefault(_column(place[1]), set()).add(int(place[2]))
    return rows


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
