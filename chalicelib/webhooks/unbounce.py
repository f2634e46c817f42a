"""Unbounce: a form post a lead, in which `data.json` holds the fields, each a list.

https://documentation.unbounce.com/hc/en-us/articles/203510044

Nothing is signed: the endpoint's unguessable id proves the sender, or `?token=…` in the address.

What Unbounce makes of our answer is not documented: 200, and that is all we rely on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from chalicelib import errors
from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _answers, _body, _taming, _token
from chalicelib.webhooks._answers import Answered
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = False
_CLOCK = "%Y-%m-%d %I:%M %p UTC"
# What Unbounce adds to the visitor's fields.
_OWN = frozenset(("ip_address", "date_submitted", "time_submitted", "page_uuid", "variant"))


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """Demand one of the secrets where there are any, else that the id itself is one."""
    return _token.prove(request, endpoint)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event: the fields of `data.json` by their names.

    A mapping's paths begin at the form, in which `data.json` is the object that it spells.
    """
    form = _body.form_of(verified)
    written = form.get("data.json")
    if not isinstance(written, str):
        raise errors.Unreadable("the form has no data.json")
    json = replace(verified, body=written.encode(), headers={"content-type": "application/json"})
    data = _body.object_of(json)
    answers = [Answered(name, _one(value)) for name, value in data.items() if name not in _OWN]
    if "page_url" not in data:
        answers.append(Answered("page_url", form.get("page_url")))
    about = {
        "page_name": form.get("page_name"),
        "page_id": form.get("page_id") or _one(data.get("page_uuid")),
        "variant": form.get("variant") or form.get("page_variant") or _one(data.get("variant")),
    }
    return [
        _answers.event(
            _answers.sort(answers),
            endpoint,
            {**form, "data.json": data},
            submitted_at=_submitted(data),
            about=about,
        )
    ]


def _one(value: Raw) -> Raw:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _submitted(data: Mapping[str, Raw]) -> datetime | None:
    """The date and the time, which come apart, a minute exact: "04:59 PM UTC"."""
    day, clock = (_taming.text(_one(data.get(k))) for k in ("date_submitted", "time_submitted"))
    try:
        return datetime.strptime(f"{day} {clock}", _CLOCK).replace(tzinfo=UTC)
    except ValueError:
        return None
