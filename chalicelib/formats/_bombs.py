"""What unpacks to far more than it is: counted while it is unpacked, whatever it says of itself."""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chalicelib import errors

# Spreadsheets of one repeated row come to a hundred; a bomb to a thousand and more.
MAX_RATIO = 250
# Below this, a ratio says nothing.
FREE_BYTES = 8 * 2**20
MAX_UNPACKED = 8 * 2**30
MAX_ENTRIES = 10_000
_BLOCK = 2**16
_LOCAL_HEADER = 30


@dataclass
class Unpacked:
    """How much went in and came out; `TooLarge` (`archive_bomb`) where that is out of proportion."""

    packed: int = 0
    unpacked: int = 0
    most: int = MAX_UNPACKED

    def add(self, *, packed: int = 0, unpacked: int = 0) -> None:
        """Count, and judge."""
        self.packed += packed
        self.unpacked += unpacked
        if self.unpacked > self.most:
            raise bomb()
        if self.unpacked > FREE_BYTES and self.unpacked > MAX_RATIO * self.packed:
            raise bomb()


def bomb() -> errors.TooLarge:
    """The error of an archive that unpacks to too much."""
    return errors.TooLarge("this archive unpacks to far more than it is", code="archive_bomb")


def check_entries(archive: zipfile.ZipFile) -> None:
    """Refuse an archive by what it says of itself: too many entries, or encrypted ones.

    Raises `TooLarge` (`archive_bomb`) and `Unreadable` (`file_encrypted`).
    """
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise bomb()
    if any(entry.flag_bits & 1 for entry in entries):
        raise errors.Unreadable("this file asks for a password", code="file_encrypted")


def true_blocks(stream: BinaryIO, entry: zipfile.ZipInfo, size: Unpacked) -> Iterator[bytes]:
    """What an entry really unpacks to, block by block: its stated size is nobody's promise.

    Raises `TooLarge` (`archive_bomb`), and `Unreadable` (`file_damaged`) for what cannot be
    unpacked or is packed in a way that nobody uses.
    """
    stream.seek(entry.header_offset)
    header = stream.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise damaged()
    skipped = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    position, left = entry.header_offset + _LOCAL_HEADER + skipped, entry.compress_size
    unpacker = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    if unpacker is None and entry.compress_type != zipfile.ZIP_STORED:
        raise damaged()
    data = b""
    while left or data:
        if not data:
            stream.seek(position)
            data = stream.read(min(left, _BLOCK))
            position, left = position + len(data), left - len(data)
            size.add(packed=len(data))
            if not data:
                raise damaged()
        try:
            block = unpacker.decompress(data, _BLOCK) if unpacker else data
        except zlib.error as error:
            raise damaged() from error
        data = unpacker.unconsumed_tail if unpacker else b""
        size.add(unpacked=len(block))
        if block:
            yield block
        if unpacker and unpacker.eof:
            return


def damaged() -> errors.Unreadable:
    """The error of a file that is broken."""
    return errors.Unreadable("this file is damaged", code="file_damaged")
