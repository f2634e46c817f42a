"""Standard Webhooks 1.0.0: what many services send, and what our own partners should.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

What the sender makes of our answer: any 2xx is success, 3xx a failure; 410 disables the endpoint
for good, so we never answer that; 429, 502, 504 slow it down; everything else is tried again after
5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h with the same `webhook-id`.
"""

import base64
import re
from collections.abc import Sequence
from datetime import datetime

from chalicelib import errors
from chalicelib.model import Problem, Request, Verified
from chalicelib.webhooks import _body, _fields, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = True

# A type's last word that says something of a person, but not that they left their data.
# https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#event-types
NO_LEAD = frozenset(("archived", "cancelled", "canceled", "deleted", "merged", "removed"))
NO_LEAD |= {"bounced", "complained", "unsubscribed", "ping", "test"}
_ID = re.compile(r"[\x21-\x7e]{1,256}")


def _key(secret: str) -> bytes:
    """The key's bytes: base64, `whsec_` before it and padding behind it or not."""
    text = secret.removeprefix("whsec_").rstrip("=")
    if text.startswith(("whpk_", "whsk_")):
        raise ValueError("an asymmetric key (v1a) is not supported")
    key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    if not key:
        raise ValueError("an empty secret")
    return key


SCHEME = _signing.Scheme(
    header="webhook-signature",
    encoding="base64",
    separator=" ",
    prefix="v1,",
    signed="{webhook-id}.{webhook-timestamp}.{body}",
    timestamp="webhook-timestamp",
    key=_key,
)


def problems(endpoint: Endpoint) -> Sequence[Problem]:
    """Secrets that no sender of Standard Webhooks can have."""
    return [
        Problem(f"secrets[{i}]", "secret_invalid", "a secret is whsec_ and base64")
        for i, secret in enumerate(endpoint.secrets)
        if not _is_key(secret)
    ]


def _is_key(secret: str) -> bool:
    try:
        return bool(_key(secret))
    except ValueError:
        return False


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed are the id, the time and the body; an id is demanded, for it names the event."""
    if not _ID.fullmatch(request.header("webhook-id")):
        raise errors.Unauthorised("the webhook-id is missing or malformed")
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event a delivery: `{"type", "timestamp", "data": {…}}`, or the data by themselves."""
    body = _body.object_of(verified)
    kind = _taming.text(body.get("type"))
    wrapped = _taming.dig(body, "data")
    data = wrapped if isinstance(wrapped, dict) else body
    found = _fields.read(data, endpoint.mapping, body, endpoint.source.name)
    about = {"type": kind} if kind and data is not body else {}
    word = kind.rpartition(".")[2].casefold()
    return [
        Event(
            key=verified.header("webhook-id"),
            kind=Kind.IGNORED if word in NO_LEAD or not data else Kind.LEAD,
            reason="no_lead" if word in NO_LEAD or not data else "",
            submitted_at=found.submitted_at or _taming.moment(body.get("timestamp")),
            fields=found.fields,
            external_ids=found.external_ids,
            signals=found.signals,
            extra={**about, **found.extra},
        )
    ]
