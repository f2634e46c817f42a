"""Brevo (once Sendinblue): what became of a mail, one event a delivery or a list of them.

https://developers.brevo.com/docs/transactional-webhooks
https://developers.brevo.com/docs/marketing-webhooks

Nothing is signed: Brevo sends a bearer token, or headers that are set with the webhook.

What Brevo makes of our answer: 2xx is success; 4xx discards the event for good, but for 429, which is
tried again after 10 minutes, an hour, 2 and 8 hours. What its page says of 5xx can be read either
way: so where we cannot store it now, we answer 429. https://developers.brevo.com/docs/retry-mechanism
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.errors import InletError, Unavailable
from chalicelib.model import Raw, Request, Response, Verified
from chalicelib.webhooks import _body, _mail, _taming, _token
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = False

REASONS: Mapping[str, str] = {
    "hard_bounce": "bounced",
    "invalid_email": "bounced",
    "spam": "complained",
    "complaint": "complained",
    "unsubscribe": "unsubscribed",
    "unsubscribed": "unsubscribed",
}
# `ts_epoch` counts milliseconds in UTC, the others seconds; `date` is in the account's own zone.
_TIMES = ("ts_epoch", "ts_event", "ts")


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """A bearer token, one in a header, or an address that nobody guesses."""
    return _token.prove(request, endpoint)


def refuse(error: InletError) -> Response | None:
    """429 where the same delivery may succeed later: a 503 might be the last we hear of it."""
    if not isinstance(error, Unavailable):
        return None
    return Response(429, "{}", {"content-type": "application/json", "retry-after": "600"})


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:  # noqa: ARG001
    """An event for each, whether one or a batch."""
    body = _body.json_of(verified)
    return [_event(one) for one in _mail.objects(body if isinstance(body, list) else [body])]


def _event(one: dict[str, Raw]) -> Event:
    """Brevo's `id` is the webhook's; the mail, what became of it, and when, name the event."""
    what, who = _taming.text(one.get("event")), one.get("email")
    times = [_taming.text(one.get(name)) for name in _TIMES]
    when = next((t for text in times if (t := _taming.moment(text))), None)
    key = _mail.digest(what, who, one.get("message-id"), *times)
    about = {"event": what, "reason": one.get("reason")}
    return _mail.event(REASONS.get(what, _mail.COUNTED), key, who, when, about)
