"""The form door from the request to the stored lead and the answer."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib import errors
from chalicelib.doors import front, spill
from chalicelib.model import Fate, Response
from tests.live import Stage, asked


@pytest.fixture
def stage() -> Stage:
    return Stage()


def post(stage: Stage, fields: dict[str, Any], **headers: str) -> Response:
    named: Any = {"content_type": "application/json", "accept": "application/json", **headers}
    request = asked("POST", "/forms/contact", json.dumps(fields).encode(), **named)
    return front.form(stage.live, "contact", request)


def body(made: Response) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made.body)
    return found


ANA = {"email": "Ana.Lopez@Gmail.com", "phone": "600 123 456", "first_name": "Ana"}


def test_a_post_is_stored_and_answered_with_a_receipt(stage: Stage) -> None:
    """A new person: 200 with receipt and message; the lead has normalised values."""
    made = post(stage, ANA)
    assert made.status == 200
    assert set(body(made)) == {"receipt", "message"}
    (lead,) = stage.stored.leads.values()
    assert lead.view.visible()["values"] == {
        "email": "ana.lopez@gmail.com",
        "phone": "+34600123456",
        "phone_type": "mobile",
        "first_name": "Ana",
    }
    assert stage.balance() == []


def test_the_answer_does_not_tell_who_is_known(stage: Stage) -> None:
    """New, known, trapped: the same status, keys and number of store calls (law 7)."""
    first = post(stage, ANA)
    calls = dict(stage.table.requests)
    stage.table.requests.clear()
    stage.moment += timedelta(seconds=1)
    second = post(stage, {**ANA, "first_name": "Anna"})
    assert dict(stage.table.requests) == calls
    trapped = post(stage, {**ANA, "website_confirm": "https://spam.example"})
    answers = [
        (made.status, set(body(made)), body(made)["message"]) for made in (first, second, trapped)
    ]
    assert answers[0] == answers[1] == answers[2]
    fates = sorted(str(t.fate) for t in stage.stored.touches.values())
    assert fates == ["created", "merged", "spam"]


def test_a_post_takes_at_most_four_requests_and_a_repeated_one_two(stage: Stage) -> None:
    """The definition is at hand: three requests; the same again: two. The limit counts one more."""
    post(stage, {**ANA, "_id": "one"})
    assert sum(stage.table.requests.values()) <= 4
    stage.table.requests.clear()
    post(stage, {**ANA, "_id": "one"})
    assert sum(stage.table.requests.values()) <= 2 + 1


def test_the_same_content_under_an_id_is_repeated_with_the_first_answer(stage: Stage) -> None:
    """`_id` or `Idempotency-Key`: the first receipt again; other content is another submission."""
    first = post(stage, {**ANA, "_id": "abc"})
    again = post(stage, ANA, idempotency_key="abc")
    other = post(stage, {**ANA, "first_name": "Eva", "_id": "abc"})
    assert body(first) == body(again)
    assert body(other)["receipt"] != body(first)["receipt"]
    kept = stage.stored.touches[body(first)["receipt"]]
    assert (kept.repeats, kept.fate) == (1, Fate.CREATED)


def test_a_refused_post_is_kept_and_can_be_mended_under_its_id(stage: Stage) -> None:
    """422 names every problem; the mended post with the same `_id` is taken."""
    refused = post(stage, {"email": "nobody", "phone": "12", "_id": "abc"}, accept_language="es")
    assert refused.status == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    told = {(e["field"], e["code"]) for e in body(refused)["errors"]}
    assert told == {("email", "email_invalid"), ("phone", "phone_invalid")}
    assert post(stage, {"email": "ana@example.org", "_id": "abc"}).status == 200
    assert sorted(str(t.fate) for t in stage.stored.touches.values()) == ["created", "rejected"]


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b'{"email":', "application/json", 400),
        (b"\xff\xfe", "application/json; charset=utf-8", 400),
        (b"[1]", "application/json", 400),
        (b"email=%ff", "application/x-www-form-urlencoded; charset=nonsense", 400),
        (b"<x/>", "application/xml", 415),
        (b"x" * (4 * 1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_bad_input_gets_a_clear_error(
    stage: Stage, content: bytes, media: str, status: int
) -> None:
    """Unreadable, unknown, oversized: problem details with a code, nothing stored."""
    request = asked(
        "POST", "/forms/contact", content, content_type=media, accept="application/json"
    )
    made = front.form(stage.live, "contact", request)
    assert made.status == status
    assert body(made)["status"] == status
    assert body(made)["code"]
    assert stage.stored.touches == {}


def test_an_unknown_form_is_missing(stage: Stage) -> None:
    """404, as problem details or as a page."""
    for accept in ("application/json", "text/html"):
        made = front.form(stage.live, "nothing", asked("POST", "/forms/nothing", accept=accept))
        assert made.status == 404


def test_other_origins_are_refused_where_the_form_names_its_own(stage: Stage) -> None:
    """403 beyond the allowed origins, CORS headers for the allowed ones on errors too."""
    stage.put_form("contact", {"origins": ["https://shop.example"]})
    assert post(stage, ANA, origin="https://evil.example").status == 403
    assert post(stage, ANA).status == 200
    made = post(stage, {"email": "nobody"}, origin="https://shop.example")
    assert (made.status, made.headers["Access-Control-Allow-Origin"]) == (
        422,
        "https://shop.example",
    )
    preflight = asked("OPTIONS", "/forms/contact", origin="https://shop.example")
    made = front.form(stage.live, "contact", preflight)
    assert (made.status, made.headers["Access-Control-Allow-Origin"]) == (
        204,
        "https://shop.example",
    )


def test_the_hosted_page_may_post_whatever_the_forms_origins(stage: Stage) -> None:
    """Our own origin is allowed, also where the stage's address has a path."""
    stage.put_form("contact", {"origins": ["https://shop.example"]})
    stage.live.settings = replace(stage.live.settings, url="https://inlet.test/v1")
    assert post(stage, ANA, origin="https://inlet.test").status == 200


