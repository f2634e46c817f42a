"""A file that is being read: its beginning to look at, and streams from its start as often as asked.

Records without a header line (XML, JSON) are read twice: first for their columns, then for their
cells. So a source can be opened again, and what needs to jump about gets a bounded local copy.
"""

import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from types import TracebackType
from typing import BinaryIO

from chalicelib import errors

HEAD_BYTES = 65_536
# What is copied to the local disk, to be read with jumps: workbooks and archives.
MAX_COPIED = 128 * 2**20
_BLOCK = 2**20
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


class Source:
    """One file, or one that lies inside another. Closing it closes every stream that it gave.

    `name` is what it is called, `depth` how many archives it lies in.
    """

    def __init__(self, name: str, open_stream: Callable[[], BinaryIO], depth: int = 0) -> None:
        self.name, self.depth = name, depth
        self._open_stream = open_stream
        self._streams: list[BinaryIO] = []
        self._ends: list[Callable[[], None]] = []
        # What lies inside this one and was opened.
        self.inside: list[Source] = []
        # What was found out about its text, by those who ask several times.
        self.found: dict[tuple[str, str], str] = {}

    def __enter__(self) -> "Source":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for end in self._ends:
            end()
        for inner in self.inside:
            inner.__exit__(kind, error, at)
        for stream in reversed(self._streams):
            with suppress(OSError, AttributeError):
                stream.close()

    def open(self) -> BinaryIO:
        """A new stream from the beginning; it has `read(size)`."""
        return self.keep(self._open_stream())

    def keep(self, stream: BinaryIO) -> BinaryIO:
        """Close this stream too, in the end."""
        self._streams.append(stream)
        return stream

    def ending_with(self, end: Callable[[], None]) -> None:
        """Do this too, in the end."""
        self._ends.append(end)

    @cached_property
    def head(self) -> bytes:
        """The first 64 KB."""
        stream = self.open()
        data = _read(stream, HEAD_BYTES)
        with suppress(AttributeError):
            stream.close()
        return data

    @property
    def whole(self) -> bool:
        """Whether the head is all there is."""
        return len(self.head) < HEAD_BYTES

    @property
    def ending(self) -> str:
        """What stands after the last dot of the name, in small letters."""
        return self.name.rpartition("/")[2].rpartition(".")[2].lower() if "." in self.name else ""

    @cached_property
    def copy(self) -> BinaryIO:
        """A local copy that can be read with jumps; `TooLarge` (`file_too_large`) beyond 128 MB."""
        target = self.keep(tempfile.TemporaryFile())  # noqa: SIM115 - closed with this source
        stream, size = self.open(), 0
        while data := stream.read(_BLOCK):
            size += len(data)
            if size > MAX_COPIED:
                raise errors.TooLarge(f"{MAX_COPIED // 2**20} MB", code="file_too_large")
            target.write(data)
        target.seek(0)
        return target

    @cached_property
    def archive(self) -> zipfile.ZipFile | None:
        """The ZIP archive that this is, or None; `Unreadable` (`file_damaged`) for a broken one."""
        if not self.head.startswith(_ZIP):
            return None
        try:
            return zipfile.ZipFile(self.copy)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise errors.Unreadable("this archive is damaged", code="file_damaged") from error

    @cached_property
    def members(self) -> frozenset[str]:
        """The names of what lies in the archive; none where it is no archive."""
        return frozenset(self.archive.namelist()) if self.archive else frozenset()


def _read(stream: BinaryIO, size: int) -> bytes:
    parts, found = [], 0
    while found < size and (data := stream.read(size - found)):
        parts.append(bytes(data))
        found += len(data)
    return b"".join(parts)
