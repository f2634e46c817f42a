"""Configuration documents with their versions: forms, endpoints, and what else is configured.

A document lies at `<KIND>#<name>`: `CURRENT` holds it as it is, `V#000001` and so on what it was.
Both are written in one transaction, so that a version exists if and only if it was once current.
A deleted document leaves its versions and its number behind: what takes its name later goes on
counting.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from chalicelib import errors
from chalicelib.noun import noun
from chalicelib.ports import Attribute, Insert, Item, Key, Table, Update, Write
from chalicelib.store import items
from chalicelib.store.field_set import FIELDS, Documents, read_fields
from chalicelib.store.listing import Listing, cut

ATTEMPTS = 10
# DynamoDB's bound for an item is 400 KB; ours leaves room for the rest of it.
MAX_BYTES = 300_000


class Kind(StrEnum):
    """What is configured; the value is the index key under which its documents are listed."""

    FORM = "FORM"
    ENDPOINT = "ENDPOINT"
    FIELD = "FIELD"
    MAPPING = "MAPPING"
    STAGES = "STAGES"
    SEGMENT = "SEGMENT"
    CAMPAIGN = "CAMPAIGN"
    RETENTION = "RETENTION"


@noun
class Document:
    """One document in one of its versions, and who made it so."""

    name: str
    version: int
    content: Mapping[str, Any]
    updated_ms: int
    actor: str = ""


class DocumentPage(NamedTuple):
    """A page of documents, and the position to go on after; empty at the end."""

    documents: list[Document]
    last: str


class _Current(NamedTuple):
    """The state of a name: its item's version, the last number given, the document if any."""

    item_version: int
    number: int
    document: Document | None


@noun
class Configuration:
    """The documents of one stage."""

    table: Table
    now_ms: Callable[[], int]

    def get(self, kind: Kind, name: str, version: int = 0) -> Document | None:
        """The current document of a name, or one of its versions; one read."""
        if not version:
            return self._current(kind, name).document
        key = _version_key(kind, name, version)
        item = self.table.get([key]).get(key)
        return _read(name, item) if item else None

    def put(
        self,
        kind: Kind,
        name: str,
        content: Mapping[str, Any],
        *,
        expected: int | None = None,
        actor: str = "",
        beside: Callable[[], Sequence[Write]] = tuple,
    ) -> Document:
        """Make a document current, as a new version unless it is what is current already.

        `expected` is the version that must be current (0: none is); `Conflict` of status 412 says
        that it is not. Without it the last writer wins. `beside` gives what must be written in the
        same transaction, anew at each attempt.
        """
        for _ in range(ATTEMPTS):
            current = self._current(kind, name)
            _demand(current, expected)
            if current.document and dict(current.document.content) == dict(content):
                return current.document
            made = Document(name, current.number + 1, content, self.now_ms(), actor)
            if self.table.transact([*_writes(kind, made, current), *beside()]):
                return made
        raise errors.Contended(f"too many writers at {name}")

    def delete(
        self,
        kind: Kind,
        name: str,
        *,
        expected: int | None = None,
        beside: Callable[[], Sequence[Write]] = tuple,
    ) -> bool:
        """Take a document away; its versions stay. False where there is none."""
        current = self._current(kind, name)
        _demand(current, expected)
        if current.document is None:
            return False
        gone: dict[str, None] = dict.fromkeys(("b", "g1", "g1s"))
        update = Update(_key(kind, name), gone, current.item_version)
        if not self.table.transact([update, *beside()]):
            raise errors.Conflict("somebody changed it just now")
        return True

    def with_fields(self, kind: Kind, name: str) -> tuple[Document | None, Documents]:
        """The current document of a name with the set of configured fields; one read."""
        key = _key(kind, name)
        found = self.table.get([key, FIELDS])
        item = found.get(key)
        document = _read(name, item) if item and "b" in item else None
        return document, read_fields(found.get(FIELDS))

    def list(self, kind: Kind, limit: int, position: str = "") -> DocumentPage:
        """A page of the current documents of a kind, by name."""
        entries, last = cut(self.table, Listing((str(kind),), "g1"), limit, position)
        found = self.table.get([entry.key for entry in entries]) if entries else {}
        stored = [(entry.sort, found.get(entry.key)) for entry in entries]
        return DocumentPage([_read(n, item) for n, item in stored if item and "b" in item], last)

    def several(self, kind: Kind, names: Sequence[str]) -> dict[str, Document]:
        """The current documents of some names; one read."""
        keys = {name: _key(kind, name) for name in names}
        found = self.table.get(list(keys.values())) if keys else {}
        stored = {name: found[key] for name, key in keys.items() if key in found}
        return {name: _read(name, item) for name, item in stored.items() if "b" in item}

    def versions(self, kind: Kind, name: str, limit: int, position: str = "") -> DocumentPage:
        """A page of the versions of a name, newest first."""
        listing = Listing((_key(kind, name).pk,), low="V#", high="V#~", newest_first=True)
        entries, last = cut(self.table, listing, limit, position)
        found = self.table.get([entry.key for entry in entries]) if entries else {}
        return DocumentPage([_read(name, found[e.key]) for e in entries if e.key in found], last)

    def _current(self, kind: Kind, name: str) -> _Current:
        key = _key(kind, name)
        item = self.table.get([key]).get(key)
        if item is None:
            return _Current(0, 0, None)
        document = _read(name, item) if "b" in item else None
        return _Current(int(str(item["v"])), int(str(item["n"])), document)


def _key(kind: Kind, name: str) -> Key:
    return Key(f"{kind}#{name}", "CURRENT")


def _version_key(kind: Kind, name: str, version: int) -> Key:
    return Key(_key(kind, name).pk, f"V#{version:06d}")


def _demand(current: _Current, expected: int | None) -> None:
    there = current.document.version if current.document else 0
    if expected is not None and expected != there:
        raise errors.Conflict(
            f"its current version is {there}", code="precondition_failed", status=412
        )


def _writes(kind: Kind, made: Document, current: _Current) -> list[Write]:
    body = items.dump({"doc": made.content, "u": made.updated_ms, "by": made.actor})
    if len(body.encode()) > MAX_BYTES:
        raise errors.TooLarge("the document is larger than 300 KB")
    stored: dict[str, Attribute] = {"b": body, "n": made.version}
    listed: dict[str, Attribute] = {**stored, "g1": str(kind), "g1s": made.name}
    key = _key(kind, made.name)
    version = current.item_version
    return [
        Insert(_version_key(kind, made.name, made.version), stored),
        Update(key, listed, version) if version else Insert(key, listed),
    ]


def _read(name: str, item: Item) -> Document:
    body = json.loads(str(item["b"]))
    return Document(name, int(str(item["n"])), body["doc"], body["u"], body["by"])
