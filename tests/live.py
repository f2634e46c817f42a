"""A whole stage in memory: the doors, the road and the store on fakes."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any, BinaryIO, cast

from chalicelib import errors
from chalicelib.intake.form import DEMO_FORM, DEMO_NAME
from chalicelib.model import Request
from chalicelib.ports import Answer, FileStat, Outgoing, Outside
from chalicelib.settings import Settings
from chalicelib.store.config import Kind
from chalicelib.store.verify import Stored, read, verify
from chalicelib.wiring import Live
from tests.fakes import MemoryTable

BUCKET_URL = "https://bucket.test/"
NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


@dataclass
class Messages:
    """A queue that keeps what it is sent, or does not answer."""

    sent: list[str] = field(default_factory=list)
    down: bool = False

    def send(self, messages: Any, *, delay: int = 0) -> None:
        if self.down:
            raise errors.Unavailable("the queue does not answer")
        self.sent += list(messages)


@dataclass
class Objects:
    """A bucket of small objects: what the doors need of `ports.Files`."""

    held: dict[str, bytes] = field(default_factory=dict)

    def read(self, key: str) -> bytes:
        if key not in self.held:
            raise errors.Missing("no such object")
        return self.held[key]

    def open(self, key: str, *, version: str = "") -> BinaryIO:
        return BytesIO(self.read(key))

    def write(self, key: str, body: bytes, *, content_type: str = "") -> None:
        self.held[key] = body

    def delete(self, key: str, *, version: str = "") -> None:
        self.held.pop(key, None)

    def versions(self, prefix: str) -> Iterator[FileStat]:
        """No version is kept but the one that is there."""
        for key in sorted(self.held):
            if key.startswith(prefix) and (stat := self.stat(key)):
                yield replace(stat, version="1")

    def stat(self, key: str, *, version: str = "") -> FileStat | None:
        body = self.held.get(key)
        if body is None:
            return None
        return FileStat(key, len(body), hashlib.sha256(body).hexdigest(), NOW)

    def peek(self, key: str, count: int) -> tuple[FileStat, bytes]:
        stat = self.stat(key)
        if stat is None or not stat.size:
            raise errors.Missing("no such object")
        return stat, self.held[key][:count]

    def list(self, prefix: str) -> Iterator[FileStat]:
        for key in sorted(self.held):
            if key.startswith(prefix) and (stat := self.stat(key)):
                yield stat

    def copy(self, source: str, target: str, *, etag: str) -> None:
        stat = self.stat(source)
        if stat is None or stat.etag != etag:
            raise errors.Missing("no such object")
        self.held[target] = self.held[source]

    def presigned_post(
        self,
        key: str,
        *,
        max_bytes: int,
        seconds: int,
        metadata: Mapping[str, str] | None = None,
        content_type: str = "",
    ) -> dict[str, Any]:
        fields = {"key": key, "Content-Type": content_type}
        return {"url": BUCKET_URL, "fields": fields}

    def presigned_get(self, key: str, *, seconds: int, filename: str = "") -> str:
        return BUCKET_URL + key


@dataclass
class Sent:
    """A sender that answers what the test says, and remembers what it was asked."""

    answer: Answer = field(default_factory=lambda: Answer(200, b"{}"))
    asked: list[Outgoing] = field(default_factory=list)

    def __call__(self, request: Outgoing) -> Answer:
        self.asked.append(request)
        return self.answer


class Stage:
    """A stage on fakes, with the demo form."""

    def __init__(self) -> None:
        self.table, self.spill, self.files, self.send = MemoryTable(), Messages(), Objects(), Sent()
        self.mails = Messages()
        self.moment = NOW
        settings = Settings(
            "test", "t", "b", "o", "c", "s", b"a secret of the tests", "https://inlet.test"
        )
        self.outside = Outside(
            table=self.table,
            files=cast("Any", self.files),
            objects=Messages(),
            chunks=Messages(),
            spill=self.spill,
            send=self.send,
            now=lambda: self.moment,
            secret=settings.secret,
        )
        self.live = Live(settings, self.outside)
        self.live.upsert.pause = lambda _attempt: None
        self.put_form(DEMO_NAME, {})
        self.table.requests.clear()

    def put_form(self, name: str, more: dict[str, Any]) -> None:
        """Configure a form: the demo form's document with some parts otherwise."""
        self.live.catalogue.configuration.put(Kind.FORM, name, {**DEMO_FORM, **more})
        self.live.catalogue.forget(Kind.FORM, name)
        self.live.catalogue.form(name)

    def put_endpoint(self, name: str, document: dict[str, Any]) -> None:
        """Configure an endpoint."""
        self.live.catalogue.configuration.put(Kind.ENDPOINT, name, document)
        self.live.catalogue.forget(Kind.ENDPOINT, name)

    @property
    def stored(self) -> Stored:
        """Everything that is stored, as nouns."""
        return read(self.table.items.items())

    def balance(self) -> list[str]:
        """What does not follow from the stored submissions."""
        return verify(self.table.items.items())


def asked(
    method: str, path: str, body: bytes = b"", query: dict[str, str] | None = None, **headers: str
) -> Request:
    """A request; header names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method, path, named, query or {}, body, f"https://inlet.test{path}", "192.0.2.1")
