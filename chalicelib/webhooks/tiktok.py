"""TikTok: events as developers.tiktok.com signs them, their content read by name or mapping.

https://developers.tiktok.com/doc/webhooks-verification

The contract of TikTok's *lead generation* webhooks is not published. What is known is the
developers' envelope and its signature; the page says what is not confirmed.

What TikTok makes of our answer: 200 is success; anything else is tried again for up to 72 hours.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib import errors
from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _body, _fields, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = True
SCHEME = _signing.Scheme(
    header="tiktok-signature",
    separator=",",
    prefix="s=",
    signed="{timestamp}.{body}",
    timestamp_item="t=",
)


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed are the time and the body; five minutes are our choice, the page names none."""
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event: what `content`, JSON within the JSON, says; without it the body itself.

    A mapping's paths begin at the body, in which `content` is the object that it spells.
    """
    body = _body.object_of(verified)
    content = _content(verified, body.get("content"))
    whole = {**body, "content": content} if content else body
    found = _fields.read(content or body, endpoint.mapping, whole, endpoint.source.name)
    known = bool(found.fields)
    about = {"event": body.get("event")} if content else {}
    return [
        Event(
            key=found.key,
            kind=Kind.LEAD if known else Kind.IGNORED,
            reason="" if known else "no_lead",
            submitted_at=found.submitted_at or _taming.moment(body.get("create_time")),
            fields=found.fields,
            external_ids=found.external_ids,
            signals=found.signals,
            extra={**{k: v for k, v in about.items() if not _taming.blank(v)}, **found.extra},
        )
    ]


def _content(verified: Verified, written: Raw) -> dict[str, Raw]:
    if not isinstance(written, str):
        return written if isinstance(written, dict) else {}
    try:
        json = replace(verified, body=written.encode(), headers={})
        return _body.object_of(json)
    except errors.Unreadable:
        return {}  # a content that is no object is one of the event's texts
