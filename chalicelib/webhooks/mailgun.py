"""Mailgun: what became of a mail, one event a delivery, with its signature inside the body.

https://documentation.mailgun.com/docs/mailgun/user-manual/events/webhooks
https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks

What Mailgun makes of our answer: 200 is success; 406 says that it is refused and never tried again,
so we never answer that; every other is tried again after 10, 10 and 15 minutes, half an hour, 1, 2
and 4 hours.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib import errors
from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _body, _mail, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = True

# The time may be as old as the last attempt; what is replayed within has the same token.
SCHEME = _signing.Scheme(header="", tolerance=12 * 3600)

# `failed` has its own rules. `bounced` and `dropped` are of the older webhooks.
REASONS: Mapping[str, str] = {
    "complained": "complained",
    "unsubscribed": "unsubscribed",
    "bounced": "bounced",
}
# Why a permanent failure says nothing of the address: Mailgun gave up a mail that was only
# deferred, or a mail service refused us for what we sent.
NO_BOUNCE = frozenset(("old", "espblock"))
SUPPRESSED: Mapping[str, str] = {
    "suppress-bounce": "bounced",
    "suppress-complaint": "complained",
    "suppress-unsubscribe": "unsubscribed",
}
# The older webhooks' codes of a mail that was not even tried.
DROPPED: Mapping[str, str] = {"605": "bounced", "606": "unsubscribed", "607": "complained"}


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed are a time and a token, not the body: it comes over TLS or not at all."""
    try:
        signature = _signature(_content(request))
    except (errors.Unreadable, errors.TooLarge) as error:
        raise errors.Unauthorised("the signature is missing or malformed") from error
    given, time, token = (signature[k] for k in ("signature", "timestamp", "token"))
    if not given or not token:
        raise errors.Unauthorised("the signature is missing or malformed")
    _signing.demand_time(SCHEME, time, now)
    signed = (time + token).encode("utf-8", "replace")
    _signing.demand_match(SCHEME, endpoint.secrets, signed, [given])
    return Verified(request)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:  # noqa: ARG001
    """One event, in the shape of today (`event-data`) or that of the older webhooks."""
    content = _content(verified)
    data = _taming.dig(content, "event-data")
    event = data if isinstance(data, dict) else content
    what = _taming.text(_last(event.get("event")))
    severity, reason = _taming.text(event.get("severity")), _last(event.get("reason"))
    about = {"event": what, "severity": severity, "reason": reason, "code": _code(event)}
    when = _taming.moment(_taming.text(_last(event.get("timestamp"))).partition(".")[0])
    who = _last(event.get("recipient"))
    key = _signature(content)["token"]
    return [_mail.event(_reason(what, event), key, who, when, about)]


def _content(request: Request) -> dict[str, Raw]:
    """A JSON object today, a form of the older webhooks."""
    if _body.looks_json(request):
        return _body.object_of(request)
    return _body.form_of(request)


def _signature(content: Mapping[str, Raw]) -> dict[str, str]:
    inner = content.get("signature")
    held = inner if isinstance(inner, dict) else content
    return {k: _taming.text(_last(held.get(k))) for k in ("timestamp", "token", "signature")}


def _last(value: Raw) -> Raw:
    """Of a name that a form repeats, Mailgun's own value is the last: the others are ours."""
    return value[-1] if isinstance(value, list) and value else value


def _code(event: Mapping[str, Raw]) -> Raw:
    return _taming.dig(event.get("delivery-status"), "code") or _last(event.get("code"))


def _reason(what: str, event: Mapping[str, Raw]) -> str:
    why = _taming.text(_last(event.get("reason")))
    if what == "failed":
        permanent = _taming.text(event.get("severity")) == "permanent" and why not in NO_BOUNCE
        return SUPPRESSED.get(why, "bounced") if permanent else _mail.COUNTED
    if what == "dropped":
        known = DROPPED.get(_taming.text(_code(event)))
        return known or ("bounced" if why == "hardfail" else _mail.COUNTED)
    return REASONS.get(what, _mail.COUNTED)
