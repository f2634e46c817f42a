"""Cursors: where a list goes on, sealed so that nobody reads, makes or moves one.

A position may hold a name, which a caller who sees masked data must not read from it. So it is
encrypted and authenticated at once, with the list's filters as associated data: a synthetic IV
(RFC 5297's construction) with HMAC-SHA256 for its function, all of it in the standard library.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest, digest

from chalicelib.errors import Rejected
from chalicelib.model import Problem

_TAG = 16
_LONGEST = 2000


class Cursors:
    """Seals and opens the cursors of one list: its path and filters."""

    def __init__(self, secret: bytes, path: str, filters: Mapping[str, str]) -> None:
        self._key = digest(secret, b"inlet cursors", sha256)
        self._list = json.dumps([path, sorted(filters.items())]).encode()

    def seal(self, position: str) -> str | None:
        """The cursor of a position; None where the list ends there."""
        if not position:
            return None
        text = position.encode()
        tag = self._tag(text)
        return base64.urlsafe_b64encode(tag + self._veil(text, tag)).decode().rstrip("=")

    def open(self, cursor: str) -> str:
        """The position of a cursor, empty for none; `cursor_invalid` for any not of this list."""
        if not cursor:
            return ""
        try:
            raw = base64.b64decode(_padded(cursor), b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise _invalid() from None
        tag, text = raw[:_TAG], self._veil(raw[_TAG:], raw[:_TAG])
        if not text or not compare_digest(tag, self._tag(text)):
            raise _invalid()
        return text.decode()

    def _tag(self, text: bytes) -> bytes:
        size = len(self._list).to_bytes(8, "big")
        return digest(self._key, b"tag" + size + self._list + text, sha256)[:_TAG]

    def _veil(self, text: bytes, tag: bytes) -> bytes:
        blocks = range(-(-len(text) // 32))
        stream = b"".join(
            digest(self._key, b"veil" + tag + n.to_bytes(4, "big"), sha256) for n in blocks
        )
        return bytes(a ^ b for a, b in zip(text, stream, strict=False))


def _padded(cursor: str) -> bytes:
    if len(cursor) > _LONGEST:
        raise _invalid()
    return (cursor + "=" * (-len(cursor) % 4)).encode("ascii")


def _invalid() -> Rejected:
    message = "this cursor is not of this list: begin again without one"
    problem = Problem("cursor", "cursor_invalid", message)
    return Rejected(message, code="cursor_invalid", problems=[problem])
