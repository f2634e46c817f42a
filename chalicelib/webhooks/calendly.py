"""Calendly: somebody booked a meeting, or answered a routing form.

https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures
https://developer.calendly.com/api-docs/ZG9jOjE2OTU3NDU1-webhook-payload

What Calendly makes of our answer: 2xx within 15 s (10 s to connect) is success; else it tries again
with growing pauses for a day, then switches the subscription off.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _body, _fields, _record, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = True

SCHEME = _signing.Scheme(
    header="calendly-webhook-signature",
    separator=",",
    prefix="v1=",
    signed="{timestamp}.{body}",
    timestamp_item="t=",
    tolerance=180,
)

# A reschedule is a cancellation and a new invitee: the second says who, the first nothing new.
LEADS = frozenset(("invitee.created", "routing_form_submission.created"))
_TRACKED = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
TABLE: Mapping[str, str] = {
    "email": "email",
    "full_name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
    "phone": "text_reminder_number",
    **{name: f"tracking.{name}" for name in _TRACKED},
}


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed are the time and the body."""
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event: who booked, with the answers to the questions that they were asked."""
    body = _body.object_of(verified)
    kind, payload = _taming.text(body.get("event")), body.get("payload")
    key = " ".join((kind, _taming.text(_taming.dig(payload, "uri")), _at(body)))
    if kind not in LEADS or not isinstance(payload, dict):
        return [Event(key, Kind.IGNORED, "no_lead", extra={"type": kind})]
    answers = _fields.recognise(_answers(payload))
    rest = {k: v for k, v in payload.items() if k != "questions_and_answers"}
    found = _record.read(rest, TABLE, endpoint, body, "calendly")
    answered = {k: v for k, v in answers.fields.items() if k not in endpoint.mapping}
    fields = {**answered, **found.fields}
    # An answer behind the invitee's own data, or behind a mapping: kept, not taken.
    passed_over = {k: v for k, v in answers.fields.items() if fields.get(k) != v}
    made = _record.lead(found, key, _taming.moment(_at(body)), {"type": kind})
    return [
        replace(
            made,
            fields=fields,
            signals={**answers.signals, **made.signals},
            extra={**answers.extra, **passed_over, **made.extra},
        )
    ]


def _at(body: Mapping[str, Raw]) -> str:
    return _taming.text(body.get("created_at"))


def _answers(payload: Mapping[str, Raw]) -> dict[str, Raw]:
    """The answers by their questions; of two to the same question the first."""
    answers: dict[str, Raw] = {}
    for one in _taming.items(payload.get("questions_and_answers")):
        question = _taming.text(_taming.dig(one, "question"))
        answers.setdefault(question or "question", _taming.dig(one, "answer"))
    return answers
