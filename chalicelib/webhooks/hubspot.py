"""HubSpot: ids of contacts that were made or changed; what they hold is fetched.

https://developers.hubspot.com/docs/api/webhooks
https://developers.hubspot.com/docs/api/webhooks/validating-requests

What HubSpot makes of our answer: 2xx within 5 s is success; everything else, 4xx included, is tried
again up to 10 times within 24 hours, the events batched anew with the same ids.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from chalicelib import errors
from chalicelib.model import Raw, Request, Verified
from chalicelib.ports import Answer, Outgoing
from chalicelib.webhooks import _body, _fetched, _mail, _mapping, _record, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event, Kind, Setting

NEEDS_SECRET = True

SCHEME = _signing.Scheme(
    header="x-hubspot-signature-v3",
    encoding="base64",
    signed="{method}{url}{body}{timestamp}",
    timestamp="x-hubspot-request-timestamp",
    per_second=1000,
)
SETTINGS = {
    "access_token": Setting(
        "a private app's access token with crm.objects.contacts.read", secret=True, required=True
    )
}
API = "https://api.hubapi.com/crm/v3/objects/contacts"
MAX_EVENTS = 100

# What makes a contact worth fetching. https://developers.hubspot.com/docs/api/webhooks#subscription
NEWS = frozenset(("creation", "propertyChange", "restore", "merge"))
OPTED_OUT = "hs_email_optout"
# https://knowledge.hubspot.com/properties/hubspots-default-contact-properties
TABLE: Mapping[str, str] = {
    "email": "properties.email",
    "first_name": "properties.firstname",
    "last_name": "properties.lastname",
    "phone": "properties.phone properties.mobilephone",
    "company": "properties.company",
    "job_title": "properties.jobtitle",
    "website": "properties.website",
    "address": "properties.address",
    "city": "properties.city",
    "region": "properties.state",
    "postal_code": "properties.zip",
    "country": "properties.country",
    "language": "properties.hs_language",
    "message": "properties.message",
    "gclid": "properties.hs_google_click_id",
    "fbclid": "properties.hs_facebook_click_id",
}
# What HubSpot decodes of an address before it signs it.
_ENCODED = re.compile(r"%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed are the method, the address, the body and the time."""
    url = _ENCODED.sub(lambda found: chr(int(found[1], 16)), request.url)
    _signing.prove(SCHEME, replace(request, url=url), endpoint.secrets, now)
    return Verified(request)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:  # noqa: ARG001
    """A reference to each contact that is news, an erasure where one was asked for.

    Of several changes of one contact only the latest is followed: what is fetched is the same.
    """
    told = _mail.objects(_body.json_of(verified))
    if len(told) > MAX_EVENTS:
        raise errors.TooLarge(f"a delivery holds at most {MAX_EVENTS} events")
    events = [_event(one) for one in told]
    latest: dict[str, datetime | None] = {}
    chosen: dict[str, int] = {}
    for place, event in enumerate(events):
        who = event.external_ids.get("hubspot", "")
        if event.kind is Kind.REFERENCE and not _opts_out(event):
            before, at = latest.get(who), event.submitted_at
            if who not in chosen or (at and (not before or at >= before)):
                latest[who], chosen[who] = at, place
    return [
        event
        if event.kind is not Kind.REFERENCE or _opts_out(event) or place in chosen.values()
        else replace(event, kind=Kind.IGNORED, reason="superseded")
        for place, event in enumerate(events)
    ]


def follow(event: Event, endpoint: Endpoint) -> Outgoing:
    """Ask for one contact, with the properties that we know and those that the mapping names."""
    mapped = [_mapping.keys(path) for path in endpoint.mapping.values()]
    own = [keys[1] for keys in mapped if len(keys) == 2 and keys[0] == "properties"]
    known = [place.removeprefix("properties.") for p in TABLE.values() for place in p.split()]
    query = urlencode({"properties": ",".join(dict.fromkeys([*known, OPTED_OUT, *own]))})
    headers = {"Authorization": f"Bearer {endpoint.settings.get('access_token', '')}"}
    return Outgoing("GET", f"{API}/{event.external_ids['hubspot']}?{query}", headers)


def complete(event: Event, answer: Answer, endpoint: Endpoint) -> Event:
    """The contact's properties; one that is gone is kept as `lead_missing`."""
    if answer.status in (404, 410):
        return replace(event, kind=Kind.IGNORED, reason="lead_missing")
    contact = _fetched.object_of(answer)
    if answer.status != 200 or not isinstance(contact.get("properties"), dict):
        raise _fetched.refused(answer)
    if _opts_out(event):
        who = _taming.dig(contact, "properties", "email")
        return _mail.event("unsubscribed", event.key, who, event.submitted_at, event.extra)
    held: dict[str, Raw] = {"properties": contact["properties"]}
    found = _record.read(held, TABLE, endpoint, contact, "hubspot")
    made = _record.lead(found, event.key, event.submitted_at, event.extra)
    return replace(made, key=event.key, external_ids={**made.external_ids, **event.external_ids})


def _event(one: Mapping[str, Raw]) -> Event:
    get = {name: _taming.text(one.get(name)) for name in (*_ID, *_KEPT, "objectTypeId")}
    about, _, what = get["subscriptionType"].partition(".")
    contact = about == "contact" or (about == "object" and get["objectTypeId"] == "0-1")
    who = get["objectId"]
    known = contact and who.isascii() and who.isdecimal() and len(who) <= 20
    # HubSpot does not promise that `eventId` is unique by itself.
    event = Event(
        key=" ".join(get[name] for name in _ID),
        kind=Kind.IGNORED,
        reason="no_lead",
        submitted_at=_taming.moment(one.get("occurredAt")),
        external_ids={"hubspot": who} if known else {},
        extra={k: v for k, v in get.items() if k in _KEPT and v},
    )
    if known and what == "privacyDeletion":
        return replace(event, kind=Kind.SUPPRESSION, reason="erased")
    if known and what in NEWS and not _opts_in(event):
        return replace(event, kind=Kind.REFERENCE, reason="")
    if _opts_in(event):
        return replace(event, reason=_mail.OPT_IN)
    return replace(event, reason="deleted" if what == "deletion" else "no_lead")


_ID = ("eventId", "subscriptionId", "objectId", "subscriptionType", "occurredAt")
_KEPT = ("subscriptionType", "propertyName", "propertyValue", "portalId", "changeSource")


def _opts_out(event: Event) -> bool:
    held = event.extra
    return held.get("propertyName") == OPTED_OUT and held.get("propertyValue") == "true"


def _opts_in(event: Event) -> bool:
    return event.extra.get("propertyName") == OPTED_OUT and not _opts_out(event)
