"""Agile CRM: contacts that were made or changed, whole.

https://github.com/agilecrm/webhooks

Nothing is signed, and no header can be set: a token in the address, or an address that nobody
guesses. What Agile makes of our answer is not documented; do not rely on a second attempt.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chalicelib import errors
from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _body, _fields, _mail, _record, _taming, _token
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = False

LEADS = frozenset(("Contact is Created", "Contact is Updated"))
# Agile's own names of properties; others are read where they name a field.
# https://github.com/agilecrm/rest-api#1-contacts---companies-api
NAMES: Mapping[str, str] = {"title": "job_title", "address": "", "image": ""}
_ADDRESS = {"address": "address", "city": "city", "state": "region", "zip": "postal_code"}
_ADDRESS |= {"country": "country", "countryname": "country"}


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """`?token=` in the address, or an address that nobody guesses."""
    return _token.prove(request, endpoint)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event; a company or an opportunity is no lead."""
    body = _body.object_of(verified)
    what, data = _taming.text(body.get("eventName")), body.get("eventData")
    who = _taming.text(_taming.dig(data, "id"))
    times = [_taming.text(_taming.dig(data, k)) for k in ("updated_time", "created_time")]
    key = _mail.digest(what, who, *times)
    person = _taming.text(_taming.dig(data, "type")) in ("", "PERSON")
    if what not in LEADS or not person or not isinstance(data, dict):
        return [Event(key, Kind.IGNORED, "no_lead", extra={"event": what})]
    flat = {k: v for k in ("tags", "lead_score", "source") if not _taming.blank(v := data.get(k))}
    table = {name: name for name in _fields.ALIASES}
    properties = _properties(data)
    found = _record.read(
        {**flat, **properties, "id": who}, {**table, **_ID}, endpoint, body, "agile"
    )
    when = next((t for text in times if (t := _taming.moment(text))), None)
    return [_record.lead(found, key, when, {"event": what})]


_ID = {"external_id": "id"}


def _properties(data: Mapping[str, Raw]) -> dict[str, Raw]:
    """The properties by our fields' names, else by their own; of several the first."""
    found: dict[str, Raw] = {}
    for one in _taming.items(data.get("properties")):
        name, value = _taming.text(_taming.dig(one, "name")), _taming.dig(one, "value")
        if name == "address":
            for part, text in _address(value).items():
                found.setdefault(part, text)
            continue
        field = NAMES.get(name, _fields.field_of(name))
        free = field and field not in found
        found.setdefault(field if free else f"{name} ({len(found)})" if field else name, value)
    return found


def _address(value: Raw) -> dict[str, Raw]:
    """An address is JSON inside a text."""
    try:
        inner = _body.json_text(_taming.text(value))
    except (errors.Unreadable, errors.TooLarge):
        return {"address": value}
    if not isinstance(inner, dict):
        return {"address": value}
    return {_ADDRESS[k]: v for k, v in inner.items() if k in _ADDRESS and not _taming.blank(v)}
