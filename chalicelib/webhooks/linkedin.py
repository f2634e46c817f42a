"""LinkedIn Lead Sync: a delivery names one response to a lead form, which is fetched.

https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/leadsync
https://learn.microsoft.com/en-us/linkedin/shared/api-guide/webhook-validation

What LinkedIn makes of our answer: any 2xx is success; duplicates are to be expected. It asks for
the challenge every 2 hours, waits 3 seconds, and blocks the address after 3 failures in a row.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from chalicelib import errors
from chalicelib.model import Raw, Request, Response, Verified
from chalicelib.ports import Answer, Outgoing
from chalicelib.webhooks import _ads, _answers, _body, _fetched, _signing, _taming
from chalicelib.webhooks._answers import Answered
from chalicelib.webhooks._provider import Endpoint, Event, Kind, Setting

NEEDS_SECRET = True
SCHEME = _signing.Scheme(header="x-li-signature", signed="hmacsha256={body}")
CHALLENGE = _signing.Scheme(header="", signed="")
SETTINGS = {
    "access_token": Setting(
        "an access token with r_marketing_leadgen_automation", secret=True, required=True
    ),
    "api_version": Setting("a version of the marketing API, such as 202509", pattern=r"20\d{4}"),
}
API = "https://api.linkedin.com/rest/leadFormResponses"
VERSION = "202509"
# With the form beside the response: its questions say what the answers are to.
FIELDS = "leadMetadata,leadType,versionedLeadGenFormUrn,id,submittedAt,testLead,formResponse"
FIELDS += ",form:(hiddenFields,name,id,content)"
# https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/lead-sync-schema
PREDEFINED = {
    "FIRST_NAME": "first_name",
    "LAST_NAME": "last_name",
    "EMAIL": "email",
    "WORK_EMAIL": "email",
    "PHONE_NUMBER": "phone",
    "WORK_PHONE": "phone",
    "COMPANY_NAME": "company",
    "JOB_TITLE": "job_title",
    "CITY": "city",
    "STATE": "region",
    "COUNTRY": "country",
    "ZIP_CODE": "postal_code",
    "POSTAL_CODE": "postal_code",
}
_RESPONSE = re.compile(r"urn:li:leadGenFormResponse:([A-Za-z0-9_-]{1,128})")
# Nothing but the UUID that LinkedIn sends: what we sign for anybody who asks must never be the text
# of a delivery.
_CODE = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def handshake(request: Request, endpoint: Endpoint) -> Response | None:
    """LinkedIn's challenge, signed with the first secret."""
    if request.method == "POST":
        return None
    code = request.query.get("challengeCode", "")
    if not _CODE.fullmatch(code) or not endpoint.secrets:
        raise errors.Unauthorised("the challenge is missing or malformed")
    signed = _signing.signature(CHALLENGE, endpoint.secrets[0], code.encode())
    body = json.dumps({"challengeCode": code, "challengeResponse": signed})
    return Response(200, body, {"content-type": "application/json"})


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed is the body, without a time: a replay is known by response, action and time."""
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """A reference to one response; a deleted one is an erasure, by the id that it was known by."""
    body = _body.object_of(verified)
    urn = _taming.text(body.get("leadGenFormResponse"))
    action = _taming.text(body.get("leadAction"))
    when = _taming.text(body.get("occurredAt"))
    response = _RESPONSE.fullmatch(urn)
    event = Event(
        key=" ".join(part for part in (urn, action, when) if part),
        submitted_at=_taming.moment(body.get("occurredAt")),
        external_ids={endpoint.source.name: urn} if response else {},
        extra={k: v for k in _ABOUT if not _taming.blank(v := body.get(k))},
    )
    if not response or action not in ("CREATED", "DELETED"):
        return [replace(event, kind=Kind.IGNORED, reason="no_lead", external_ids={})]
    if action == "DELETED":
        return [replace(event, kind=Kind.SUPPRESSION, reason="erased")]
    return [replace(event, kind=Kind.REFERENCE)]


def follow(event: Event, endpoint: Endpoint) -> Outgoing:
    """Ask for one response with its form."""
    urn = event.external_ids[endpoint.source.name]
    headers = {
        "Authorization": f"Bearer {endpoint.settings.get('access_token', '')}",
        "LinkedIn-Version": endpoint.settings.get("api_version", VERSION),
        "X-Restli-Protocol-Version": "2.0.0",
    }
    fields = quote(FIELDS, safe=",:()")
    return Outgoing("GET", f"{API}/{urn.rpartition(':')[2]}?fields={fields}", headers)


def complete(event: Event, answer: Answer, endpoint: Endpoint) -> Event:
    """The response's answers by their questions; one that is gone is kept as `lead_missing`."""
    if answer.status in (404, 410):
        return replace(event, kind=Kind.IGNORED, reason="lead_missing")
    response = _fetched.object_of(answer)
    if answer.status != 200 or "formResponse" not in response:
        raise _fetched.refused(answer)
    form = response.get("form")
    about = {**event.extra, "form": _taming.dig(form, "name"), "form_id": _taming.dig(form, "id")}
    made = _answers.event(
        _answers.sort(_answered(response)),
        endpoint,
        response,
        submitted_at=_taming.moment(response.get("submittedAt")) or event.submitted_at,
        about=about,
    )
    campaign = _taming.dig(response, "leadMetadata", "sponsoredLeadMetadata", "campaign")
    tags: dict[str, Raw] = {
        "utm_source": "linkedin",
        "utm_medium": "paid_social" if response.get("leadType") == "SPONSORED" else "social",
        "utm_campaign": _taming.text(campaign).rpartition(":")[2],
    }
    made = replace(
        made,
        key=event.key,
        external_ids={**made.external_ids, **event.external_ids},
        signals={**_ads.signals(endpoint, tags), **made.signals},
    )
    if response.get("testLead") is True:
        return replace(made, kind=Kind.IGNORED, reason="test")
    return made


_ABOUT = ("leadType", "leadGenForm", "associatedEntity", "owner")


def _answered(response: dict[str, Raw]) -> Iterator[Answered]:
    content = _taming.dig(response, "form", "content")
    questions = {
        _taming.text(_taming.dig(one, "questionId")): one
        for one in _taming.items(_taming.dig(content, "questions"))
    }
    for one in _taming.items(_taming.dig(response, "formResponse", "answers")):
        question = questions.get(_taming.text(_taming.dig(one, "questionId")))
        kind = _taming.text(_taming.dig(question, "predefinedField"))
        label = _taming.text(_taming.dig(question, "name")) or _taming.text(
            _taming.dig(one, "name")
        )
        yield Answered(label or kind, _value(one), PREDEFINED.get(kind, ""))
    for hidden in _taming.items(_taming.dig(response, "form", "hiddenFields")):
        name = _taming.text(_taming.dig(hidden, "name"))
        yield Answered(name, _taming.dig(hidden, "value"))


def _value(answer: Raw) -> Raw:
    text = _taming.dig(answer, "answerDetails", "textQuestionAnswer", "answer")
    return text or _taming.dig(answer, "answerDetails", "multipleChoiceAnswer", "options")
