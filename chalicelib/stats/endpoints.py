"""How the webhooks' endpoints fare, looked at by the counting run and kept in one item for a page."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from chalicelib.ports import Table
from chalicelib.stats.days import ENDPOINTS
from chalicelib.store.config import Configuration, Document, Kind
from chalicelib.store.health import Health, health
from chalicelib.store.items import dump

# So many endpoints are looked at; a stage has a dozen.
MOST = 200


@dataclass(frozen=True, slots=True)
class Faring:
    """One endpoint: its id, which may be all that keeps strangers out, its provider and state."""

    endpoint: str
    provider: str
    state: str
    last_ms: int
    per_hour: float
    usual: float
    failures: int


def look(table: Table, now_ms: int) -> None:
    """Look at every endpoint, a query each, and keep what is seen."""
    seen = [
        asdict(_faring(document, health(table, document.name, now_ms)))
        for document in _documents(table, now_ms)
    ]
    table.put(ENDPOINTS, {"b": dump({"t": now_ms, "e": seen})})


def load(table: Table) -> tuple[int, list[Faring]]:
    """When the endpoints were last looked at, 0 for never, and what was seen."""
    item = table.get([ENDPOINTS]).get(ENDPOINTS)
    if item is None:
        return 0, []
    body = json.loads(str(item["b"]))
    return body["t"], [Faring(**held) for held in body["e"]]


def _documents(table: Table, now_ms: int) -> Iterator[Document]:
    configuration, position = Configuration(table, lambda: now_ms), ""
    for _ in range(MOST // 100):
        documents, position = configuration.list(Kind.ENDPOINT, 100, position)
        yield from documents
        if not position:
            return


def _faring(document: Document, found: Health) -> Faring:
    return Faring(
        document.name,
        str(document.content.get("provider", "")),
        str(found.state),
        found.last_ms,
        found.per_hour,
        found.usual,
        sum(found.failures.values()),
    )
