"""SendGrid: what became of mails, many events a delivery, signed with a key pair.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features

What SendGrid makes of our answer: 2xx is success; everything else is tried again with growing
pauses for up to 24 hours, the events batched anew with the same `sg_event_id`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib import errors
from chalicelib.model import Problem, Raw, Request, Verified
from chalicelib.webhooks import _body, _mail, _public_key, _taming
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = True

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"

REASONS: Mapping[str, str] = {
    "bounce": "bounced",
    "spamreport": "complained",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "unsubscribed",
    "group_resubscribe": _mail.OPT_IN,
}
# Why SendGrid did not even try, where that says something of the address. `Invalid SMTPAPI header`
# and the like say something of the mail.
DROPPED: Mapping[str, str] = {
    "bounced address": "bounced",
    "invalid": "bounced",
    "spam reporting address": "complained",
    "unsubscribed address": "unsubscribed",
}


def problems(endpoint: Endpoint) -> Sequence[Problem]:
    """Secrets that are no verification key as SendGrid shows it."""
    return [
        Problem(f"secrets[{i}]", "secret_invalid", "a verification key is base64, MFkw…")
        for i, secret in enumerate(endpoint.secrets)
        if not _public_key.is_p256(secret)
    ]


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """Signed are the time and the body, the line break at its end included.

    The time is not held against the clock: a delivery that is tried again for a day may bring its
    first one. A replay has the same event ids and is `repeated`.
    """
    written = request.header(_TIMESTAMP)
    if not (written.isascii() and written.isdecimal() and len(written) <= 16):
        raise errors.Unauthorised("the timestamp is missing or malformed")
    signed, given = written.encode() + request.body, request.header(_SIGNATURE)
    _public_key.demand_p256(endpoint.secrets, signed, given)
    return Verified(request)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:  # noqa: ARG001
    """An event for each of the batch."""
    return [_event(one) for one in _mail.objects(_body.json_of(verified))]


def _event(one: dict[str, Raw]) -> Event:
    what = _taming.text(one.get("event"))
    key = _taming.text(one.get("sg_event_id"))
    about = {"event": what, "status": one.get("status"), "reason": one.get("reason")}
    when = _taming.moment(one.get("timestamp"))
    return _mail.event(_reason(what, one), key, one.get("email"), when, about)


def _reason(what: str, one: Mapping[str, Raw]) -> str:
    if what == "dropped":
        return DROPPED.get(_taming.text(one.get("reason")).casefold(), _mail.COUNTED)
    if what == "bounce" and _taming.text(one.get("type")) == "blocked":
        return _mail.COUNTED  # refused this time, by content or reputation: a soft bounce
    return REASONS.get(what, _mail.COUNTED)
