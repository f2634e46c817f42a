"""GitHub: what happens in a repository; the plainest of all signatures.

https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries

What GitHub makes of our answer: 2xx within 10 s is success; whatever else is shown as failed and
never tried again, unless somebody presses *Redeliver*.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.model import Request, Verified
from chalicelib.webhooks import _body, _mapping, _record, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = True

SCHEME = _signing.Scheme(header="x-hub-signature-256", prefix="sha256=")


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed is the body, without a time: a redelivery is known by its id."""
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event, a lead only where the endpoint's mapping finds something: nothing here asks to
    be contacted by itself.
    """
    body = _body.object_of(verified)
    about = f"{verified.header('x-github-event')} {_taming.text(body.get('action'))}".strip()
    key = verified.header("x-github-delivery").strip()
    if not _mapping.look_up(endpoint.mapping, body):
        return [Event(key=key, kind=Kind.IGNORED, reason="no_lead", extra={"event": about})]
    found = _record.read({}, {}, endpoint, body, "github")
    return [_record.lead(replace(found, extra={}), key, None, {"event": about})]
