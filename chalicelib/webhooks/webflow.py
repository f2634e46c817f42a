"""Webflow: one submitted form a delivery, by the API's version 2 or its older version 1.

https://developers.webflow.com/data/docs/working-with-webhooks

Hooks made through the API are signed; those made in the dashboard are not, and are safe only behind
an unguessable endpoint id.

What Webflow makes of our answer: exactly 200 is success, a redirect is a failure; 3 more tries, 10
minutes apart; a hook that keeps failing is deactivated.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _answers, _body, _signing, _taming, _titles, _token
from chalicelib.webhooks._answers import Answered
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = False
SCHEME = _signing.Scheme(
    header="x-webflow-signature",
    signed="{timestamp}:{body}",
    timestamp="x-webflow-timestamp",
    per_second=1000,
)
_NUMBERED = re.compile(r"[ _-]+[0-9]{1,2}$")
SUBMITTED = "form_submission"


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """With a secret the signature over time and body counts; without one the address does."""
    if endpoint.secrets:
        return _signing.prove(SCHEME, request, endpoint.secrets, now)
    return _token.prove(request, endpoint, [])


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event: the form's fields by their names."""
    body = _body.object_of(verified)
    payload = body.get("payload")
    form = payload if isinstance(payload, dict) else body
    key = _taming.text(form.get("id")) or _taming.text(form.get("_id"))
    data = form.get("data")
    kind = _taming.text(body.get("triggerType")) or SUBMITTED
    if kind != SUBMITTED or not isinstance(data, dict):
        return [Event(key=key, kind=Kind.IGNORED, reason="no_lead")]
    found = _answers.sort(_answered(data))
    when = _taming.moment(form.get("submittedAt")) or _taming.moment(form.get("d"))
    return [_answers.event(found, endpoint, body, key=key, submitted_at=when, about=_about(form))]


def _answered(data: Mapping[str, Raw]) -> Iterator[Answered]:
    """The fields; of two for one of ours the one whose name is exact comes first.

    The designer numbers what it copies: the only e-mail of a form may well be `Email 2`.
    """
    for name in sorted(data, key=lambda name: _NUMBERED.sub("", name) != name):
        yield Answered(name, data[name], _titles.field_of(_NUMBERED.sub("", name)))


def _about(form: Mapping[str, Raw]) -> dict[str, Raw]:
    return {
        "form": form.get("name"),
        "form_id": form.get("formId"),
        "site": form.get("siteId") or form.get("site"),
    }
