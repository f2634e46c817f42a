"""A ZIP archive: read as the one file that lies in it, or the first that holds data.

https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import io
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from chalicelib import errors
from chalicelib.formats import LIKELY, NO, SHELF, Opened, Reading
from chalicelib.formats import open_rows as open_inner
from chalicelib.formats._bombs import Unpacked, check_entries, true_blocks
from chalicelib.formats._source import Source

_TEXTS = {"tsv", "tab", "txt", "ndjson"}


def recognises(source: Source, _reading: Reading) -> int:
    """Any ZIP archive; workbooks are surer of theirs."""
    return LIKELY if source.archive else NO


def open_rows(source: Source, reading: Reading) -> Opened:
    """Open the file inside; `Unreadable`: `archive_empty`, or what an archive may be refused for."""
    archive = source.archive
    if archive is None:
        raise errors.Unreadable("no archive", code="format_unknown")
    check_entries(archive)
    entry, others = _chosen(archive)
    inner = Source(entry.filename, lambda: _stream(source, entry), source.depth + 1)
    source.inside.append(inner)
    opened = open_inner(inner, reading)
    return opened.noting("archive_first") if others else opened


def _chosen(archive: zipfile.ZipFile) -> tuple[zipfile.ZipInfo, bool]:
    """The first entry whose name is a format's, else the first; whether there are more such."""
    entries = [entry for entry in archive.infolist() if _is_file(entry)]
    known = [entry for entry in entries if _ending(entry) in _TEXTS or _ending(entry) in SHELF]
    if not entries:
        raise errors.Unreadable("nothing is in this archive", code="archive_empty")
    return (known or entries)[0], len(known or entries) > 1


def _is_file(entry: zipfile.ZipInfo) -> bool:
    hidden = entry.filename.startswith("__MACOSX/") or "/." in "/" + entry.filename
    return not entry.is_dir() and not hidden


def _ending(entry: zipfile.ZipInfo) -> str:
    return entry.filename.rpartition(".")[2].lower()


def _stream(source: Source, entry: zipfile.ZipInfo) -> BinaryIO:
    return io.BufferedReader(_Blocks(true_blocks(source.copy, entry, Unpacked())), 2**16)


class _Blocks(io.RawIOBase):
    """An iterator of blocks, read as a stream."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        super().__init__()
        self._blocks, self._left = blocks, b""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer from one block."""
        self._left = self._left or next(self._blocks, b"")
        data, self._left = self._left[: len(into)], self._left[len(into) :]
        into[: len(data)] = data
        return len(data)
