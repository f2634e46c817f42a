"""Signing schemes, against what providers publish and against hostile headers."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import Unauthorised
from chalicelib.model import Request
from chalicelib.webhooks import standard
from chalicelib.webhooks._signing import Scheme, prove, signature

PUBLISHED = Path(__file__).parents[3] / "shared" / "corpora" / "webhook-signatures/published.json"
NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)
GITHUB = Scheme(header="x-hub-signature-256", prefix="sha256=")
# The schemes of providers that publish a signature: each is data, none needs code of its own.
SCHEMES = {
    "standard-webhooks": standard.SCHEME,
    "github": GITHUB,
    "shopify": Scheme(header="x-shopify-hmac-sha256", encoding="base64"),
    "hubspot-v3": Scheme(
        header="x-hubspot-signature-v3",
        encoding="base64",
        signed="{method}{url}{body}{timestamp}",
        timestamp="x-hubspot-request-timestamp",
        per_second=1000,
    ),
    "slack": Scheme(
        header="x-slack-signature",
        prefix="v0=",
        signed="v0:{timestamp}:{body}",
        timestamp="x-slack-request-timestamp",
    ),
    "twilio": Scheme(header="x-twilio-signature", algorithm="sha1", encoding="base64"),
}
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


def twilio_text(vector: dict[str, Any]) -> bytes | None:
    """Twilio signs the address, sometimes with its port, and the parameters, sorted and unique."""
    if vector["provider"] != "twilio":
        return None
    scheme, _, rest = vector["url"].partition("://")
    host, _, path = rest.partition("/")
    port = next((p for p in (":443", ":80") if p in vector.get("note", "")), "")
    given = {k: [v] if isinstance(v, str) else v for k, v in vector.get("form", {}).items()}
    pairs = [name + value for name in sorted(given) for value in sorted(set(given[name]))]
    return f"{scheme}://{host}{port}/{path}{''.join(pairs)}".encode()


def test_published_signatures_verify() -> None:
    """Every HMAC that a provider publishes is accepted, or refused where it says so."""
    if not PUBLISHED.exists():
        pytest.skip("the published signatures (../shared/corpora/webhook-signatures) are not here")
    held = 0
    for vector in json.loads(PUBLISHED.read_text("utf-8")):
        scheme = SCHEMES.get(vector["provider"])
        if scheme is None:
            continue  # HubSpot v1 and v2 are plain hashes, SendGrid signs with a key pair
        body = vector.get("body", "").encode()
        where = {k: vector[k] for k in ("method", "url") if k in vector}
        request = request_of(vector["headers"], body, **where)
        now = datetime.fromtimestamp(vector.get("now", 0), UTC)
        arguments = (scheme, request, [vector["secret"]], now)
        if vector.get("expect") == "reject":
            with pytest.raises(Unauthorised):
                prove(*arguments)
        else:
            assert prove(*arguments, text=twilio_text(vector)) == request, vector
        held += 1
    assert held == 14


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
