"""Meta lead ads (Facebook, Instagram): a delivery names leads, each is fetched from the Graph API.

https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving
https://developers.facebook.com/docs/graph-api/webhooks/getting-started

What Meta makes of our answer: 200 is success; anything else is tried again at once, then ever less
often for 36 hours. It delivers again what it has delivered: a lead's id says which it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from chalicelib import errors
from chalicelib.model import Raw, Request, Response, Verified
from chalicelib.ports import Answer, Outgoing
from chalicelib.webhooks import _ads, _answers, _body, _fetched, _signing, _taming
from chalicelib.webhooks._answers import Answered
from chalicelib.webhooks._provider import Endpoint, Event, Kind, Setting

NEEDS_SECRET = True
# Signed are the bytes that Meta sends, non-ASCII escaped as it pleases: never re-serialised here.
SCHEME = _signing.Scheme(header="x-hub-signature-256", prefix="sha256=")
SETTINGS = {
    "verify_token": Setting(
        "the verify token that is entered at the app's webhook", secret=True, required=True
    ),
    "access_token": Setting("a page access token with leads_retrieval", secret=True, required=True),
    "graph_version": Setting("a version of the Graph API, such as v23.0", pattern=r"v\d{1,2}\.\d"),
    "fields": Setting(
        "the lead's fields to ask for, joined by commas",
        pattern=r"[a-z_]{2,40}(,[a-z_]{2,40}){0,30}",
    ),
}
GRAPH = "https://graph.facebook.com"
VERSION = "v23.0"
# Meta's own bound of a batch.
MAX_CHANGES = 1000
# "Object does not exist, or cannot be loaded": a lead that was deleted, or made up by a test.
# https://developers.facebook.com/docs/graph-api/guides/error-handling
NO_SUCH_LEAD = 100
DUMMY = "<test lead:"
PLATFORMS = {"fb": "facebook", "ig": "instagram"}
_LEAD_ID = re.compile(r"[0-9]{1,32}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{1,128}")


def handshake(request: Request, endpoint: Endpoint) -> Response | None:
    """Meta asks with our verify token whether the address is ours, and wants its number back."""
    if request.method == "POST":
        return None
    token = request.query.get("hub.verify_token") or request.query.get("hub_verify_token", "")
    ours = endpoint.settings.get("verify_token", "")
    challenge = request.query.get("hub.challenge") or request.query.get("hub_challenge", "")
    if not ours or not _signing.same(ours, token) or not _CHALLENGE.fullmatch(challenge):
        raise errors.Unauthorised("the verify token is missing or wrong")
    return Response(200, challenge, {"content-type": "text/plain"})


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed is the body, without a time: a replay is known by its leads' ids."""
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:  # noqa: ARG001
    """A reference for each lead of each entry; what is no lead is ignored, all of it as one."""
    body = _body.object_of(verified)
    changes = list(_changes(body))
    if len(changes) > MAX_CHANGES:
        raise errors.TooLarge(f"a delivery holds at most {MAX_CHANGES} changes")
    leads = [value for field, value in changes if field == "leadgen"]
    return [_reference(lead) for lead in leads] or [Event(kind=Kind.IGNORED, reason="no_lead")]


def follow(event: Event, endpoint: Endpoint) -> Outgoing:
    """Ask the Graph API for one lead."""
    settings = endpoint.settings
    query = {"access_token": settings.get("access_token", "")}
    if "fields" in settings:
        query["fields"] = settings["fields"]
    version = settings.get("graph_version", VERSION)
    return Outgoing("GET", f"{GRAPH}/{version}/{event.key}?{urlencode(query)}")


def complete(event: Event, answer: Answer, endpoint: Endpoint) -> Event:
    """The lead by its questions' names; one that Meta does not know is kept as `lead_missing`."""
    lead = _fetched.object_of(answer)
    if _fetched.number(lead, "error", "code") == NO_SUCH_LEAD:
        return replace(event, kind=Kind.IGNORED, reason="lead_missing")
    if answer.status != 200 or "field_data" not in lead:
        raise _fetched.refused(answer)
    found = _answers.sort(_answered(lead))
    about = {**event.extra, **{name: lead.get(name) for name in _ABOUT}}
    made = _answers.event(
        found,
        endpoint,
        lead,
        key=event.key,
        submitted_at=_taming.moment(lead.get("created_time")) or event.submitted_at,
        about=about,
    )
    made = replace(made, key=event.key, signals={**_tags(lead, endpoint), **made.signals})
    dummy = any(_taming.text(value).startswith(DUMMY) for value in found.fields.values())
    return replace(made, kind=Kind.IGNORED, reason="test") if dummy else made


_ABOUT: tuple[str, ...] = (
    "ad_id",
    "ad_name",
    "adset_id",
    "adset_name",
    "campaign_id",
    "campaign_name",
)
_ABOUT += ("form_id", "platform", "is_organic", "partner_name")


def _changes(body: dict[str, Raw]) -> Iterator[tuple[str, Raw]]:
    for entry in _taming.items(body.get("entry")):
        for change in _taming.items(_taming.dig(entry, "changes")):
            yield _taming.text(_taming.dig(change, "field")), _taming.dig(change, "value")


def _reference(value: Raw) -> Event:
    key = _taming.text(_taming.dig(value, "leadgen_id"))
    names = ("form_id", "page_id", "ad_id", "adgroup_id")
    said = {name: _taming.dig(value, name) for name in names}
    known = bool(_LEAD_ID.fullmatch(key))
    return Event(
        key=key,
        kind=Kind.REFERENCE if known else Kind.IGNORED,
        reason="" if known else "no_lead",
        submitted_at=_taming.moment(_taming.dig(value, "created_time")),
        extra={name: part for name, part in said.items() if not _taming.blank(part)},
    )


def _answered(lead: dict[str, Raw]) -> Iterator[Answered]:
    for one in _taming.items(lead.get("field_data")):
        yield Answered(_taming.text(_taming.dig(one, "name")), _taming.dig(one, "values"))
    for box in _taming.items(lead.get("custom_disclaimer_responses")):
        label = _taming.text(_taming.dig(box, "checkbox_key"))
        yield Answered(label, _taming.dig(box, "is_checked"))


def _tags(lead: dict[str, Raw], endpoint: Endpoint) -> dict[str, str]:
    organic = _taming.dig(lead, "is_organic") is True
    return _ads.signals(
        endpoint,
        {
            "utm_source": PLATFORMS.get(_taming.text(lead.get("platform")), "facebook"),
            "utm_medium": "social" if organic else "paid_social",
            "utm_campaign": lead.get("campaign_name") or lead.get("campaign_id"),
            "utm_content": lead.get("ad_name") or lead.get("ad_id"),
        },
    )
