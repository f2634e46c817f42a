"""Tally: one submitted form a delivery, the whole response inline.

https://tally.so/help/webhooks

What Tally makes of our answer: any 2xx is success; anything else is tried again after 5 and 30
minutes, 1, 6 and 24 hours.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _answers, _body, _signing, _taming
from chalicelib.webhooks._answers import Answered
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = True
SCHEME = _signing.Scheme(header="tally-signature", encoding="base64")
SUBMITTED = "FORM_RESPONSE"
# A question's type, where it alone says which of our fields the answer is.
TYPES: Mapping[str, str] = {
    "INPUT_EMAIL": "email",
    "INPUT_PHONE_NUMBER": "phone",
    "INPUT_LINK": "website",
}


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed is the body, without a time: a replay is known by its event id."""
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event: what was answered, by each question's label or type; hidden fields likewise."""
    body = _body.object_of(verified)
    data = body.get("data")
    key = _taming.text(body.get("eventId")) or _taming.text(_taming.dig(data, "responseId"))
    if _taming.text(body.get("eventType")) != SUBMITTED or not isinstance(data, dict):
        return [Event(key=key, kind=Kind.IGNORED, reason="no_lead")]
    about = {
        "form_id": data.get("formId"),
        "form": data.get("formName"),
        "response": data.get("responseId"),
    }
    when = _taming.moment(data.get("createdAt")) or _taming.moment(body.get("createdAt"))
    found = _answers.sort(_answered(data))
    return [_answers.event(found, endpoint, body, key=key, submitted_at=when, about=about)]


def _answered(data: Mapping[str, Raw]) -> Iterator[Answered]:
    for one in _taming.items(data.get("fields")):
        kind = _taming.text(_taming.dig(one, "type"))
        value = _taming.dig(one, "value")
        if kind == "CHECKBOXES" and isinstance(value, bool):
            continue  # a box of a list: the list itself, of what is ticked, is a field too
        label = _taming.text(_taming.dig(one, "label"))
        yield Answered(label, _chosen(one, value), TYPES.get(kind, ""))


def _chosen(one: Raw, value: Raw) -> Raw:
    """A choice by its text: a value names it by an id."""
    options = _taming.items(_taming.dig(one, "options"))
    if not options:
        return value
    texts = {
        _taming.text(_taming.dig(option, "id")): _taming.text(_taming.dig(option, "text"))
        for option in options
    }
    if isinstance(value, list):
        return [texts.get(v, v) if isinstance(v, str) else v for v in value]
    return texts.get(value, value) if isinstance(value, str) else value
