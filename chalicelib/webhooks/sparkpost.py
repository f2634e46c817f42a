"""SparkPost: what became of mails, many events a delivery.

https://developers.sparkpost.com/api/webhooks/
https://support.sparkpost.com/docs/deliverability/bounce-classification-codes

Nothing is signed: SparkPost sends a name and password, or a bearer token.

What SparkPost makes of our answer: 200 is success; everything else is tried again with the same event
ids, for eight hours as it is said; we have not confirmed it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _body, _mail, _taming, _token
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = False

REASONS: Mapping[str, str] = {
    "spam_complaint": "complained",
    "list_unsubscribe": "unsubscribed",
    "link_unsubscribe": "unsubscribed",
}
# The class of a bounce decides: no such recipient (10, 30); asked to be taken off (90). All others
# are soft, blocks, or somebody's vacation.
BOUNCES = frozenset(("bounce", "out_of_band"))
CLASSES: Mapping[str, str] = {"10": "bounced", "30": "bounced", "90": "unsubscribed"}


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """A password, a bearer token, or an address that nobody guesses."""
    return _token.prove(request, endpoint)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:  # noqa: ARG001
    """An event for each of the batch; `[{"msys":{}}]` is the ping of a new webhook."""
    return [_event(one) for one in _mail.objects(_body.json_of(verified))]


def _event(one: dict[str, Raw]) -> Event:
    wrapped = one.get("msys")
    inner = next(iter(wrapped.values()), None) if isinstance(wrapped, dict) else None
    held = inner if isinstance(inner, dict) else {}
    what, sort = _taming.text(held.get("type")), _taming.text(held.get("bounce_class"))
    reason = CLASSES.get(sort) if what in BOUNCES else REASONS.get(what)
    who = held.get("raw_rcpt_to") or held.get("rcpt_to")
    key = _taming.text(held.get("event_id")) or _mail.digest(what, who, held.get("timestamp"))
    about = {"event": what, "class": sort, "reason": held.get("reason")}
    when = _taming.moment(held.get("timestamp"))
    return _mail.event(reason or _mail.COUNTED, key, who, when, about)
