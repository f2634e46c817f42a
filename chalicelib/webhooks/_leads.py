"""Bodies that are leads and nothing around them: an object, an array of them, a form's pairs."""

from collections.abc import Sequence

from chalicelib import errors
from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _body, _fields
from chalicelib.webhooks._provider import Endpoint, Event, Kind

MAX_LEADS = 100


def events(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """An event for each lead of the body; one that is ignored where it holds none."""
    leads = in_body(verified)
    if not leads:
        return [Event(key=named(verified), kind=Kind.IGNORED, reason="no_lead")]
    return [event(verified, lead, endpoint) for lead in leads]


def event(verified: Verified, lead: dict[str, Raw], endpoint: Endpoint, key: str = "") -> Event:
    """One lead by the endpoint's mapping or its own names; `key` where the body names the event."""
    found = _fields.read(lead, endpoint.mapping, lead, endpoint.source.name)
    return Event(
        key=found.key or key or named(verified),
        kind=Kind.LEAD if lead else Kind.IGNORED,
        reason="" if lead else "no_lead",
        submitted_at=found.submitted_at,
        fields=found.fields,
        external_ids=found.external_ids,
        signals=found.signals,
        extra=found.extra,
    )


def in_body(request: Request) -> list[dict[str, Raw]]:
    """A JSON object, a JSON array of them (one lead each), or a form's pairs."""
    if not _body.looks_json(request):
        return [_body.form_of(request)]
    body = _body.json_of(request)
    leads = body if isinstance(body, list) else [body]
    if len(leads) > MAX_LEADS:
        raise errors.TooLarge(f"a delivery holds at most {MAX_LEADS} leads")
    objects = [lead for lead in leads if isinstance(lead, dict)]
    if len(objects) < len(leads):
        raise errors.Unreadable("a lead is a JSON object")
    return objects


def named(request: Request) -> str:
    """The sender's own name for this delivery, if it gives one; no key of a body is one by itself.

    A body's `id` or `event_id` may be the person's, or the event's they registered for, the same
    for all of them. An endpoint whose body has one says so in its mapping.
    """
    return request.header("idempotency-key").strip()
