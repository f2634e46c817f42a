"""The recorded examples: `examples/<provider>.json`, and `<provider>.<case>.json` for more.

`signed` says what the scheme proves, and so what must not be changed without a 401: the `body`,
`headers` and `query` parameters by name, the `url`, texts `inside` the body, and the age in
`seconds` beyond which it is stale (`past_only`: a clock ahead of ours is let pass).

Where a delivery refers to what must be fetched, `fetched` holds the answers by address, and
`expect.completed` the events as they are then; `expect.events` are those before. `handshakes` are
probes of the same endpoint, each with the answer it gets.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib import webhooks
from chalicelib.errors import Unauthorised
from chalicelib.intake.webhook import Received, load_endpoint, receive_webhook
from chalicelib.model import Request
from chalicelib.ports import Answer, Outgoing
from chalicelib.webhooks._provider import Endpoint, Event, Kind

EXAMPLES = Path(__file__).parent / "examples"
STAGE_SECRET = b"a stage's secret, for tests"


@dataclass(frozen=True)
class Signed:
    """What the provider's scheme proves."""

    body: bool
    headers: tuple[str, ...] = ()
    query: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    url: bool = False
    seconds: int = 0
    past_only: bool = False

    @property
    def anything(self) -> bool:
        """Whether there is anything in the request that a stranger does not have."""
        return bool(self.body or self.headers or self.query or self.inside)


@dataclass(frozen=True)
class Handshake:
    """One probe of an endpoint and the answer it gets; a `status` of 401 is a refusal."""

    request: Request
    answer: Mapping[str, Any]


@dataclass(frozen=True)
class Recording:
    """One recorded delivery and what must become of it."""

    name: str
    request: Request
    endpoint: Endpoint
    now: datetime
    signed: Signed
    events: list[Event]
    answer: Mapping[str, Any]
    completed: list[Event]
    fetched: Mapping[str, Answer]
    handshakes: list[Handshake]

    def send(self, request: Outgoing) -> Answer:
        """A sender that knows the recorded answers and no others."""
        return self.fetched.get(request.url, Answer(404, b""))

    def with_header(self, name: str, value: str | None) -> Request:
        """The request with one header changed, or (None) missing."""
        headers = {k: v for k, v in self.request.headers.items() if k != name}
        return replace(self.request, headers=headers if value is None else {**headers, name: value})

    def with_secrets(self, *secrets: str) -> Endpoint:
        """The endpoint with other secrets."""
        return replace(self.endpoint, secrets=secrets)


def names() -> list[str]:
    """The names of all recordings."""
    return sorted(path.stem for path in EXAMPLES.glob("*.json"))


def document(name: str) -> dict[str, Any]:
    """The document of a recording's endpoint, as it is put."""
    doc = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    found: dict[str, Any] = doc["endpoint"]["document"]
    return found


def load(name: str) -> Recording:
    """Read one recording."""
    doc = json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))
    signed: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in doc["signed"].items()
    }
    request = _request(doc["request"])
    endpoint = load_endpoint(doc["endpoint"]["id"], doc["endpoint"]["document"])
    fetched = {url: _fetched(answer) for url, answer in doc.get("fetched", {}).items()}
    needed = webhooks.load(endpoint.provider).evidence(request, endpoint)
    return Recording(
        name=name,
        request=request,
        endpoint=replace(endpoint, evidence={o.url: fetched[o.url].body for o in needed}),
        now=datetime.fromisoformat(doc["now"]),
        signed=Signed(**signed),
        events=[_event(event) for event in doc["expect"]["events"]],
        answer=doc["expect"]["answer"],
        completed=[_event(e) for e in doc["expect"].get("completed", doc["expect"]["events"])],
        fetched=fetched,
        handshakes=[
            Handshake(_request(one["request"]), one["answer"]) for one in doc.get("handshakes", [])
        ],
    )


def receive(recording: Recording, request: Request | None = None, **changes: Any) -> Received:
    """Send a recording through the door, with one thing or another changed."""
    return receive_webhook(
        request or recording.request,
        changes.get("endpoint", recording.endpoint),
        changes.get("now", recording.now),
        STAGE_SECRET,
        recording.send,
    )


def refused(recording: Recording, request: Request, **changes: Any) -> None:
    """Assert that the door answers 401."""
    with pytest.raises(Unauthorised):
        receive(recording, request, **changes)


def _request(doc: Mapping[str, Any]) -> Request:
    return Request(
        method=doc["method"],
        path=doc.get("path", ""),
        headers={name.lower(): value for name, value in doc.get("headers", {}).items()},
        query=doc.get("query", {}),
        body=doc.get("body", "").encode(),
        url=doc.get("url", ""),
    )


def _fetched(doc: Mapping[str, Any]) -> Answer:
    body = doc["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    return Answer(doc.get("status", 200), text.encode())


def _event(doc: Mapping[str, Any]) -> Event:
    when = doc.get("submitted_at")
    rest = {k: doc[k] for k in doc if k not in ("kind", "submitted_at")}
    return Event(
        kind=Kind(doc["kind"]), submitted_at=datetime.fromisoformat(when) if when else None, **rest
    )
