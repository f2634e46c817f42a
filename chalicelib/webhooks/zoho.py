"""Zoho CRM notifications: ids of leads and contacts that were made or changed; the rest is fetched.

https://www.zoho.com/crm/developer/docs/api/v8/notifications/overview.html
https://www.zoho.com/accounts/protocol/oauth/web-apps/access-token-expiry.html

Nothing is signed: Zoho repeats the `token` that the channel was enabled with. How it tries again is
not documented. A channel expires, after a week at most: whoever enabled it must renew it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from chalicelib import errors
from chalicelib.model import Raw, Request, Verified
from chalicelib.ports import Answer, Outgoing
from chalicelib.webhooks import _body, _fetched, _mail, _record, _taming, _token
from chalicelib.webhooks._provider import Endpoint, Event, Kind, Setting

NEEDS_SECRET = True
MAX_IDS = 100

# The host of the tokens and that of the data, by data centre.
# https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html
CENTRES: Mapping[str, tuple[str, str]] = {
    **{dc: (f"accounts.zoho.{dc}", f"www.zohoapis.{dc}") for dc in ("com", "eu", "in", "jp", "sa")},
    "com.au": ("accounts.zoho.com.au", "www.zohoapis.com.au"),
    "com.cn": ("accounts.zoho.com.cn", "www.zohoapis.com.cn"),
    "ca": ("accounts.zohocloud.ca", "www.zohoapis.ca"),
}
SETTINGS = {
    "client_id": Setting("the id of a self client of the API console", required=True),
    "client_secret": Setting("the self client's secret", secret=True, required=True),
    "refresh_token": Setting(
        "a refresh token with ZohoCRM.modules.READ", secret=True, required=True
    ),
    "data_centre": Setting(
        "where the account lies: com, eu, in, jp, sa, com.au, com.cn or ca",
        pattern="com|eu|in|jp|sa|com\\.au|com\\.cn|ca",
    ),
}
_TOKEN = re.compile(rb'("token"\s*:\s*")(?:[^"\\]|\\.)*')
MODULES = frozenset(("Leads", "Contacts"))
# https://help.zoho.com/portal/en/kb/crm/use-crm-modules/leads/articles/standard-fields-leads
TABLE: Mapping[str, str] = {
    "email": "Email",
    "first_name": "First_Name",
    "last_name": "Last_Name",
    "full_name": "Full_Name",
    "phone": "Phone Mobile",
    "company": "Company Account_Name.name",
    "job_title": "Designation Title",
    "website": "Website",
    "address": "Street Mailing_Street",
    "city": "City Mailing_City",
    "region": "State Mailing_State",
    "postal_code": "Zip_Code Mailing_Zip",
    "country": "Country Mailing_Country",
    "notes": "Description",
    "birth_date": "Date_of_Birth",
}


def evidence(request: Request, endpoint: Endpoint) -> Sequence[Outgoing]:
    """An access token for what is to be fetched; only for who knows the channel's token."""
    try:
        verify(request, endpoint, datetime.min)
    except errors.Unauthorised:
        return ()
    return (_renewal(endpoint),)


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """The token of the channel, in the body."""
    try:
        token = _taming.text(_body.object_of(request).get("token"))
    except (errors.Unreadable, errors.TooLarge) as error:
        raise errors.Unauthorised("the token is missing or wrong") from error
    return _token.prove(request, endpoint, [token])


def redact(body: bytes) -> bytes:
    """The body as it is kept: without the channel's token."""
    return _TOKEN.sub(rb"\1********", body)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:  # noqa: ARG001
    """A reference to each record that was made or changed."""
    body = _body.object_of(verified)
    get = {name: _taming.text(body.get(name)) for name in _NAMES}
    ids = [_taming.text(one) for one in _taming.items(body.get("ids"))]
    if len(ids) > MAX_IDS:
        raise errors.TooLarge(f"a delivery holds at most {MAX_IDS} records")
    followed = get["module"] in MODULES and get["operation"] in ("insert", "update")
    reason = "deleted" if get["operation"] == "delete" else "no_lead"
    events = []
    for one in ids or [""]:
        known = bool(one) and one.isascii() and one.isdecimal() and len(one) <= 25
        event = Event(
            key=_mail.digest(*get.values(), one),
            kind=Kind.REFERENCE if followed and known else Kind.IGNORED,
            reason="" if followed and known else reason,
            submitted_at=_taming.moment(get["server_time"]),
            external_ids={"zoho": one} if known else {},
            extra={k: get[k] for k in ("module", "operation") if get[k]},
        )
        events.append(event)
    return events


def follow(event: Event, endpoint: Endpoint) -> Outgoing:
    """Ask for one record."""
    _, host = _centre(endpoint)
    # Only `MODULES` are ever followed: nothing of a stranger's gets into the address.
    url = f"https://{host}/crm/v8/{event.extra['module']}/{event.external_ids['zoho']}"
    return Outgoing("GET", url, {"Authorization": f"Zoho-oauthtoken {_access(endpoint)}"})


def complete(event: Event, answer: Answer, endpoint: Endpoint) -> Event:
    """The record's fields; one that is gone is kept as `lead_missing`."""
    if answer.status in (204, 404, 410):
        return replace(event, kind=Kind.IGNORED, reason="lead_missing")
    body = _fetched.object_of(answer)
    records = [one for one in _taming.items(body.get("data")) if isinstance(one, dict)]
    if answer.status != 200 or not records:
        raise _fetched.refused(answer)
    record = records[0]
    # What begins with `$` is Zoho's own book-keeping.
    plain = {k: v for k, v in record.items() if not k.startswith("$")}
    found = _record.read(plain, TABLE, endpoint, record, "zoho")
    made = _record.lead(found, event.key, event.submitted_at, event.extra)
    return replace(made, key=event.key, external_ids={**made.external_ids, **event.external_ids})


_NAMES = ("channel_id", "module", "operation", "server_time")


def _centre(endpoint: Endpoint) -> tuple[str, str]:
    return CENTRES.get(endpoint.settings.get("data_centre", "com"), CENTRES["com"])


def _renewal(endpoint: Endpoint) -> Outgoing:
    """The request for an access token, which is good for an hour."""
    accounts, _ = _centre(endpoint)
    form = {k: endpoint.settings.get(k, "") for k in ("client_id", "client_secret")}
    form |= {"refresh_token": endpoint.settings.get("refresh_token", "")}
    body = urlencode({**form, "grant_type": "refresh_token"}).encode()
    label = {"Content-Type": "application/x-www-form-urlencoded"}
    return Outgoing("POST", f"https://{accounts}/oauth/v2/token", label, body)


def _access(endpoint: Endpoint) -> str:
    """The access token; empty where none was to be had: then Zoho refuses, and we try again."""
    held = endpoint.evidence.get(_renewal(endpoint).url, b"")
    try:
        body: Raw = _body.json_text(held.decode("utf-8", "replace"))
    except (errors.Unreadable, errors.TooLarge):
        return ""
    token = _taming.text(_taming.dig(body, "access_token"))
    return token if token.isascii() and token.isprintable() else ""
