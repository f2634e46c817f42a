"""Small real stand-ins for the bucket and the queues: they hold what they are given."""

import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from chalicelib import errors
from chalicelib.imports.notification import Notification
from chalicelib.model import to_ms
from chalicelib.ports import FileStat

BUCKET = "the-bucket"
START = datetime(2024, 5, 1, 12, tzinfo=UTC)


class MemoryFiles:
    """A `ports.Files` in memory: a versioned bucket.

    `before`, where set, is called ahead of every request with its name and key: a test raises
    there to kill a worker between two of them. `now` is the time that objects are given.
    """

    def __init__(self) -> None:
        self.objects: dict[str, list[tuple[FileStat, bytes]]] = {}
        # What lies below a mark of deletion.
        self.kept_back: dict[str, list[tuple[FileStat, bytes]]] = {}
        self._puts = 0
        self.requests: Counter[str] = Counter()
        self.before: Callable[[str], None] = lambda _name: None
        self.now = START

    def drop(
        self, key: str, body: bytes, metadata: Mapping[str, str] | None = None
    ) -> Notification:
        """Put an object as a marketer does; returns what S3 says of it."""
        stat = self._put(key, body, metadata or {})
        sequencer = f"{sum(map(len, self.objects.values())):016X}"
        return Notification(
            BUCKET, key, stat.etag, stat.version, sequencer, to_ms(stat.modified), stat.size
        )

    def body(self, key: str) -> bytes:
        """What an object holds now, without counting a request."""
        return self.objects[key][-1][1]

    def open(self, key: str, *, version: str = "") -> BinaryIO:
        self._request("GetObject")
        return io.BytesIO(self._find(key, version)[1])

    def read(self, key: str) -> bytes:
        self._request("GetObject")
        return self._find(key, "")[1]

    def write(
        self, key: str, body: bytes, *, content_type: str = "application/octet-stream"
    ) -> None:
        self._request("PutObject")
        self._put(key, body, {})

    def write_lines(self, key: str, lines: Iterable[bytes], *, content_type: str) -> None:
        body = b"".join(lines)
        self._request("PutObject")
        self._put(key, body, {})

    def stat(self, key: str, *, version: str = "") -> FileStat | None:
        self._request("HeadObject")
        try:
            return self._find(key, version)[0]
        except errors.Missing:
            return None

    def list(self, prefix: str) -> Iterator[FileStat]:
        self._request("ListObjects")
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield self.objects[key][-1][0]

    def delete(self, key: str, *, version: str = "") -> None:
        self._request("DeleteObject")
        if not version:
            self.kept_back.setdefault(key, []).extend(self.objects.pop(key, []))
            return
        for held in (self.objects, self.kept_back):
            left = [(stat, body) for stat, body in held.get(key, []) if stat.version != version]
            held.pop(key, None)
            if left:
                held[key] = left

    def versions(self, prefix: str) -> Iterator[FileStat]:
        self._request("ListObjectVersions")
        for key in sorted({*self.objects, *self.kept_back}):
            if key.startswith(prefix):
                kept = [*self.kept_back.get(key, []), *self.objects.get(key, [])]
                yield from (stat for stat, _ in reversed(kept))

    def presigned_post(
        self,
        key: str,
        *,
        max_bytes: int,
        seconds: int,
        metadata: Mapping[str, str] | None = None,
        content_type: str = "",
    ) -> dict[str, Any]:
        said = {f"x-amz-meta-{name}": value for name, value in (metadata or {}).items()}
        said |= {"Content-Type": content_type} if content_type else {}
        return {"url": "https://bucket.test", "fields": {"key": key} | said}

    def peek(self, key: str, count: int) -> tuple[FileStat, bytes]:
        self._request("GetObject")
        stat, body = self._find(key, "")
        if not body:
            raise errors.Missing(key)
        return stat, body[:count]

    def copy(self, source: str, target: str, *, etag: str) -> None:
        self._request("CopyObject")
        stat, body = self._find(source, "")
        if stat.etag != etag:
            raise errors.Missing(source)
        self._put(target, body, stat.metadata)

    def presigned_get(self, key: str, *, seconds: int, filename: str = "") -> str:
        return f"https://bucket.test/{key}"

    def _request(self, name: str) -> None:
        self.before(name)
        self.requests[name] += 1

    def _put(self, key: str, body: bytes, metadata: Mapping[str, str]) -> FileStat:
        there = self.objects.setdefault(key, [])
        self.now += timedelta(milliseconds=1)
        self._puts += 1
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        stat = FileStat(key, len(body), etag, self.now, f"v{self._puts}", dict(metadata))
        there.append((stat, body))
        return stat

    def _find(self, key: str, version: str) -> tuple[FileStat, bytes]:
        for stat, body in reversed(self.objects.get(key, [])):
            if version in ("", stat.version):
                return stat, body
        raise errors.Missing(key)


class MemoryQueue:
    """A `ports.Queue` in memory. `before`, where set, is called ahead of every request."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.requests: Counter[str] = Counter()
        self.before: Callable[[str], None] = lambda _name: None

    def send(self, messages: Iterable[str], *, delay: int = 0) -> None:
        held = list(messages)
        for start in range(0, len(held), 10):
            self.before("SendMessageBatch")
            self.requests["SendMessageBatch"] += 1
            self.messages += held[start : start + 10]

    def take(self) -> list[str]:
        """All messages, which are then gone."""
        taken, self.messages = self.messages, []
        return taken
