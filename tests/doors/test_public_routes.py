"""Anything at all, sent to the public routes: no 500, no status that `openapi.json` does not name."""

import base64
import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import http
from chalicelib.admin import openapi
from chalicelib.doors import front
from chalicelib.intake.demo_form import DEMO_FORM
from chalicelib.model import Request
from tests.live import Stage

SECRET = base64.b64encode(b"a secret of the tests, 32 bytes!").decode()
FIELDS: tuple[str, ...] = (
    "email",
    "phone",
    "first_name",
    "message",
    "consent",
    "_id",
    "_token",
    "_page",
    "_redirect",
)
FIELDS += (
    "cv",
    "field",
    "filename",
    "type",
    "size",
    "_language",
    "_referrer",
    "utm_source",
    "website_confirm",
    "altcha",
    "أخرى",
    "a[b][c]",
)
TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=nonsense",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain",
    "application/xml",
    "",
    "\x00",
)
HEADERS: tuple[str, ...] = (
    "accept",
    "accept-language",
    "origin",
    "referer",
    "idempotency-key",
    "authorization",
)
HEADERS += ("webhook-id", "webhook-timestamp", "webhook-signature", "typeform-signature")

texts = st.text(st.characters(), max_size=40)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
fields = st.dictionaries(st.sampled_from(FIELDS) | texts, values, max_size=6)
bodies = st.one_of(
    st.binary(max_size=200),
    fields.map(lambda told: json.dumps(told).encode()),
    st.lists(fields, max_size=3).map(lambda told: json.dumps(told).encode()),
    fields.map(lambda told: "&".join(f"{_q(k)}={_q(v)}" for k, v in told.items()).encode()),
    texts.map(lambda text: _multipart("email", text)),
)
headers = st.dictionaries(
    st.sampled_from(HEADERS),
    texts | st.sampled_from(("text/html", "*/*", "https://evil.example", "null", "fa-IR;q=x")),
    max_size=4,
)


def _q(value: object) -> str:
    return quote(str(value).encode("utf-8", "surrogatepass"))


def _multipart(name: str, text: str) -> bytes:
    part = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n--x--\r\n'
    return part.encode("utf-8", "surrogatepass")


@pytest.fixture(autouse=True, scope="module")
def no_application() -> Iterator[None]:
    """No request of an application is under way while these go past it."""
    before, http.CURRENT = http.CURRENT, lambda: None
    yield
    http.CURRENT = before


@cache
def stage() -> Stage:
    """One stage for all examples: what came before must not matter either."""
    made = Stage()
    for provider in ("generic", "standard", "typeform"):
        made.put_endpoint(
            f"{provider}-endpoint-0123456789", {"provider": provider, "secrets": [SECRET]}
        )
    captcha = {"service": "altcha"}
    fields = {**DEMO_FORM["fields"], "cv": {"type": "file"}}
    made.put_form("contact", {"limits": {}, "fields": fields})
    made.put_form(
        "guarded",
        {"captcha": captcha, "token": {"required": True}, "origins": ["https://ok.example"]},
    )
    return made


def documented(method: str, path: str) -> set[int]:
    """The statuses that a public route may answer with."""
    (route,) = (r for r in openapi.PUBLIC if (r.method, r.path) == (method, path))
    return {*route.answers, *route.problems}


def status(view: Callable[[], object]) -> int:
    """What the outside would see of a view, errors and bugs included."""
    made: Any = http.answers(view)()
    return int(made.status_code)


def request(
    method: str, kind: str, body: bytes, named: dict[str, str], query: dict[str, str]
) -> Request:
    """A request as `http.request` makes it."""
    return Request(
        method,
        "/",
        {"content-type": kind, **named},
        query,
        body,
        "https://inlet.test/",
        "192.0.2.9",
    )


anything = given(
    kind=st.sampled_from(TYPES),
    body=bodies,
    named=headers,
    query=st.dictionaries(
        st.sampled_from(("lang", "visits", "hub.challenge", "x")) | texts, texts, max_size=3
    ),
)


@pytest.mark.parametrize("form", ["contact", "guarded", "none", "../x", "contact\x00"])
@anything
def test_forms(
    form: str, kind: str, body: bytes, named: dict[str, str], query: dict[str, str]
) -> None:
    """Posts, pages, tokens and thank-you pages of a form, whatever is sent."""
    live = stage().live
    asked = {method: request(method, kind, body, named, query) for method in ("GET", "POST")}
    posted = status(lambda: front.form(live, form, asked["POST"]))
    assert posted in documented("POST", "/forms/{form}")
    shown = status(lambda: front.form(live, form, asked["GET"]))
    assert shown in documented("GET", "/forms/{form}")
    token = status(lambda: front.form_token(live, form, asked["GET"]))
    assert token in documented("GET", "/forms/{form}/token")
    leave = status(lambda: front.form_uploads(live, form, asked["POST"]))
    assert leave in documented("POST", "/forms/{form}/uploads")
    thanks = status(lambda: front.form_thanks(live, form, asked["GET"]))
    assert thanks in documented("GET", "/forms/{form}/thanks")


@pytest.mark.parametrize("provider", ["generic", "standard", "typeform", "none", "_body"])
@anything
def test_webhooks(
    provider: str, kind: str, body: bytes, named: dict[str, str], query: dict[str, str]
) -> None:
    """Deliveries and probes at an endpoint, whatever is sent and however it is signed."""
    live, name = stage().live, f"{provider}-endpoint-0123456789"
    for method in ("GET", "POST"):
        asked = request(method, kind, body, named, query)
        made = status(lambda asked=asked: front.webhook(live, provider, name, asked))  # type: ignore[misc]
        assert made in documented(method, "/webhooks/{provider}/{endpoint}")


def test_nothing_that_was_taken_is_out_of_balance() -> None:
    """After all of that the store still follows from its submissions."""
    for n in range(3):
        body = json.dumps({"email": f"a{n}@example.com"}).encode()
        made = status(
            lambda body=body: front.form(
                stage().live,
                "contact",
                request("POST", TYPES[0], body, {"accept": "application/json"}, {}),
            )  # type: ignore[misc]
        )
        assert made == 200
    assert stage().balance() == []
