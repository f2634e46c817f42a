"""Jotform: a multipart form, in which `rawRequest` is the submission as JSON.

https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/

Nothing is signed: the endpoint's unguessable id proves the sender, or `?token=…` in the address.

What Jotform makes of our answer: 200 is success. What it does with others it does not say; its
submission log shows them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib import errors
from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _answers, _body, _fields, _taming, _token
from chalicelib.webhooks._answers import Answered
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = False
_QUESTION = re.compile(r"q[0-9]{1,6}_(.{1,200})", re.DOTALL)
# The parts of the widgets that have several: a name, an address.
PARTS: Mapping[str, str] = {
    "first": "first_name",
    "last": "last_name",
    "addr_line1": "address",
    "city": "city",
    "state": "region",
    "postal": "postal_code",
    "country": "country",
}


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """Demand one of the secrets where there are any, else that the id itself is one."""
    return _token.prove(request, endpoint)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event: each `q<number>_<name>` of the submission by its name; widgets by their parts.

    A mapping's paths begin at the form, in which `rawRequest` is the object that it spells.
    """
    form = _body.form_of(verified)
    written = form.get("rawRequest")
    if not isinstance(written, str):
        raise errors.Unreadable("the form has no rawRequest")
    json = replace(verified, body=written.encode(), headers={"content-type": "application/json"})
    submitted = _body.object_of(json)
    about = {"form_id": form.get("formID"), "form": form.get("formTitle")}
    return [
        _answers.event(
            _answers.sort(_answered(submitted)),
            endpoint,
            {**form, "rawRequest": submitted},
            key=_taming.text(form.get("submissionID")),
            submitted_at=_taming.moment(submitted.get("submitDate")),
            about=about,
        )
    ]


def _answered(submitted: Mapping[str, Raw]) -> Iterator[Answered]:
    for key, value in submitted.items():
        question = _QUESTION.fullmatch(key)
        # The others are the form's own housekeeping; campaign tags arrive as hidden fields.
        if question is not None:
            yield from _widget(question[1], value)
        elif _fields.signal_of(key):
            yield Answered(key, value)


def _widget(name: str, value: Raw) -> Iterator[Answered]:
    if not isinstance(value, dict):
        yield Answered(name, value)
    elif "full" in value or "phone" in value:
        parts = (_taming.text(value.get(part)) for part in ("full", "country", "area", "phone"))
        yield Answered(name, " ".join(filter(None, parts)), "phone")
    elif value.keys() >= {"year", "month", "day"}:
        year, month, day = (_taming.text(value[part]) for part in ("year", "month", "day"))
        yield Answered(name, f"{year}-{month:>02}-{day:>02}" if year else "")
    else:
        for part, text in value.items():
            yield Answered(f"{name}.{part}", text, PARTS.get(part, ""))
