"""Sheets of workbooks as rows of texts: XLSX, XLSB, XLS and ODS alike, read by `_calamine`."""

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from chalicelib import errors
from chalicelib.formats import Opened, Reading, Row
from chalicelib.formats._bombs import Unpacked, check_entries, damaged, true_blocks
from chalicelib.formats._source import Source

# Unpacked, all in all.
MAX_WORKBOOK = 256 * 2**20
# Of the process that reads it: the function has 1 GB, and 15 minutes for two readings.
MAX_MEMORY, MAX_SECONDS = 800 * 2**20, 200
# What Python says where it got none.
_NO_MEMORY = 12
_READER = "chalicelib.formats._calamine"


def open_sheet(source: Source, reading: Reading) -> Opened:
    """Open the sheet that `reading` names, else the first that is visible and holds something.

    Raises `Unreadable`: `file_encrypted`, `file_damaged`, `sheet_missing` (its detail: the sheets);
    `TooLarge`: `file_too_large`, `archive_bomb`, `too_many_columns`.
    """
    check(source)
    reader = _Reader(source, reading.sheet)
    first = reader.first()
    opened = Opened("", "", reader.rows(), sheet=first["sheet"])
    return opened.noting("other_sheets") if first["others"] else opened


class _Reader:
    """The process that reads a workbook, and what it says."""

    def __init__(self, source: Source, sheet: str) -> None:
        # Not `seek`, which may move within a buffer that the other process does not see.
        os.lseek(source.copy.fileno(), 0, os.SEEK_SET)
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", _READER, sheet, str(MAX_MEMORY), str(MAX_SECONDS)],
            stdin=source.copy,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert self._process.stdout is not None
        self._lines: IO[bytes] = self._process.stdout
        source.ending_with(self._end)

    def first(self) -> dict[str, Any]:
        """What the sheet is."""
        found: dict[str, Any] | None = self._next()
        if found is None:
            raise damaged()
        return found

    def rows(self) -> Iterator[Row]:
        """Its rows."""
        while row := self._next():
            yield row[0], row[1], ""

    def _next(self) -> Any:
        """The next line of the answer; None at a good end."""
        line = self._lines.readline()
        if not line.endswith(b"\n"):
            return self._ended()
        found = json.loads(line)
        if isinstance(found, dict) and "error" in found:
            raise _refused(found["error"], found["detail"])
        return found

    def _ended(self) -> None:
        """A limit ends the process by a signal or a failed allocation; a panic is a broken file."""
        code = self._process.wait()
        if code < 0 or code == _NO_MEMORY:
            raise errors.TooLarge("more than can be read", code="file_too_large")
        if code:
            raise damaged()

    def _end(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._lines.close()


def _refused(code: str, detail: str) -> errors.InletError:
    kind = errors.TooLarge if code == "too_many_columns" else errors.Unreadable
    return kind(detail, code=code)


def check(source: Source) -> None:
    """Unpack everything once and keep nothing: what calamine will meet is then known."""
    archive = source.archive
    if archive is None:
        return
    check_entries(archive)
    if sum(entry.file_size for entry in archive.infolist()) > MAX_WORKBOOK:
        most = max(archive.infolist(), key=lambda entry: entry.file_size)
        _unpack(source, most, Unpacked())  # a bomb is called one
        raise errors.TooLarge(f"{MAX_WORKBOOK // 2**20} MB", code="file_too_large")
    size = Unpacked(most=MAX_WORKBOOK)
    for entry in archive.infolist():
        if not entry.is_dir():
            _unpack(source, entry, size)
    source.copy.seek(0)


def _unpack(source: Source, entry: zipfile.ZipInfo, size: Unpacked) -> None:
    for _ in true_blocks(source.copy, entry, size):
        pass
