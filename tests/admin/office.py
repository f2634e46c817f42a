"""The API on fakes: a stage with people in it, and somebody who calls."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from chalicelib import errors
from chalicelib.admin.serve import serve
from chalicelib.doors.catalogue import Catalogue
from chalicelib.intake.identify import Keyring
from chalicelib.model import Request, Response, to_ms
from chalicelib.ports import FileStat, Item, Key, Outside, Page
from chalicelib.settings import Settings
from chalicelib.store.api_keys import ApiKeys
from chalicelib.store.health import Pulse
from chalicelib.store.upsert import Upsert
from chalicelib.store.verify import verify
from tests.fakes import MemoryTable
from tests.live import NOW, Messages, Objects, Sent
from tests.store.people import RING

SECRET = b"a secret of the tests"


class KeysOnlyTable(MemoryTable):
    """A table whose indexes hold keys alone, as the real one's do."""

    def __init__(self) -> None:
        super().__init__()
        self.entries_read = 0

    def query(self, partition: str, *, index: str = "", **bounds: Any) -> Page:
        low, high = bounds.get("low", ""), bounds.get("high", "")
        assert not high or low <= high, "AWS refuses a range that ends before it begins"
        page = super().query(partition, index=index, **bounds)
        self.entries_read += len(page.items)
        kept = {"pk", "sk", index, f"{index}s"}
        if index:
            return Page([{k: v for k, v in i.items() if k in kept} for i in page.items], page.after)
        return page


@dataclass
class Bucket(Objects):
    """A bucket that signs uploads."""

    signed: list[dict[str, Any]] = field(default_factory=list)

    def presigned_post(
        self,
        key: str,
        *,
        max_bytes: int,
        seconds: int,
        metadata: Mapping[str, str] | None = None,
        **_said: Any,
    ) -> dict[str, Any]:
        self.signed.append({"key": key, "metadata": dict(metadata or {})})
        return {"url": "https://bucket.test/", "fields": {"key": key}}

    def write_lines(self, key: str, lines: Iterable[bytes], *, content_type: str) -> None:
        self.write(key, b"".join(lines), content_type=content_type)

    def presigned_get(self, key: str, *, seconds: int, filename: str = "") -> str:
        return f"https://bucket.test/{key}"

    def list(self, prefix: str) -> Iterator[FileStat]:
        for key in sorted(self.held):
            if key.startswith(prefix):
                yield FileStat(key, len(self.held[key]), "", NOW)


@dataclass
class FakeLive:
    """The live objects of a stage in memory."""

    outside: Outside
    settings: Settings
    ring: Keyring
    upsert: Upsert
    catalogue: Catalogue
    table: MemoryTable
    pulse: Pulse
    told: dict[str, dict[str, Any]] = field(default_factory=dict)

    def summary(self, import_id: str, /) -> Mapping[str, Any] | None:
        return self.told.get(import_id)

    def summaries(self, import_ids: Sequence[str], /) -> list[dict[str, Any]]:
        return [self.told[each] for each in import_ids if each in self.told]

    def walk(self, after: Key | None, most: int, /) -> tuple[list[tuple[Key, Item]], Key | None]:
        return self.table.walk(after, most)

    def dump(self) -> Iterable[tuple[Key, Item]]:
        return self.table.items.items()


class Office:
    """A stage with its API: `get`, `post` and so on answer as a caller of a role would see it."""

    def __init__(self, table: KeysOnlyTable | None = None) -> None:
        self.table, self.bucket = table or KeysOnlyTable(), Bucket()
        self.moment = NOW
        outside = Outside(
            table=self.table,
            files=cast("Any", self.bucket),
            objects=Messages(),
            chunks=Messages(),
            spill=Messages(),
            send=Sent(),
            now=lambda: self.moment,
            secret=SECRET,
        )
        settings = Settings("test", "t", "b", "o", "c", "s", SECRET, mail_from="forms@example.org")
        self.store = Upsert(self.table, RING, pause=lambda _: None, now_ms=lambda: 5_000_000)
        catalogue = Catalogue(self.table, outside.now)
        pulse = Pulse(self.table)
        self.live = FakeLive(outside, settings, RING, self.store, catalogue, self.table, pulse)
        self.keys = ApiKeys(self.table, outside.now)
        self.secrets: dict[str, str] = {}

    def key(self, role: str) -> str:
        """A key of a role."""
        if role not in self.secrets:
            self.secrets[role] = self.keys.create(role)[0]
        return self.secrets[role]

    def ask(
        self,
        method: str,
        path: str,
        *,
        role: str = "admin",
        body: object = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **named: str,
    ) -> Response | dict[str, Any]:
        """What the API answers to a call; our errors are raised."""
        sent = {"authorization": f"Bearer {self.key(role)}", **(headers or {})}
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        request = Request(method, path, sent, dict(query or {}), raw)
        return serve(request, self.live, path, **named)

    def get(self, path: str, *, role: str = "admin", **rest: Any) -> dict[str, Any]:
        """The JSON of a GET; parameters of the query are named `query`, the path's plainly."""
        return content(self.ask("GET", path, role=role, **rest))

    def post(self, path: str, body: object = None, **rest: Any) -> dict[str, Any]:
        """The JSON of a POST."""
        return content(self.ask("POST", path, body=body, **rest))

    def pages(
        self, path: str, limit: int, query: Mapping[str, str] | None = None, **rest: Any
    ) -> Iterator[list[Any]]:
        """Every page of a list."""
        cursor: str | None = ""
        while cursor is not None:
            more = {"cursor": cursor} if cursor else {}
            page = self.get(path, query={**(query or {}), "limit": str(limit), **more}, **rest)
            yield page["items"]
            cursor = page["next"]

    def later(self, **delta: int) -> None:
        """Let time pass."""
        self.moment += dt.timedelta(**delta)

    def held(self) -> dict[Key, Item]:
        """What is stored now, but for the access log."""
        log = ("ACCESS#", "SEEN#")
        items = self.table.items.items()
        return {key: dict(item) for key, item in items if not key.pk.startswith(log)}

    def balance(self) -> list[str]:
        """What does not follow from the stored submissions."""
        return verify(self.table.items.items(), RING, to_ms(self.moment))


def content(answer: Response | dict[str, Any]) -> dict[str, Any]:
    """The JSON of an answer."""
    if isinstance(answer, dict):
        return answer
    made: dict[str, Any] = json.loads(answer.body) if answer.body else {}
    return made


def refusal(office: Office, method: str, path: str, **rest: Any) -> errors.InletError:
    """The error that a call ends in."""
    try:
        office.ask(method, path, **rest)
    except errors.InletError as error:
        return error
    raise AssertionError(f"{method} {path} was let through")
