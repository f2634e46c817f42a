"""Typeform: one submitted form a delivery, the whole response inline.

https://www.typeform.com/developers/webhooks/example-payload/
https://www.typeform.com/developers/webhooks/secure-your-webhooks/

What Typeform makes of our answer: any 2xx within 30 s is success; 404 and 410 switch the webhook
off at once; 408, 423, 429 and 503 are tried again every 2 to 3 minutes for 10 hours; anything else
5 times within some hours.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from chalicelib.model import Raw, Request, Verified
from chalicelib.noun import noun
from chalicelib.webhooks import _body, _fields, _mapping, _signing, _taming, _titles
from chalicelib.webhooks._provider import Endpoint, Event, Kind

NEEDS_SECRET = True

SCHEME = _signing.Scheme(header="typeform-signature", encoding="base64", prefix="sha256=")

# The only event that is a lead. A `form_response_partial` is what somebody typed and did not send.
# https://www.typeform.com/developers/webhooks/reference/create-or-update-webhook/
SUBMITTED = "form_response"

# A question's type, where it alone says which of our fields the answer is. "legal" is the block
# with terms to accept or not.
TYPES: Mapping[str, str] = {
    "email": "email",
    "phone_number": "phone",
    "website": "website",
    "legal": "consent",
}


@noun
class Question:
    """One question of the form, as its definition has it."""

    type: str
    ref: str
    title: str
    subfield: str


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    """Signed is the body, without a time: a replay is known by its event id."""
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    """One event: what was answered, by each question's ref, type or title; hidden fields after."""
    body = _body.object_of(verified)
    response = body.get("form_response")
    key = _taming.text(body.get("event_id")) or _taming.text(_taming.dig(response, "token"))
    if _taming.text(body.get("event_type")) != SUBMITTED or not isinstance(response, dict):
        return [Event(key=key, kind=Kind.IGNORED, reason="no_lead")]
    answered = _answers(response)
    hidden = response.get("hidden")
    found = _fields.recognise(hidden if isinstance(hidden, dict) else {})
    own = _fields.assign(_mapping.look_up(endpoint.mapping, body), {}, endpoint.source.name)
    recognised = {**found.fields, **answered.fields}
    unmapped = {k: v for k, v in recognised.items() if k not in endpoint.mapping}
    fields = {**unmapped, **own.fields}
    # A hidden company behind an answered one, an answer behind a mapping: kept, not taken.
    passed_over = {
        k: v for part in (found, answered) for k, v in part.fields.items() if fields.get(k) != v
    }
    return [
        Event(
            key=own.key or key,
            submitted_at=own.submitted_at or _taming.moment(response.get("submitted_at")),
            fields=fields,
            external_ids=own.external_ids,
            signals={**found.signals, **own.signals},
            extra={**_about(response), **found.extra, **passed_over, **answered.extra, **own.extra},
        )
    ]


def _answers(response: Mapping[str, Raw]) -> _fields.Found:
    questions = dict(_questions(_taming.dig(response.get("definition"), "fields")))
    fields: dict[str, Raw] = {}
    extra: dict[str, Raw] = {}
    for answer in _taming.items(response.get("answers")):
        asked = _taming.dig(answer, "field")
        question = questions.get(_taming.text(_taming.dig(asked, "id"))) or _question(asked)
        value, field = _value(answer), _field(question)
        if field and field not in fields and not isinstance(value, dict):
            fields[field] = value
        elif not _taming.blank(value):
            extra[_label(question, extra)] = value
        if field == "consent" and question.title:
            extra.setdefault("consent_text", question.title)
    return _fields.Found({k: v for k, v in fields.items() if not _taming.blank(v)}, {}, extra)


def _questions(defined: Raw, depth: int = 0) -> Iterator[tuple[str, Question]]:
    """The questions by id; those of a group or a contact block lie within it."""
    for one in _taming.items(defined):
        yield _taming.text(_taming.dig(one, "id")), _question(one)
        if depth < 2:  # a contact block within a group is the deepest that Typeform allows
            yield from _questions(_taming.dig(one, "properties", "fields"), depth + 1)


def _question(one: Raw) -> Question:
    get = (_taming.text(_taming.dig(one, k)) for k in ("type", "ref", "title", "subfield_key"))
    return Question(*get)


def _field(question: Question) -> str:
    """Which of our fields a question asks for: what its author named it, its type, its words."""
    return (
        _fields.field_of(question.ref)
        or _fields.field_of(question.subfield)
        or TYPES.get(question.type, "")
        or _titles.field_of(question.title)
    )


def _label(question: Question, taken: Mapping[str, Raw]) -> str:
    label = question.title or question.ref or "answer"
    return label if label not in taken else f"{label} ({question.ref or len(taken)})"


def _value(answer: Raw) -> Raw:
    kind = _taming.text(_taming.dig(answer, "type"))
    value = _taming.dig(answer, kind)
    read = _VALUES.get(kind)
    return read(value) if read else value


def _choice(value: Raw) -> Raw:
    return _taming.text(_taming.dig(value, "label")) or _taming.text(_taming.dig(value, "other"))


def _choices(value: Raw) -> Raw:
    chosen = [*_taming.items(_taming.dig(value, "labels")), _taming.dig(value, "other")]
    texts: list[Raw] = [text for one in chosen if (text := _taming.text(one))]
    return texts[0] if len(texts) == 1 else texts


# An answer's type names the key of its value, which is plain for all but these.
# https://www.typeform.com/developers/responses/JSON-response-explanation/
_VALUES: Mapping[str, Callable[[Raw], Raw]] = {"choice": _choice, "choices": _choices}


def _about(response: Mapping[str, Raw]) -> dict[str, Raw]:
    """What the response says beside its answers, under names of ours."""
    about = {
        "form_id": response.get("form_id"),
        "form": _taming.dig(response.get("definition"), "title"),
        "response": response.get("token"),
        "score": _taming.dig(response.get("calculated"), "score"),
    }
    return {k: v for k, v in about.items() if not _taming.blank(v)}
