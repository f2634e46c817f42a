"""Resend: what became of a mail, one event a delivery, signed by Svix.

https://resend.com/docs/dashboard/webhooks/event-types

What Resend makes of our answer: any 2xx is success; everything else is tried again after 5 s, 5 min,
30 min, 2 h, 5 h, 10 h and 10 h with the same `svix-id`.
https://resend.com/docs/webhooks/retries-and-replays
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _body, _mail, _standard_webhooks, _taming
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = True
SCHEME = _standard_webhooks.scheme("svix")
problems = _standard_webhooks.problems

REASONS: Mapping[str, str] = {
    "email.bounced": "bounced",
    "email.suppressed": "bounced",
    "email.complained": "complained",
}
CONTACTS = frozenset(("contact.created", "contact.updated"))
_SOFT = frozenset(("Transient", "Undetermined"))


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed are the id, the time and the body."""
    return _standard_webhooks.verify("svix", request, endpoint, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:  # noqa: ARG001
    """One event, by its type."""
    body = _body.object_of(verified)
    what, data = _taming.text(body.get("type")), body.get("data")
    bounce = _taming.dig(data, "bounce")
    who = _taming.items(_taming.dig(data, "to")) or [_taming.dig(data, "email")]
    reason = _reason(what, data, _taming.text(_taming.dig(bounce, "type")))
    if len(who) > 1 and reason != _mail.COUNTED:
        # The event does not say which of them it is about; the wrong one must not be cut off.
        reason, who = "recipient_unknown", [None]
    about = {"event": what, "type": _taming.dig(bounce, "type")}
    when = _taming.moment(body.get("created_at"))
    return [_mail.event(reason, verified.header("svix-id"), who[0], when, about)]


def _reason(what: str, data: Raw, severity: str) -> str:
    if what in CONTACTS:
        out = _taming.dig(data, "unsubscribed") is True
        return "unsubscribed" if out else _mail.COUNTED
    if what == "email.bounced" and severity in _SOFT:
        return _mail.COUNTED
    return REASONS.get(what, _mail.COUNTED)
