"""Gravity Forms (its Webhooks add-on): one entry a delivery, whole or as the admin selected.

https://docs.gravityforms.com/category/add-ons-gravity-forms/webhooks-add-on/

Nothing is signed, but headers of one's own can be set: a secret is sent as `X-API-Key`, or
`Authorization: Bearer`; without one the endpoint's unguessable id proves the sender.

What Gravity Forms makes of our answer: nothing that the visitor sees. A failure is noted on the
entry, from where the webhook can be sent again.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _answers, _body, _taming, _token
from chalicelib.webhooks._answers import Answered
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = False
# What an entry says beside its fields, and what of it we keep.
_ENTRY = frozenset(("id", "form_id", "date_created"))
_ABOUT = {"form_id": "form_id", "id": "entry"}
_PART = re.compile(r"([0-9]{1,5})\.([0-9]{1,3})")
_FIELD = re.compile(r"[0-9]{1,5}(\.[0-9]{1,3})?")
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s.]{2,63}")


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """Demand one of the secrets where there are any, else that the id itself is one."""
    return _token.prove(request, endpoint)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event: a whole entry by what its numbers can mean, or selected fields by their names."""
    json = _body.looks_json(verified)
    body = _body.object_of(verified) if json else _body.form_of(verified)
    if not body.keys() >= _ENTRY:
        found = _answers.sort(Answered(name, value) for name, value in body.items())
        return [_answers.event(found, endpoint, body)]
    return [
        _answers.event(
            _answers.sort(_entry(body)),
            endpoint,
            body,
            key=f"{_taming.text(body['form_id'])}:{_taming.text(body['id'])}",
            submitted_at=_taming.moment(body["date_created"]),
            about={ours: body.get(theirs) for theirs, ours in _ABOUT.items()},
        )
    ]


def _entry(body: Mapping[str, Raw]) -> Iterator[Answered]:
    """The fields of an entry, which have numbers for names.

    A name field is known by its parts (`.3` first, `.6` last, never a `.1`), the e-mail by its
    looks. A phone cannot be told from any number: the endpoint's mapping says which it is.
    """
    parts = [match for key in body if (match := _PART.fullmatch(key))]
    listed = {match[1] for match in parts if match[2] == "1"}
    names = {match[1] for match in parts if match[2] in ("3", "6")} - listed
    yield Answered("page_url", body.get("source_url"))
    for key, value in body.items():
        number, _, part = key.partition(".")
        if number in names and part in ("3", "6"):
            yield Answered(key, value, "first_name" if part == "3" else "last_name")
        elif _FIELD.fullmatch(key):
            yield Answered(key, value, "email" if _is_address(value) else "")


def _is_address(value: Raw) -> bool:
    return isinstance(value, str) and bool(_ADDRESS.fullmatch(value.strip()[:320]))
