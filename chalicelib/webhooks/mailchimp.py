"""Mailchimp: who subscribed to an audience, changed their data, or left it.

https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/

What Mailchimp makes of our answer: 2xx within 10 s is success; else it tries again with growing
pauses for about 75 minutes. Before it saves a webhook it asks for the address with GET.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib.model import Raw, Request, Response, Verified
from chalicelib.webhooks import _body, _fields, _mail, _record, _signing, _taming, _token
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = False

SCHEME = _signing.Scheme(
    header="x-mailchimp-signature",
    separator=",",
    prefix="v1=",
    signed="{timestamp}.{body}",
    timestamp_item="t=",
)

LEADS = frozenset(("subscribe", "profile"))
# Why an address was cleaned, and why somebody left: `abuse` is the spam button.
CLEANED: Mapping[str, str] = {"hard": "bounced", "abuse": "complained"}
# The tags that every audience has; one of the user's own is read where it names a field.
TABLE: Mapping[str, str] = {
    "email": "email merges.EMAIL",
    "first_name": "merges.FNAME",
    "last_name": "merges.LNAME",
    "phone": "merges.PHONE merges.SMSPHONE",
    "company": "merges.COMPANY",
    "address": "merges.ADDRESS.addr1",
    "city": "merges.ADDRESS.city",
    "region": "merges.ADDRESS.state",
    "postal_code": "merges.ADDRESS.zip",
    "country": "merges.ADDRESS.country",
    "interest": "merges.INTERESTS",
    "external_id": "id",
}


def handshake(request: Request, endpoint: Endpoint) -> Response | None:  # noqa: ARG001
    """A GET (or HEAD) asks whether the address exists."""
    found = Response(200, "", {"content-type": "text/plain"})
    return found if request.method in ("GET", "HEAD") else None


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """The signature, where Mailchimp gives a secret; an address that nobody guesses, where not."""
    if endpoint.secrets:
        return _signing.prove(SCHEME, request, endpoint.secrets, now)
    return _token.prove(request, endpoint)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event; of a changed address two, by which the old and the new become one person."""
    body = _body.form_of(verified)
    what, found = _taming.text(body.get("type")), body.get("data")
    data = found if isinstance(found, dict) else {}
    when = _taming.moment(body.get("fired_at"))
    who = _taming.text(data.get("email"))
    key = _mail.digest(what, body.get("fired_at"), data.get("id") or data.get("new_id") or who)
    if what in LEADS:
        return [_lead(what, key, when, data, endpoint)]
    if what == "upemail":
        return _moved(key, when, data)
    about = {"type": what, "reason": data.get("reason"), "list": data.get("list_id")}
    return [_mail.event(_reason(what, data), key, who, when, about)]


def _lead(
    what: str, key: str, when: datetime | None, data: dict[str, Raw], endpoint: Endpoint
) -> Event:
    table = dict(TABLE)
    tags = data.get("merges")
    for tag in tags if isinstance(tags, dict) else ():
        name = _fields.field_of(tag)
        if name and not set(tag) & set(". "):
            table[name] = f"{table.get(name, '')} merges.{tag}"
    found = _record.read(data, table, endpoint, {"type": what, "data": data}, "mailchimp")
    return _record.lead(found, key, when, {"type": what})


def _moved(key: str, when: datetime | None, data: Mapping[str, Raw]) -> list[Event]:
    """Both addresses under the one id that Mailchimp has for the person now; the new one last."""
    known = _taming.text(data.get("new_id"))
    both = [_taming.text(data.get(name)) for name in ("old_email", "new_email")]
    if not known or not all(both):
        return [Event(key, Kind.IGNORED, "no_lead", when, extra={"type": "upemail"})]
    ids = {"mailchimp": known}
    return [Event(key, submitted_at=when, fields={"email": one}, external_ids=ids) for one in both]


def _reason(what: str, data: Mapping[str, Raw]) -> str:
    why = _taming.text(data.get("reason"))
    if what == "unsubscribe":
        return "complained" if why == "abuse" else "unsubscribed"
    return CLEANED.get(why, "bounced") if what == "cleaned" else _mail.COUNTED
