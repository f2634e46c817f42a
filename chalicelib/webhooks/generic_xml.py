"""Anything that posts XML, one lead or several a document.

Nothing is signed. The endpoint's unguessable id is what proves the sender, or a secret where one is
configured: `Authorization: Bearer …`, `X-API-Key: …`, or `?token=…` where neither can be set.

What senders make of our answer: whatever they do; 200 is success.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib import errors
from chalicelib.model import Problem, Raw, Request, Verified
from chalicelib.webhooks import _fields, _taming, _token, _xml, _xpath
from chalicelib.webhooks._provider import Endpoint, Event, Kind, Setting

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NEEDS_SECRET = False
MAX_LEADS = 100
SETTINGS = {
    "records": Setting("an XPath to the elements that are one lead each, such as /leads/lead")
}
path_problem = _xpath.path_problem


def problems(endpoint: Endpoint) -> Sequence[Problem]:
    """A path to the records that is none."""
    path = endpoint.settings.get("records", "")
    problem = _xpath.path_problem(path) if path else ""
    return [Problem("settings.records", "mapping_invalid", problem)] if problem else []


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """Demand one of the secrets where there are any, else that the id itself is one."""
    return _token.prove(request, endpoint)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """A lead for each record, else for the document, by names or by the mapping's XPaths."""
    root = _xml.element_of(verified)
    path = endpoint.settings.get("records", "")
    records = _xpath.elements(path, root) if path else [root]
    if len(records) > MAX_LEADS:
        raise errors.TooLarge(f"a delivery holds at most {MAX_LEADS} leads")
    if len(endpoint.mapping) * sum(1 for one in records for _ in one.iter()) > _xpath.MAX_LOOKS:
        raise errors.TooLarge("the XML holds too many values for so many paths")
    events = [event for one in records if (event := _event(one, endpoint))]
    return events or [Event(kind=Kind.IGNORED, reason="no_lead")]


def _event(record: "Element", endpoint: Endpoint) -> Event | None:
    data = _xml.raw(record)
    held: dict[str, Raw] = data if isinstance(data, dict) else {record.tag: data}
    found = _read(record, held, endpoint)
    if not (found.fields or found.extra or found.signals):
        return None
    return Event(
        key=found.key,
        submitted_at=found.submitted_at,
        fields=found.fields,
        external_ids=found.external_ids,
        signals=found.signals,
        extra=found.extra,
    )


def _read(record: "Element", held: dict[str, Raw], endpoint: Endpoint) -> _fields.Found:
    """By the mapping where there is one; then what no path took is what no path's value equals."""
    if not endpoint.mapping:
        return _fields.recognise(held)
    taken = _xpath.look_up(endpoint.mapping, record)
    values = [value for value in taken.values() if not _taming.blank(value)]
    rest = {".".join(p): v for p, v in _fields.leaves(held) if v not in values}
    return _fields.assign(taken, rest, endpoint.source.name)
