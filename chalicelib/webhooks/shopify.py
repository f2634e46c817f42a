"""Shopify: a shop's customers, their consent, and the privacy requests that every app must honour.

https://shopify.dev/docs/apps/build/webhooks/subscribe/https
https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance

What Shopify makes of our answer: 2xx within 5 s (1 s to connect) is success, a redirect a failure;
8 more attempts within 4 hours, and after 8 failures in a row the subscription is deleted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _body, _record, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = True

SCHEME = _signing.Scheme(header="x-shopify-hmac-sha256", encoding="base64")

LEADS = frozenset(("customers/create", "customers/update", "customers/enable"))
CONSENT = "customers_email_marketing_consent/update"
REDACT = "customers/redact"
# https://shopify.dev/docs/api/admin-rest/latest/resources/customer
TABLE: Mapping[str, str] = {
    "email": "email",
    "phone": "phone default_address.phone",
    "first_name": "first_name default_address.first_name",
    "last_name": "last_name default_address.last_name",
    "company": "default_address.company",
    "address": "default_address.address1",
    "city": "default_address.city",
    "region": "default_address.province",
    "postal_code": "default_address.zip",
    "country": "default_address.country_code default_address.country",
    "notes": "note",
    "external_id": "id",
}
_CONSENT: Mapping[str, bool] = {"subscribed": True, "unsubscribed": False}


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed is the body, without a time: a retry is known by its event id."""
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event, by its topic: a customer, an opt-out, an erasure."""
    body = _body.object_of(verified)
    topic, test = verified.header("x-shopify-topic"), verified.header("x-shopify-test")
    key = _key(verified, topic)
    if test.casefold() == "true":
        return [Event(key=key, kind=Kind.IGNORED, reason="test", extra={"topic": topic})]
    if topic in LEADS:
        return [_customer(key, topic, body, endpoint)]
    return [_other(key, topic, body)]


def _customer(key: str, topic: str, body: dict[str, Raw], endpoint: Endpoint) -> Event:
    found = _record.read(body, TABLE, endpoint, body, "shopify")
    state = _taming.text(_taming.dig(body, "email_marketing_consent", "state"))
    known = state in _CONSENT and "consent" not in endpoint.mapping
    consent: dict[str, Raw] = {"consent": _CONSENT[state]} if known else {}
    time = body.get("created_at" if topic == "customers/create" else "updated_at")
    made = _record.lead(found, key, _taming.moment(time), {"topic": topic})
    return replace(made, fields={**consent, **made.fields})


def _other(key: str, topic: str, body: dict[str, Raw]) -> Event:
    """What is no lead: an opt-out and an erasure stop contact, the rest is looked up by people."""
    if topic == REDACT:
        who = _taming.dig(body, "customer")
        fields = {
            k: text for k in ("email", "phone") if (text := _taming.text(_taming.dig(who, k)))
        }
        known = _taming.text(_taming.dig(who, "id"))
        ids = {"shopify": known} if known else {}
        return Event(key, Kind.SUPPRESSION, "erased", fields=fields, external_ids=ids)
    if topic != CONSENT:
        reason = "data_request" if topic == "customers/data_request" else "no_lead"
        return Event(key, Kind.IGNORED, reason, extra={"topic": topic})
    fields = {"email": _taming.text(body.get("email_address"))}
    when = _taming.moment(_taming.dig(body, "email_marketing_consent", "consent_updated_at"))
    state = _taming.text(_taming.dig(body, "email_marketing_consent", "state"))
    if state == "unsubscribed":
        return Event(key, Kind.SUPPRESSION, "unsubscribed", when, fields, extra={"topic": topic})
    reason = "opt_in_unconfirmed" if state == "subscribed" else "no_lead"
    return Event(key, Kind.IGNORED, reason, when, fields, extra={"topic": topic})


def _key(request: Request, topic: str) -> str:
    """One action of a merchant has one event id, and an event for each topic that it touches."""
    event = request.header("x-shopify-event-id").strip()
    return f"{event} {topic}" if event else request.header("x-shopify-webhook-id").strip()
