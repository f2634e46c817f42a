"""Anything that can post a name and an e-mail: Zapier, Make, n8n, a script, a plain form.

Nothing is signed. The endpoint's unguessable id is what proves the sender, or a secret where one is
configured: `Authorization: Bearer …`, `X-API-Key: …`, or `?token=…` where neither can be set.

What senders make of our answer: Zapier, Make and n8n show any 4xx to the one who built the flow
and stop, try 5xx again if the flow says so, and ignore the body of a 2xx.
https://help.zapier.com/hc/en-us/articles/8496326446989
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib import errors
from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _body, _endpoint_id, _fields, _signing
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = False

MAX_LEADS = 100


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """Demand one of the secrets where there are any, else that the id itself is one."""
    if not endpoint.secrets and not _endpoint_id.unguessable(endpoint.id):
        raise errors.Unauthorised("an endpoint without a secret needs an unguessable id")
    tokens = [token for token in _tokens(request) if token]
    # All are compared, so that the time taken does not tell which.
    matches = [_signing.same(s, t) for s in endpoint.secrets if s for t in tokens]
    if endpoint.secrets and not any(matches):
        raise errors.Unauthorised("the token is missing or wrong")
    return Verified(request)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """A JSON object, a JSON array of them (one lead each), or a form's pairs."""
    leads = _leads(verified)
    if not leads:
        return [Event(key=_key(verified), kind=Kind.IGNORED, reason="no_lead")]
    return [_event(verified, lead, endpoint) for lead in leads]


def _event(verified: Verified, lead: dict[str, Raw], endpoint: Endpoint) -> Event:
    found = _fields.read(lead, endpoint.mapping, lead, endpoint.source.name)
    return Event(
        key=found.key or _key(verified),
        kind=Kind.LEAD if lead else Kind.IGNORED,
        reason="" if lead else "no_lead",
        submitted_at=found.submitted_at,
        fields=found.fields,
        external_ids=found.external_ids,
        signals=found.signals,
        extra=found.extra,
    )


def _leads(request: Request) -> list[dict[str, Raw]]:
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


def _tokens(request: Request) -> tuple[str, str, str]:
    scheme, _, bearer = request.header("authorization").partition(" ")
    return (
        bearer.strip() if scheme.lower() == "bearer" else "",
        request.header("x-api-key"),
        request.query.get("token", ""),
    )


def _key(request: Request) -> str:
    """The sender's own name for this delivery, if it gives one; no key of a body is one by itself.

    A body's `id` or `event_id` may be the person's, or the event's they registered for, the same
    for all of them. An endpoint whose body has one says so in its mapping.
    """
    return request.header("idempotency-key").strip()
