"""Postmark: what became of a mail, one record a delivery.

https://postmarkapp.com/developer/webhooks/webhooks-overview

Nothing is signed: Postmark sends the name and password that stand in the address, or headers that
are set beside it.

What Postmark makes of our answer: 2xx is success; a bounce is tried again 10 times within six
hours, subscription changes and the rest 3 times within 15 minutes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _body, _mail, _taming, _token
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = False

# https://postmarkapp.com/developer/api/bounce-api#bounce-types
BOUNCES: Mapping[str, str] = {
    "HardBounce": "bounced",
    "BadEmailAddress": "bounced",
    "SpamComplaint": "complained",
    "Unsubscribe": "unsubscribed",
    "Subscribe": _mail.OPT_IN,
}
CHANGES: Mapping[str, str] = {
    "HardBounce": "bounced",
    "SpamComplaint": "complained",
    "ManualSuppression": "unsubscribed",
}


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """The password of the address, a token in a header, or an address that nobody guesses."""
    return _token.prove(request, endpoint)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:  # noqa: ARG001
    """One record, by its `RecordType`."""
    body = _body.object_of(verified)
    what, kind = _taming.text(body.get("RecordType")), _taming.text(body.get("Type"))
    when = next((t for k in _TIMES if (t := _taming.moment(body.get(k)))), None)
    about = {"record": what, "type": kind, "details": body.get("Details")}
    about["origin"] = body.get("Origin")
    who = body.get("Email") or body.get("Recipient")
    return [_mail.event(_reason(what, kind, body), _key(what, body), who, when, about)]


_TIMES = ("BouncedAt", "ChangedAt", "DeliveredAt", "ReceivedAt")


def _reason(what: str, kind: str, body: Mapping[str, Raw]) -> str:
    if what in ("Bounce", "SpamComplaint"):
        return BOUNCES.get(kind, _mail.COUNTED)
    if what != "SubscriptionChange":
        return _mail.COUNTED
    if body.get("SuppressSending") is not True:
        return _mail.OPT_IN
    # A reason that we do not know still says: do not send.
    return CHANGES.get(_taming.text(body.get("SuppressionReason")), "unsubscribed")


def _key(what: str, body: Mapping[str, Raw]) -> str:
    """A bounce has an id; of a subscription change the mail's may be missing, or all zeros."""
    if own := _taming.text(body.get("ID")):
        return f"{what} {own}"
    names = ("MessageID", "Recipient", "ChangedAt", "DeliveredAt", "ReceivedAt", "SuppressSending")
    return _mail.digest(what, *(str(body.get(name)) for name in names))
