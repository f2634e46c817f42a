"""Mandrill (Mailchimp Transactional): what became of mails, a list of events in one form field.

https://mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/

What Mandrill makes of our answer: 200 is success; everything else is tried again; for how
long we have not confirmed. Before it saves a webhook it asks for the address with HEAD.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.model import Raw, Request, Response, Verified
from chalicelib.webhooks import _body, _form_signature, _mail, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = True

SCHEME = _signing.Scheme(header="x-mandrill-signature", algorithm="sha1", encoding="base64")

REASONS: Mapping[str, str] = {
    "hard_bounce": "bounced",
    "spam": "complained",
    "unsub": "unsubscribed",
}
# Why an address came onto Mandrill's deny list.
LISTED: Mapping[str, str] = {
    "hard-bounce": "bounced",
    "spam": "complained",
    "unsub": "unsubscribed",
}


def handshake(request: Request, endpoint: Endpoint) -> Response | None:  # noqa: ARG001
    """A HEAD asks whether the address exists."""
    found = Response(200, "", {"content-type": "text/plain"})
    return found if request.method == "HEAD" else None


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed are the address and the form's fields, by name; no time."""
    text = _form_signature.text(request.url, request.body)
    return _signing.prove(SCHEME, request, endpoint.secrets, now, text=text)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:  # noqa: ARG001
    """An event for each of the list."""
    listed = _taming.text(_body.form_of(verified).get("mandrill_events"))
    return [_event(one) for one in _mail.objects(_body.json_text(listed))]


def _event(one: dict[str, Raw]) -> Event:
    message, listed = one.get("msg"), one.get("reject")
    what = _taming.text(one.get("event")) or _taming.text(one.get("type"))
    who = _taming.dig(message, "email") or _taming.dig(listed, "email")
    reason = REASONS.get(what, _mail.COUNTED)
    if _taming.text(one.get("type")) == "blacklist" and _taming.text(one.get("action")) == "add":
        reason = LISTED.get(_taming.text(_taming.dig(listed, "reason")), _mail.COUNTED)
    key = _mail.digest(what, one.get("_id"), one.get("ts"), who, _taming.dig(listed, "reason"))
    about = {"event": what, "diagnosis": _taming.dig(message, "diag")}
    return _mail.event(reason, key, who, _taming.moment(one.get("ts")), about)
