"""The generic door: tokens, unguessable ids, and bodies of any shape."""

import json
import secrets
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.errors import TooLarge, Unauthorised, Unreadable
from chalicelib.intake.webhook import load_endpoint
from chalicelib.model import Request, Verified
from chalicelib.webhooks import generic
from chalicelib.webhooks._endpoint_id import unguessable
from chalicelib.webhooks._provider import Event, Kind

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)
ID = "Vb3kQ0tY8mJx2LrW5nHc7A"
OPEN = load_endpoint(ID, {"provider": "generic"})
LOCKED = load_endpoint("site", {"provider": "generic", "secrets": ["old", "new"]})


def events_of(body: bytes, content_type: str = "application/json", **document: Any) -> list[Event]:
    """The events of a body."""
    endpoint = load_endpoint(ID, {"provider": "generic", **document})
    request = Request("POST", "", {"content-type": content_type}, {}, body)
    return list(generic.parse(Verified(request), endpoint))


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"authorization": "Bearer new"}, {}),
        ({"authorization": "bearer  old"}, {}),
        ({"x-api-key": "new"}, {}),
        ({}, {"token": "old"}),
        ({"authorization": "Basic xyz", "x-api-key": "bad"}, {"token": "new"}),
    ],
)
def test_a_token_may_come_in_three_ways(headers: dict[str, str], query: dict[str, str]) -> None:
    """As a bearer, as an API key, in the address; either secret counts."""
    request = Request("POST", "", headers, query, b"{}")
    assert generic.verify(request, LOCKED, NOW) == request


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({}, {}),
        ({"authorization": "new"}, {}),
        ({"authorization": "Basic new"}, {}),
        ({"authorization": "Bearer"}, {}),
        ({"authorization": "Bearer newer"}, {"token": ""}),
        ({"x-token": "new"}, {"key": "new"}),
    ],
)
def test_anything_else_is_no_token(headers: dict[str, str], query: dict[str, str]) -> None:
    """Another scheme, another name, half a word."""
    request = Request("POST", "", headers, query, b"{}")
    with pytest.raises(Unauthorised):
        generic.verify(request, LOCKED, NOW)


def test_a_token_does_not_matter_where_none_is_set() -> None:
    """Where the id is the proof, whatever token is sent beside it is not looked at."""
    request = Request("POST", "", {"x-api-key": "whatever"}, {}, b"{}")
    assert generic.verify(request, OPEN, NOW) == request


def test_random_ids_are_unguessable() -> None:
    """What people draw ids with passes: url-safe tokens, hexadecimal ones, UUIDs."""
    for _ in range(200):
        assert unguessable(secrets.token_urlsafe(16))
        assert unguessable(secrets.token_hex(16))
        assert unguessable(str(uuid.uuid4()))


@pytest.mark.parametrize(
    "endpoint_id",
    [
        "contact",
        "my-website-contact-form-hook",
        "a" * 40,
        "1234567890123456789012345",
        "abcabcabcabcabcabcabcabc1",
        "9f86d081884c7d659a2fea",
        "Vb3kQ0tY8mJx2LrW5nHc7",
        "Vb3kQ0tY8mJx2LrW5nHc7A/",
        "",
    ],
)
def test_what_a_person_makes_up_is_guessable(endpoint_id: str) -> None:
    """Too short, of one kind of characters, of few, of words."""
    assert not unguessable(endpoint_id)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"email":"a@example.com"}', "application/json"),
        (b'\xef\xbb\xbf  {"email":"a@example.com"}', "text/plain"),
        (b'{"email":"a@example.com"}', "application/x-www-form-urlencoded"),
        (b'[{"email":"a@example.com"}]', "Application/JSON; charset=UTF-8"),
        ('{"email":"a@example.com"}'.encode("utf-16"), "application/json; charset=utf-16"),
        (b"email=a%40example.com", "application/x-www-form-urlencoded"),
        (b"email=a%40example.com", ""),
        (b"email=a%40example.com", "text/plain"),
        (
            b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\na@example.com\r\n--x--',
            "multipart/form-data; boundary=x",
        ),
        (b"data[email]=a%40example.com", "application/x-www-form-urlencoded"),
        (b"fields[contact][email]=a%40example.com", "application/x-www-form-urlencoded"),
        (b'{"data":{"person":{"email":"a@example.com"}}}', "application/json"),
        (b'{"data__person__email":"a@example.com"}', "application/json"),
        (b'{"E-Mail Address":["a@example.com"]}', "application/json"),
    ],
)
def test_every_shape_of_body_is_read(body: bytes, content_type: str) -> None:
    """JSON under any label, wrapped or not, flattened or not, or a plain form."""
    (event,) = events_of(body, content_type)
    assert event.fields == {"email": "a@example.com"}


def test_latin_1_is_read_as_what_it_says() -> None:
    """A form's charset parameter counts for its bytes and its escapes."""
    content_type = "application/x-www-form-urlencoded; charset=ISO-8859-1"
    (event,) = events_of(b"name=Jos%E9&city=M\xe1laga", content_type)
    assert event.fields == {"full_name": "José", "city": "Málaga"}


@pytest.mark.parametrize(
    "body", [b"", b"hello", b'"text"', b"[1]", b'[{"email":"a"},2]', b"{", b"a&b", b"a=%FF"]
)
def test_what_is_neither_is_unreadable(body: bytes) -> None:
    """A 400: it never was a submission."""
    with pytest.raises(Unreadable):
        events_of(body)


def test_a_hundred_leads_at_once_and_no_more() -> None:
    """Each is a lead of its own, in its order."""
    leads = [{"email": f"a{n}@example.com"} for n in range(101)]
    events = events_of(json.dumps(leads[:100]).encode())
    assert [event.fields["email"] for event in events] == [lead["email"] for lead in leads[:100]]
    with pytest.raises(TooLarge):
        events_of(json.dumps(leads).encode())


@pytest.mark.parametrize("body", [b"{}", b"[]", b"[{}]"])
def test_nothing_is_ignored_not_refused(body: bytes) -> None:
    """A test button that sends nothing gets its 200."""
    assert [event.kind for event in events_of(body)] == [Kind.IGNORED]


def test_only_a_header_or_a_mapping_names_the_event() -> None:
    """A body's `id` may be the person's, or the same for all who register: it names no event."""
    assert events_of(b'{"id":5,"event_id":5,"email":"a@example.com"}')[0].key == ""
    mapped = events_of(b'{"id":5}', mapping={"event_id": "id"})
    assert mapped[0].key == "5"
    request = Request("POST", "", {"idempotency-key": "k1"}, {}, b'{"email":"a@example.com"}')
    assert generic.parse(Verified(request), OPEN)[0].key == "k1"


def test_a_mapping_takes_what_it_names_and_nothing_else() -> None:
    """Where a path leads nowhere, a like-named key of somebody else does not fill the field."""
    body = b'{"email":"sales@example.net","who":{"tel":"600"},"a":1}'
    (event,) = events_of(body, mapping={"email": "who.mail", "phone": "who.tel"})
    assert event.fields == {"phone": "600"}
    assert event.extra == {"email": "sales@example.net", "a": 1}
