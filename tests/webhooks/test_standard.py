"""Standard Webhooks: the cases of the specification's own reference suite, and its data."""

import base64
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.errors import Rejected, Unauthorised
from chalicelib.intake.webhook import load_endpoint
from chalicelib.model import Request
from chalicelib.webhooks import standard
from chalicelib.webhooks._provider import Event, Kind

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)
KEY = b"a key of thirty-two bytes, 32 ch"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


def delivery(body: bytes, key: bytes = KEY, *, before: str = "", after: str = "") -> Request:
    """A delivery signed without the code under test."""
    at = int(NOW.timestamp())
    made = base64.b64encode(hmac.digest(key, f"msg_1.{at}.".encode() + body, "sha256")).decode()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": f"{before}v1,{made}{after}",
    }
    return Request("POST", "", headers, {}, body)


def event_of(body: Any, **document: Any) -> Event:
    """The one event of a verified delivery."""
    endpoint = load_endpoint("e", {"provider": "standard", "secrets": [SECRET], **document})
    request = delivery(json.dumps(body).encode())
    (event,) = standard.parse(standard.verify(request, endpoint, NOW), endpoint)
    return event


def test_one_good_signature_among_others_is_enough() -> None:
    """While a sender rotates keys it sends several signatures; other versions are passed over."""
    endpoint = load_endpoint("e", {"provider": "standard", "secrets": [SECRET]})
    request = delivery(b"{}", before="v1,AAAA v2,AAAA v1a,AAAA ", after=" v1,AAAA")
    assert standard.verify(request, endpoint, NOW) == request


@pytest.mark.parametrize("length", [22, 23, 24, 32])
def test_a_secret_needs_neither_prefix_nor_padding(length: int) -> None:
    """With and without `whsec_`, with 0, 1 or 2 `=` missing."""
    key = bytes(range(length))
    text = base64.b64encode(key).decode()
    for secret in (text, "whsec_" + text, text.rstrip("="), "whsec_" + text.rstrip("=")):
        endpoint = load_endpoint("e", {"provider": "standard", "secrets": [secret]})
        assert standard.verify(delivery(b"{}", key), endpoint, NOW)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_====", "not base64!", "whsk_AAAA", "é"])
def test_a_malformed_secret_is_refused_at_configuration(secret: str) -> None:
    """A secret that can sign nothing is found when it is set, not when leads are lost."""
    with pytest.raises(Rejected) as caught:
        load_endpoint("e", {"provider": "standard", "secrets": [secret]})
    assert [problem.code for problem in caught.value.problems] == ["secret_invalid"]


def test_a_bad_secret_does_not_shadow_a_good_one() -> None:
    """What was stored before the rule came does not lock the sender out."""
    endpoint = load_endpoint("e", {"provider": "standard", "secrets": [SECRET]})
    both = replace(endpoint, secrets=("not base64!", SECRET))
    assert standard.verify(delivery(b"{}"), both, NOW)


@pytest.mark.parametrize("given", ["", " ", "a b", "x" * 300, "é"])
def test_an_id_is_demanded(given: str) -> None:
    """Without an id the event has no name, whatever the signature says."""
    endpoint = load_endpoint("e", {"provider": "standard", "secrets": [SECRET]})
    at = int(NOW.timestamp())
    made = base64.b64encode(hmac.digest(KEY, f"{given}.{at}.{{}}".encode(), "sha256")).decode()
    headers = {"webhook-id": given, "webhook-timestamp": str(at), "webhook-signature": f"v1,{made}"}
    with pytest.raises(Unauthorised, match="webhook-id"):
        standard.verify(Request("POST", "", headers, {}, b"{}"), endpoint, NOW)


def test_data_may_stand_by_themselves() -> None:
    """A body without the recommended envelope is read as the data."""
    event = event_of({"type": "visitor", "email": "a@example.com"})
    assert event.fields == {"email": "a@example.com"}
    assert event.extra == {"type": "visitor"}


@pytest.mark.parametrize("kind", ["contact.deleted", "list.contact.unsubscribed", "ping", "a.TEST"])
def test_events_that_carry_no_lead_are_ignored(kind: str) -> None:
    """A type that ends so says something of a person, but not that they left their data."""
    event = event_of({"type": kind, "data": {"email": "a@example.com"}})
    assert (event.kind, event.reason) == (Kind.IGNORED, "no_lead")


def test_no_data_is_no_lead() -> None:
    """`{}` is 200 and ignored: nothing in it could ever be a lead."""
    assert event_of({"type": "contact.created", "data": {}}).kind is Kind.IGNORED
    assert event_of({}).kind is Kind.IGNORED


def test_data_that_no_field_takes_are_still_a_lead() -> None:
    """They end as rejected with `no_key`, where somebody sees that a mapping is missing."""
    event = event_of({"type": "x", "data": {"correo_e": "a@example.com"}})
    assert event.kind is Kind.LEAD
    assert event.extra["correo_e"] == "a@example.com"


def test_a_time_that_is_none_is_left_to_the_receiver() -> None:
    """An unreadable event time is no reason to lose a lead."""
    assert event_of({"timestamp": "soon", "data": {"email": "a@b.example"}}).submitted_at is None
