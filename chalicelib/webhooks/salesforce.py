"""Salesforce outbound messages: SOAP, 1 to 100 notifications, answered for all of them at once.

https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_om_outboundmessaging.htm

Nothing is signed: a message names its organisation, which is no secret. So the organisation must
be ours, and beyond it the endpoint's id must be unguessable, or the address carry `?token=…`.

What Salesforce makes of our answer: `<Ack>true</Ack>` is success for the whole message; `false`, a
fault or any other answer has it delivered again, ever less often, for 24 hours.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING

from chalicelib import errors
from chalicelib.model import Outcome, Raw, Request, Response, Verified
from chalicelib.webhooks import _answers, _fields, _signing, _taming, _token, _xml, _xpath
from chalicelib.webhooks._answers import Answered
from chalicelib.webhooks._provider import Endpoint, Event, Kind, Setting

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NEEDS_SECRET = False
SETTINGS = {
    "organization_id": Setting(
        "the id of the Salesforce organisation, 15 or 18 characters (Setup → Company Information)",
        required=True,
        pattern=r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?",
    )
}
MAX_NOTIFICATIONS = 100
# What the 18 characters of an id add to the 15 is a check digit.
ID_LENGTH = 15
# https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_lead.htm
FIELDS: Mapping[str, str] = {
    "Title": "job_title",
    "Street": "address",
    "MailingStreet": "address",
    "MailingCity": "city",
    "MailingState": "region",
    "MailingPostalCode": "postal_code",
    "MailingCountry": "country",
    "Description": "notes",
}
# Objects that are no person, whatever they hold.
NO_LEAD = frozenset(("Account", "Campaign", "Case", "Event", "Opportunity", "Task"))
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    "{}</soapenv:Body></soapenv:Envelope>"
)
ACK = _ENVELOPE.format(
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound">'
    "<Ack>true</Ack></notificationsResponse>"
)
FAULT = _ENVELOPE.format(
    "<soapenv:Fault><faultcode>soapenv:{code}</faultcode><faultstring>{text}</faultstring>"
    "</soapenv:Fault>"
)
_HEADERS = {"content-type": "text/xml; charset=utf-8"}
_SESSION = re.compile(rb"(<(?:\w+:)?SessionId\b[^>]*>)[^<]*")
path_problem = _xpath.path_problem


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """Demand the token or unguessable id, then our organisation; unreadable XML names none."""
    verified = _token.prove(request, endpoint)
    try:
        given = _notifications(request).findtext("OrganizationId", "").strip()
    except (errors.Unreadable, errors.TooLarge) as error:
        raise errors.Unauthorised("the message names no organisation") from error
    ours = endpoint.settings.get("organization_id", "")
    known = len(ours) >= ID_LENGTH and len(given) in (ID_LENGTH, ID_LENGTH + 3)
    if not known or not _signing.same(given[:ID_LENGTH], ours[:ID_LENGTH]):
        raise errors.Unauthorised("the message is another organisation's")
    return verified


def redact(body: bytes) -> bytes:
    """The body as it is kept: the session in it would let anybody into the organisation."""
    return _SESSION.sub(rb"\1********", body)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """A lead for each notification; a mapping's paths begin there: `sObject/Email`."""
    notifications = _notifications(verified).findall("Notification")
    if not notifications:
        raise errors.Unreadable("the message has no notification")
    if len(notifications) > MAX_NOTIFICATIONS:
        raise errors.TooLarge(f"a message holds at most {MAX_NOTIFICATIONS} notifications")
    nodes = sum(1 for one in notifications for _ in one.iter())
    if len(endpoint.mapping) * nodes > _xpath.MAX_LOOKS:
        raise errors.TooLarge("the message holds too many values for so many paths")
    return [_event(one, endpoint) for one in notifications]


def answer(outcomes: Sequence[Outcome]) -> Response:  # noqa: ARG001
    """All is stored: `Ack`."""
    return Response(200, ACK, _HEADERS)


def refuse(error: errors.InletError) -> Response:
    """A SOAP fault with the error's own status; the whole message comes again."""
    code = "Server" if error.status >= 500 else "Client"
    body = FAULT.format(code=code, text=escape(error.detail or error.code))
    again = {"retry-after": str(error.retry_after or 5)} if error.status in (429, 503) else {}
    return Response(error.status, body, {**_HEADERS, **again})


def _notifications(request: Request) -> "Element":
    # Salesforce sends UTF-8; in a wider charset `redact` would look for the session in vain.
    if b"\0" in request.body:
        raise errors.Unreadable("the message is not UTF-8")
    found = _xml.element_of(request).find("Body/notifications")
    if found is None:
        raise errors.Unreadable("the body is not an outbound message")
    return found


def _event(notification: "Element", endpoint: Endpoint) -> Event:
    held = notification.find("sObject")
    data = _xml.raw(held) if held is not None else {}
    lead: dict[str, Raw] = data if isinstance(data, dict) else {}
    kind = _taming.text(lead.get("@type")).rpartition(":")[2]
    own = _fields.assign(_xpath.look_up(endpoint.mapping, notification), {}, endpoint.source.name)
    found = _answers.sort(_answered(lead))
    made = _answers.over(found, own, endpoint.mapping, about={"object": kind})
    person = _taming.text(lead.get("Id"))
    none = kind in NO_LEAD or not lead
    return Event(
        key=own.key or (notification.findtext("Id") or "").strip(),
        kind=Kind.IGNORED if none else Kind.LEAD,
        reason="no_lead" if none else "",
        submitted_at=own.submitted_at or _when(lead),
        fields=made.fields,
        external_ids=own.external_ids or ({endpoint.source.name: person} if person else {}),
        signals=made.signals,
        extra=made.extra,
    )


def _answered(lead: Mapping[str, Raw]) -> Iterator[Answered]:
    for name, value in lead.items():
        if name not in ("@type", "Id"):
            yield Answered(name, value, FIELDS.get(name, ""))


def _when(lead: Mapping[str, Raw]) -> datetime | None:
    """When the record became what the message says: it carries the latest state, not a change."""
    return _taming.moment(lead.get("LastModifiedDate")) or _taming.moment(lead.get("CreatedDate"))
