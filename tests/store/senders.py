"""A provider of mail events, as tests need it: a delivery is a JSON list of events."""

import datetime as dt
import json
from types import SimpleNamespace
from typing import Any

from chalicelib import webhooks
from chalicelib.doors.webhook import Door
from chalicelib.model import Request, Response, Verified
from chalicelib.webhooks._provider import Endpoint, Event, Kind, Provider
from tests.live import Stage, asked

ENDPOINT = Endpoint("mail", "sender", ("s",))
_load = webhooks.load


def _verify(request: Request, _endpoint: Endpoint, _now: dt.datetime) -> Verified:
    return Verified(request)


def _parse(verified: Verified, _endpoint: Endpoint) -> list[Event]:
    return [_event(**each) for each in json.loads(verified.body)]


def _event(key: str, reason: str = "", at: str = "", **fields: str) -> Event:
    when = dt.datetime.fromisoformat(at) if at else None
    kind = Kind.SUPPRESSION if reason else Kind.LEAD
    return Event(key=key, kind=kind, reason=reason, submitted_at=when, fields=fields)


_MODULE = SimpleNamespace(NEEDS_SECRET=True, verify=_verify, parse=_parse)


def load(name: str) -> Provider:
    """Every provider that there is, and this one."""
    return Provider.of(name, _MODULE) if name == "sender" else _load(name)


def deliver(stage: Stage, events: list[dict[str, Any]]) -> Response:
    """Deliver events at a stage's door, where `webhooks.load` is ours."""
    live = stage.live
    rules = live.catalogue.webhook_rules("ES")
    request = asked("POST", "/webhooks/sender/mail", json.dumps(events).encode())
    return Door(ENDPOINT, rules, live.outside, live.upsert).deliver(request)
