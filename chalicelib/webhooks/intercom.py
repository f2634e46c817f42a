"""Intercom: leads and users of a workspace, and who unsubscribed.

https://developers.intercom.com/docs/webhooks/setting-up-webhooks
https://developers.intercom.com/docs/references/webhooks/webhook-models

What Intercom makes of our answer: 2xx is success. A thousand errors in a row within 15 minutes pause
the subscription for as long, a week of errors suspends that of a private app. How often one
notification is tried again its pages do not say.
https://developers.intercom.com/docs/webhooks/webhook-notifications
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.model import Request, Response, Verified
from chalicelib.webhooks import _body, _record, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = True

SCHEME = _signing.Scheme(header="x-hub-signature", algorithm="sha1", prefix="sha1=")

# What happens to a contact that is news about them; `contact`, `contact.lead` or `contact.user`.
NEWS = frozenset(("created", "updated", "signed_up", "added_email", "email.updated"))
_OUT = frozenset(("unsubscribed",))
_IN = frozenset(("subscribed",))
# https://developers.intercom.com/docs/references/rest-api/api.intercom.io/contacts/contact
TABLE: Mapping[str, str] = {
    "email": "email",
    "phone": "phone",
    "full_name": "name",
    "country": "location.country_code location.country",
    "region": "location.region",
    "city": "location.city",
    "language": "language_override browser_language",
    "referrer": "referrer",
    "utm_source": "utm_source",
    "utm_medium": "utm_medium",
    "utm_campaign": "utm_campaign",
    "utm_content": "utm_content",
    "utm_term": "utm_term",
    "external_id": "id",
}


def handshake(request: Request, endpoint: Endpoint) -> Response | None:  # noqa: ARG001
    """A HEAD asks whether the address exists."""
    return Response(200) if request.method == "HEAD" else None


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed is the body with SHA-1, without a time: a retry is known by its notification id."""
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One notification; `ping` and what is no contact are ignored."""
    body = _body.object_of(verified)
    topic, key = _taming.text(body.get("topic")), _taming.text(body.get("id"))
    item = _taming.dig(body, "data", "item")
    about = _taming.dig(item, "contact")
    contact = about if isinstance(about, dict) else item
    what = _what(topic)
    when = _taming.moment(body.get("created_at"))
    if what in NEWS and isinstance(contact, dict):
        found = _record.read(contact, TABLE, endpoint, body, "intercom")
        return [_record.lead(found, key, when, {"topic": topic})]
    kind, reason = Kind.IGNORED, "opt_in_unconfirmed" if what in _IN else "no_lead"
    if what in _OUT:
        kind, reason = Kind.SUPPRESSION, "unsubscribed"
    email = _taming.text(_taming.dig(contact, "email"))
    known = what in _OUT | _IN and email
    return [
        Event(key, kind, reason, when, {"email": email} if known else {}, extra={"topic": topic})
    ]


def _what(topic: str) -> str:
    """What happened to a contact: `contact.lead.added_email` is `added_email`."""
    about, _, rest = topic.partition(".")
    if about != "contact":
        return ""
    return rest.removeprefix("lead.").removeprefix("user.")
