"""WPForms (its Webhooks addon): one entry a delivery, under keys that its admin chose.

https://wpforms.com/docs/how-to-install-and-use-the-webhooks-addon-in-wpforms/

Only the request format JSON can be verified: of a FORM body the addon signs not the bytes that it
sends, but PHP's JSON of them.

What WPForms makes of our answer: nothing. It waits 60 seconds, follows no redirect, and sends each
entry once.
"""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _body, _leads, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = True
SCHEME = _signing.Scheme(
    header="x-wpforms-webhook-signature",
    separator=",",
    prefix="v=",
    signed="{timestamp}.{body}",
    timestamp_item="t=",
)


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed are the time and the body."""
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event: the keys by their names; `entry_id`, if it is among them, names the event."""
    body = {key: _plain(value) for key, value in _body.object_of(verified).items()}
    key = _taming.text(body.get("entry_id"))
    return [_leads.event(verified, body, endpoint, key=key)]


def _plain(value: Raw) -> Raw:
    """A date's text, and several choices as a list: the addon sends objects and `a||b`."""
    if isinstance(value, dict) and value.keys() == {"value", "unix"}:
        return value["value"]
    if isinstance(value, str) and "||" in value:
        return [part.strip() for part in value.split("||")]
    return value
