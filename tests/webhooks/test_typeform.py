"""Typeform: how questions become fields, and what is no lead."""

import base64
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.intake.webhook import load_endpoint
from chalicelib.model import Request
from chalicelib.webhooks import typeform
from chalicelib.webhooks._provider import Event, Kind

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)


def event_of(response: Any, *, event_type: str = "form_response", **parts: Any) -> Event:
    """The one event of a verified delivery with this response."""
    document = {"provider": "typeform", "secrets": ["s"], "mapping": parts.pop("mapping", {})}
    body = json.dumps({"event_type": event_type, "form_response": response, **parts}).encode()
    made = base64.b64encode(hmac.digest(b"s", body, "sha256")).decode()
    request = Request("POST", "", {"typeform-signature": "sha256=" + made}, {}, body)
    endpoint = load_endpoint("e", document)
    (event,) = typeform.parse(typeform.verify(request, endpoint, NOW), endpoint)
    return event


def answered(value: Any, *, kind: str = "text", **question: Any) -> Event:
    """A response with one question and its answer."""
    asked = {"id": "q", "type": "short_text", "ref": "", "title": "", **question}
    answer = {"type": kind, kind: value, "field": {"id": "q", "type": asked["type"]}}
    return event_of({"definition": {"fields": [asked]}, "answers": [answer]})


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("What is your first name?", "first_name"),
        ("Hello, what's your *last name*?", "last_name"),
        ("Thanks, {{field:abc}}! What's your email address?", ""),
        ("Your company name", "company"),
        ("Please share your phone number…", "phone"),
        ("Teléfono", "phone"),
        ("Do you have a phone?", ""),
        ("What is the name of your dog?", ""),
    ],
)
def test_a_title_names_a_field_when_it_says_just_that(title: str, field: str) -> None:
    """`What is your first name?` asks for it; a question about something else does not."""
    event = answered("x", title=title)
    assert event.fields == ({field: "x"} if field else {})
    assert event.extra == ({} if field else {title: "x"})


def test_a_ref_beats_the_type_and_the_title() -> None:
    """The ref is what the form's author chose for machines."""
    event = answered("a@example.com", kind="email", type="email", ref="notes", title="Your name")
    assert event.fields == {"notes": "a@example.com"}


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("choice", {"label": "One", "id": "x"}, "One"),
        ("choice", {"other": "Mine"}, "Mine"),
        ("choices", {"labels": ["A", "B"]}, ["A", "B"]),
        ("choices", {"labels": ["A"]}, "A"),
        ("choices", {"labels": ["A"], "other": "C"}, ["A", "C"]),
        ("number", 4, 4),
        ("number", 4.5, "4.5"),
        ("boolean", False, False),
        ("payment", {"amount": "10", "last4": "4242"}, {"amount": "10", "last4": "4242"}),
        ("a_type_to_come", "x", "x"),
    ],
)
def test_every_type_of_answer_is_kept(kind: str, value: Any, expected: Any) -> None:
    """Choices by their labels, the rest as it is, a type that does not exist yet as well."""
    assert answered(value, kind=kind, title="Q").extra == {"Q": expected}


def test_two_questions_for_one_field_lose_nothing() -> None:
    """The first answer is the field's, the second is kept beside it."""
    fields = [{"id": i, "type": "email", "ref": i, "title": "E-mail"} for i in ("a", "b", "c")]
    answers = [{"type": "email", "email": f"{i}@x.example", "field": {"id": i}} for i in "abc"]
    event = event_of({"definition": {"fields": fields}, "answers": answers})
    assert event.fields == {"email": "a@x.example"}
    assert event.extra == {"E-mail": "b@x.example", "E-mail (c)": "c@x.example"}


def test_terms_that_were_refused_are_a_no() -> None:
    """Consent is yes or no, with the words that were shown; a skipped question is absent."""
    event = answered(False, kind="boolean", type="legal", title="I accept.")
    assert event.fields == {"consent": False}
    assert event.extra == {"consent_text": "I accept."}


def test_an_answer_beats_a_hidden_field() -> None:
    """What the person typed counts; what the link said is kept."""
    response = {
        "hidden": {"email": "link@example.com", "utm_source": "x", "plan": "pro"},
        "answers": [{"type": "email", "email": "own@example.com", "field": {"type": "email"}}],
    }
    event = event_of(response)
    assert event.fields == {"email": "own@example.com"}
    assert event.signals == {"utm_source": "x"}
    assert event.extra == {"email": "link@example.com", "plan": "pro"}


def test_a_mapping_beats_what_was_recognised() -> None:
    """A mapped field takes only what its path finds: nothing recognised slips into its place."""
    response = {
        "token": "t",
        "answers": [
            {"type": "number", "number": 7, "field": {"ref": "budget"}},
            {"type": "email", "email": "a@example.com", "field": {"type": "email", "ref": "r"}},
        ],
    }
    mapping = {
        "budget": "form_response.answers[?field.ref=='budget'].number | [0]",
        "email": "form_response.answers[?field.ref=='work'].email | [0]",
    }
    event = event_of(response, mapping=mapping)
    assert event.fields == {"budget": 7}
    assert event.extra["email"] == "a@example.com"


def test_the_event_id_names_the_event_else_the_token() -> None:
    """Either is the same on every retry."""
    assert event_of({"token": "t"}, event_id="e").key == "e"
    assert event_of({"token": "t"}).key == "t"


@pytest.mark.parametrize("kind", ["form_response_partial", "", "something_new"])
def test_only_a_submitted_form_is_a_lead(kind: str) -> None:
    """Who did not press the button gave us nothing."""
    event = event_of({"token": "t"}, event_type=kind)
    assert (event.kind, event.reason, event.fields) == (Kind.IGNORED, "no_lead", {})
