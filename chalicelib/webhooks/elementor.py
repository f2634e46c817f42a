"""Elementor Pro forms, the action *Webhook*: urlencoded, in its simple or its advanced shape.

https://elementor.com/help/form-widget-pro/#webhook (and `modules/forms/actions/webhook.php`)

Nothing is signed: the endpoint's unguessable id proves the sender, or `?token=…` in the address.

What Elementor makes of our answer: exactly 200 is success; at anything else the *visitor* is shown
an error. It is sent once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from chalicelib.model import Raw, Request, Verified
from chalicelib.webhooks import _answers, _body, _taming, _token
from chalicelib.webhooks._answers import Answered
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = False
# A field's type in the advanced shape, where it alone says which of ours it is.
TYPES: Mapping[str, str] = {
    "email": "email",
    "tel": "phone",
    "url": "website",
    "acceptance": "consent",
}


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:  # noqa: ARG001
    """Demand one of the secrets where there are any, else that the id itself is one."""
    return _token.prove(request, endpoint)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event: the fields by label, or (advanced) by id, type and title."""
    body = _body.form_of(verified)
    fields = body.get("fields")
    if isinstance(fields, dict) and any(isinstance(v, dict) for v in fields.values()):
        answers, form = _advanced(body, fields), body.get("form")
    else:
        # `form_id` and `form_name` are the form's; all else is what was filled in, and the meta.
        answers = (Answered(k, v) for k, v in body.items() if k not in ("form_id", "form_name"))
        form = {"id": body.get("form_id"), "name": body.get("form_name")}
    about = {"form": _taming.dig(form, "name"), "form_id": _taming.dig(form, "id")}
    return [_answers.event(_answers.sort(answers), endpoint, body, about=about)]


def _advanced(body: Mapping[str, Raw], fields: Mapping[str, Raw]) -> Iterator[Answered]:
    for name, one in fields.items():
        value = _taming.dig(one, "raw_value") or _taming.dig(one, "value")
        kind = _taming.text(_taming.dig(one, "type"))
        title = _taming.text(_taming.dig(one, "title"))
        yield Answered(title or name, value, TYPES.get(kind, ""))
    meta = body.get("meta")
    for name, one in (meta if isinstance(meta, dict) else {}).items():
        yield Answered(name, _taming.dig(one, "value"))
