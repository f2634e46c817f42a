"""Stripe: somebody became a customer, or paid.

https://docs.stripe.com/webhooks/signature and https://docs.stripe.com/api/customers/object

What Stripe makes of our answer: any 2xx is success, 3xx a failure; everything else is tried again
with growing pauses for up to three days, with the same event id.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.model import Request, Verified
from chalicelib.webhooks import _body, _record, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = True

# The key is the secret's text as it is, `whsec_` included: unlike that of Standard Webhooks it is
# not base64. `v0` are signatures of test events.
SCHEME = _signing.Scheme(
    header="stripe-signature",
    separator=",",
    prefix="v1=",
    signed="{timestamp}.{body}",
    timestamp_item="t=",
)

_CUSTOMER: Mapping[str, str] = {
    "email": "email",
    "full_name": "name",
    "company": "business_name",
    "phone": "phone",
    "address": "address.line1",
    "city": "address.city",
    "region": "address.state",
    "postal_code": "address.postal_code",
    "country": "address.country",
    "language": "preferred_locales",
    "external_id": "id",
}
_CHECKOUT: Mapping[str, str] = {
    **{k: f"customer_details.{path}" for k, path in _CUSTOMER.items()},
    "email": "customer_details.email customer_email",
    "language": "locale",
    "external_id": "customer customer.id",
}
# https://docs.stripe.com/api/events/types
LEADS: Mapping[str, Mapping[str, str]] = {
    "customer.created": _CUSTOMER,
    "customer.updated": _CUSTOMER,
    "checkout.session.completed": _CHECKOUT,
    "checkout.session.async_payment_succeeded": _CHECKOUT,
}


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed are the time and the body."""
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event; a lead where it is a customer or a checkout, and real money."""
    body = _body.object_of(verified)
    kind, key = _taming.text(body.get("type")), _taming.text(body.get("id"))
    record = _taming.dig(body, "data", "object")
    reason = _no_lead(kind, body.get("livemode"))
    if reason or not isinstance(record, dict):
        return [Event(key=key, kind=Kind.IGNORED, reason=reason or "no_lead", extra={"type": kind})]
    found = _record.read(record, LEADS[kind], endpoint, body, "stripe")
    return [_record.lead(found, key, _taming.moment(body.get("created")), {"type": kind})]


def _no_lead(kind: str, live: object) -> str:
    if kind not in LEADS:
        return "no_lead"
    return "test" if live is False else ""
