"""Standard Webhooks 1.0.0, whatever the headers begin with: `webhook-`, or `svix-` for Svix.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import re
from collections.abc import Sequence
from datetime import datetime

from chalicelib import errors
from chalicelib.model import Problem, Request, Verified
from chalicelib.webhooks import _body, _fields, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event, Kind

# A type's last word that says something of a person, but not that they left their data.
# https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#event-types
NO_LEAD = frozenset(("archived", "cancelled", "canceled", "deleted", "merged", "removed"))
NO_LEAD |= {"bounced", "complained", "unsubscribed", "ping", "test"}
_ID = re.compile(r"[\x21-\x7e]{1,256}")


def key(secret: str) -> bytes:
    """The key's bytes: base64, `whsec_` before it and padding behind it or not."""
    text = secret.removeprefix("whsec_").rstrip("=")
    if text.startswith(("whpk_", "whsk_")):
        raise ValueError("an asymmetric key (v1a) is not supported")
    found = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    if not found:
        raise ValueError("an empty secret")
    return found


def scheme(prefix: str) -> _signing.Scheme:
    """The scheme whose three headers begin like this."""
    return _signing.Scheme(
        header=f"{prefix}-signature",
        encoding="base64",
        separator=" ",
        prefix="v1,",
        signed="{" + f"{prefix}-id" + "}.{" + f"{prefix}-timestamp" + "}.{body}",
        timestamp=f"{prefix}-timestamp",
        key=key,
    )


def problems(endpoint: Endpoint) -> Sequence[Problem]:
    """Secrets that no sender of Standard Webhooks can have."""
    return [
        Problem(f"secrets[{i}]", "secret_invalid", "a secret is whsec_ and base64")
        for i, secret in enumerate(endpoint.secrets)
        if not _is_key(secret)
    ]


def verify(prefix: str, request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed are the id, the time and the body; an id is demanded, for it names the event."""
    if not _ID.fullmatch(request.header(f"{prefix}-id")):
        raise errors.Unauthorised(f"the {prefix}-id is missing or malformed")
    return _signing.prove(scheme(prefix), request, endpoint.secrets, now)


def parse(prefix: str, verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event a delivery: `{"type", "timestamp", "data": {…}}`, or the data by themselves."""
    body = _body.object_of(verified)
    kind = _taming.text(body.get("type"))
    wrapped = _taming.dig(body, "data")
    data = wrapped if isinstance(wrapped, dict) else body
    found = _fields.read(data, endpoint.mapping, body, endpoint.source.name)
    about = {"type": kind} if kind and data is not body else {}
    ignored = kind.rpartition(".")[2].casefold() in NO_LEAD or not data
    return [
        Event(
            key=verified.header(f"{prefix}-id"),
            kind=Kind.IGNORED if ignored else Kind.LEAD,
            reason="no_lead" if ignored else "",
            submitted_at=found.submitted_at or _taming.moment(body.get("timestamp")),
            fields=found.fields,
            external_ids=found.external_ids,
            signals=found.signals,
            extra={**about, **found.extra},
        )
    ]


def _is_key(secret: str) -> bool:
    try:
        return bool(key(secret))
    except ValueError:
        return False