def test_a_browser_gets_pages(stage: Stage) -> None:
    """303 to the thank-you page; with errors the page again with what was typed, escaped."""

    def send(fields: dict[str, str]) -> Response:
        content = urlencode(fields).encode()
        media = "application/x-www-form-urlencoded"
        accept = "text/html,application/xhtml+xml,*/*;q=0.8"
        request = asked("POST", "/forms/contact", content, content_type=media, accept=accept)
        return front.form(stage.live, "contact", request)

    done = send({"email": "ana@example.org", "_language": "fa"})
    assert done.status == 303
    assert done.headers["Location"] == "https://inlet.test/forms/contact/thanks?lang=fa"
    again = send({"email": "nobody", "first_name": '<script>"x"'})
    assert again.status == 422
    assert "&lt;script&gt;&#34;x&#34;" in str(again.body)
    assert 'aria-invalid="true"' in str(again.body)


def test_a_table_that_does_not_answer_spills(stage: Stage) -> None:
    """202 with a receipt; the envelope is replayed into the same lead, once."""

    def down(_name: str) -> None:
        raise errors.Unavailable("the table does not answer")

    stage.table.before = down
    made = post(stage, ANA)
    assert made.status == 202
    stage.table.before = lambda _name: None
    assert stage.stored.touches == {}
    (envelope,) = stage.spill.sent
    for _ in range(2):
        spill.replay(envelope, stage.outside, stage.live.upsert)
    (touch,) = stage.stored.touches.values()
    assert (touch.id, touch.fate) == (body(made)["receipt"], Fate.CREATED)
    assert stage.balance() == []


def test_503_where_the_queue_fails_too(stage: Stage) -> None:
    """Nothing is answered with success that is not stored somewhere."""

    def down(_name: str) -> None:
        raise errors.Unavailable("the table does not answer")

    stage.table.before, stage.spill.down = down, True
    made = post(stage, ANA)
    assert (made.status, made.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("media", "sent"),
    [
        ("application/x-www-form-urlencoded", "lead[email]=ana%40example.com&lead[first_name]=Ana"),
        ("application/json", '{"lead": {"email": "ana@example.com", "first_name": "Ana"}}'),
        ("application/json", '{"_language": "es", "lead": {"email": "ana@example.com"}}'),
    ],
)
def test_fields_that_all_stand_under_one_name_are_read(stage: Stage, media: str, sent: str) -> None:
    """Frameworks write `lead[email]`; the form's fields are found there."""
    request = asked(
        "POST", "/forms/contact", sent.encode(), content_type=media, accept="application/json"
    )
    assert front.form(stage.live, "contact", request).status == 200
    (lead,) = stage.stored.leads.values()
    values: Any = lead.view.visible()["values"]
    assert values["email"] == "ana@example.com"


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "ana@example.com", "friend": {"first_name": "Bob"}},
        {"me": {"email": "ana@example.com"}, "friend": {"email": "bob@example.com"}},
        {"lead": {"website_confirm": "https://spam.example", "email": "ana@example.com"}},
    ],
)
def test_what_stands_under_a_name_is_not_guessed_at(stage: Stage, fields: dict[str, Any]) -> None:
    """Beside a field, or of two wrappers, nothing is taken out; a trap within one still is one."""
    post(stage, fields)
    assert [lead.view.visible()["values"] for lead in stage.stored.leads.values()] in (
        [{"email": "ana@example.com"}],
        [],
    )
