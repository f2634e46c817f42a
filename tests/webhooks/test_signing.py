"""Signing schemes, told apart by data, and against hostile headers."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.errors import Unauthorised
from chalicelib.model import Request
from chalicelib.webhooks._signing import Scheme, demand_match, demand_time, prove, signature

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)
GITHUB = Scheme(header="x-hub-signature-256", prefix="sha256=")
STRIPE = Scheme(
    header="stripe-signature",
    separator=",",
    prefix="v1=",
    signed="{timestamp}.{body}",
    timestamp_item="t=",
)


def request_of(headers: dict[str, str], body: bytes = b"{}", **parts: str) -> Request:
    """A request with lower-case header names."""
    lower = {name.lower(): value for name, value in headers.items()}
    return Request(parts.get("method", "POST"), "", lower, {}, body, parts.get("url", ""))


def github(body: bytes, secret: str = "s") -> str:
    """GitHub's header, made without the code under test."""
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_algorithms_and_encodings(algorithm: Any, encoding: Any) -> None:
    """All that providers use, told apart by data."""
    digest = hmac.new(b"key", b"body", getattr(hashlib, algorithm)).digest()
    expected = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
    scheme = Scheme(header="x-sig", algorithm=algorithm, encoding=encoding)
    assert signature(scheme, "key", b"body") == expected
    assert prove(scheme, request_of({"X-Sig": expected}, b"body"), ["key"], NOW)


def test_an_empty_secret_signs_nothing() -> None:
    """An HMAC under an empty key can be made by anybody."""
    with pytest.raises(ValueError, match="empty"):
        signature(GITHUB, "", b"{}")
    request = request_of({"x-hub-signature-256": github(b"{}", "")})
    with pytest.raises(Unauthorised):
        prove(GITHUB, request, [""], NOW)


def test_a_template_takes_headers_by_name() -> None:
    """Any header can be part of the signed text; a body that looks like a template is none."""
    scheme = Scheme(header="x-sig", signed="{x-id}|{body}|{url}|{method}")
    body = b"{x-id}{body}"
    signed = b"7|" + body + b"|https://inlet.example/w|PUT"
    headers = {"x-id": "7", "x-sig": hmac.digest(b"s", signed, "sha256").hex()}
    request = request_of(headers, body, url="https://inlet.example/w", method="PUT")
    assert prove(scheme, request, ["s"], NOW) == request


def stripe(at: int, *signatures: str) -> Request:
    """A request in Stripe's way: time and signatures in one header."""
    return request_of({"stripe-signature": ",".join([f"t={at}", *signatures])})


def test_a_timestamp_inside_the_signature_header() -> None:
    """`t=…,v1=…,v1=…`: any `v1` counts, other versions do not."""
    at = int(NOW.timestamp())
    good = hmac.digest(b"s", f"{at}.{{}}".encode(), "sha256").hex()
    assert prove(STRIPE, stripe(at, "v0=00", "v1=00", f"v1={good}"), ["s"], NOW)
    with pytest.raises(Unauthorised):
        prove(STRIPE, stripe(at, f"v0={good}"), ["s"], NOW)


@pytest.mark.parametrize("seconds", [-301, 301, 10**9])
def test_a_time_too_far_away_is_refused(seconds: int) -> None:
    """In both directions; the reason says that it is the clock."""
    at = int(NOW.timestamp()) + seconds
    good = hmac.digest(b"s", f"{at}.{{}}".encode(), "sha256").hex()
    with pytest.raises(Unauthorised, match="clock"):
        prove(STRIPE, stripe(at, f"v1={good}"), ["s"], NOW)


def test_a_clock_ahead_passes_where_only_the_past_is_looked_at() -> None:
    """As some providers' own libraries have it: too old is refused, ahead is not."""
    scheme = replace(STRIPE, past_only=True)
    for seconds, passes in ((-301, False), (-300, True), (301, True), (10**6, True)):
        at = int(NOW.timestamp()) + seconds
        good = hmac.digest(b"s", f"{at}.{{}}".encode(), "sha256").hex()
        if passes:
            assert prove(scheme, stripe(at, f"v1={good}"), ["s"], NOW)
        else:
            with pytest.raises(Unauthorised):
                prove(scheme, stripe(at, f"v1={good}"), ["s"], NOW)


def test_a_key_can_be_hashed_before_the_text() -> None:
    """Older schemes are no HMAC: the hash of key and text, in a row."""
    scheme = Scheme(header="x-sig", keyed="prefix")
    assert signature(scheme, "key", b"body") == hashlib.sha256(b"keybody").hexdigest()


def test_a_signature_that_lies_in_no_header() -> None:
    """Its parts can be held against clock and secrets by themselves."""
    at = str(int(NOW.timestamp()))
    demand_time(GITHUB, at, NOW)
    made = hmac.digest(b"s", b"text", "sha256").hex()
    demand_match(GITHUB, ["other", "s"], b"text", [made])
    for written in ("", "x", str(int(at) - 301), str(int(at) + 301)):
        with pytest.raises(Unauthorised):
            demand_time(GITHUB, written, NOW)
    for given in ([], [""], [made[:-1]]):
        with pytest.raises(Unauthorised):
            demand_match(GITHUB, ["s"], b"text", given)


@pytest.mark.parametrize("seconds", [-300, -1, 0, 300])
def test_a_time_near_enough_is_accepted(seconds: int) -> None:
    """Five minutes to either side."""
    at = int((NOW + timedelta(seconds=seconds)).timestamp())
    good = hmac.digest(b"s", f"{at}.{{}}".encode(), "sha256").hex()
    assert prove(STRIPE, stripe(at, f"v1={good}"), ["s"], NOW)


@pytest.mark.parametrize("at", ["", "x", "-1", "1e9", "1.0", "٣", " 1781006400", "9" * 400])
def test_a_malformed_time_is_refused(at: str) -> None:
    """Only ASCII digits are a time."""
    signed = hmac.digest(b"s", at.encode() + b".{}", "sha256").hex()
    request = request_of({"stripe-signature": f"t={at},v1={signed}"})
    with pytest.raises(Unauthorised):
        prove(STRIPE, request, ["s"], NOW)


def test_signatures_are_compared_exactly() -> None:
    """Another spelling of the same bytes is another signature."""
    good = github(b"{}")
    for header in (good.upper(), good + "=", " " + good, good.replace("sha256=", "SHA256=")):
        with pytest.raises(Unauthorised):
            prove(GITHUB, request_of({"x-hub-signature-256": header}), ["s"], NOW)


def test_a_header_of_a_thousand_signatures_is_not_tried_out() -> None:
    """The number of signatures that are compared is bounded."""
    at = int(NOW.timestamp())
    good = hmac.digest(b"s", f"{at}.{{}}".encode(), "sha256").hex()
    with pytest.raises(Unauthorised):
        prove(STRIPE, stripe(at, *["v1=0"] * 100, f"v1={good}"), ["s"], NOW)


def test_the_detail_never_holds_a_secret_or_the_right_signature() -> None:
    """What a stranger is told is which part is amiss."""
    with pytest.raises(Unauthorised) as caught:
        prove(GITHUB, request_of({"x-hub-signature-256": "sha256=00"}), ["hush"], NOW)
    assert caught.value.detail == "the signature does not match"
