"""Signatures, payloads and messages that others published, through our modules.

They lie beside the project in `../shared/corpora`; where they are missing these tests skip.
"""

import base64
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib import webhooks
from chalicelib.errors import Unauthorised, Unreadable
from chalicelib.model import Request, Verified
from chalicelib.webhooks import salesforce
from chalicelib.webhooks._provider import Endpoint, Event, Kind
from chalicelib.webhooks._signing import Scheme, prove

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
RANDOM_ID = "Vb3kQ0tY8mJx2LrW5nHc7A"
NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)
MODULES = {
    "standard-webhooks": "standard",
    "github": "github",
    "shopify": "shopify",
    "hubspot-v3": "hubspot",
    "twilio": "twilio",
    "sendgrid": "sendgrid",
}
# Schemes that are published and that no provider of the shelf uses.
SCHEMES = {
    "slack": Scheme(
        header="x-slack-signature",
        prefix="v0=",
        signed="v0:{timestamp}:{body}",
        timestamp="x-slack-request-timestamp",
    ),
    "hubspot-v1": Scheme(header="x-hubspot-signature", keyed="prefix"),
    "hubspot-v2": Scheme(
        header="x-hubspot-signature", keyed="prefix", signed="{method}{url}{body}"
    ),
}


def corpus(name: str) -> Path:
    """A file of the corpora; the test skips where it is missing."""
    path = CORPORA / name
    if not path.exists():
        pytest.skip(f"the corpus ../shared/corpora/{name} is not here")
    return path


def request_of(body: bytes, content_type: str = "application/json", **parts: Any) -> Request:
    """A delivery with this body."""
    headers = {k.lower(): v for k, v in {"content-type": content_type, **parts}.items()}
    return Request("POST", "", headers, {}, body)


def parsed(provider: str, request: Request, **endpoint: Any) -> list[Event]:
    """The events of a delivery to an endpoint of this provider, verified."""
    module = webhooks.load(provider)
    where = Endpoint(endpoint.pop("id", RANDOM_ID), provider, **endpoint)
    return list(module.parse(module.verify(request, where, NOW), where))


def vectors() -> list[Any]:
    """The published signatures, each a test of its own."""
    path = CORPORA / "webhook-signatures/published.json"
    if not path.exists():
        return [pytest.param(None, id="missing")]
    found = json.loads(path.read_text("utf-8"))
    return [pytest.param(one, id=f"{one['provider']}-{n}") for n, one in enumerate(found)]


@pytest.mark.parametrize("vector", vectors())
def test_a_published_signature_verifies(vector: dict[str, Any] | None) -> None:
    """Through the provider's own module where there is one; or is refused where it says so."""
    if vector is None:
        pytest.skip("the corpus ../shared/corpora/webhook-signatures is not here")
    body = vector.get("body", "").encode()
    form = urlencode(vector["form"], doseq=True).encode() if "form" in vector else b""
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    headers = {"content-type": kind} | {k.lower(): v for k, v in vector["headers"].items()}
    url = vector.get("url", "")
    pairs = (pair.partition("=") for pair in url.partition("?")[2].split("&") if pair)
    request = Request(
        vector.get("method", "POST"), "", headers, {k: v for k, _, v in pairs}, form or body, url
    )
    secrets = (vector.get("secret") or vector.get("public_key", ""),)
    now = datetime.fromtimestamp(vector.get("now", 0), UTC)
    name = MODULES.get(vector["provider"], "")
    if name and name not in webhooks.SHELF:
        pytest.skip(f"there is no provider {name}")

    def verify() -> Verified:
        if name:
            return webhooks.load(name).verify(request, Endpoint("e", name, secrets), now)
        return prove(SCHEMES[vector["provider"]], request, secrets, now)

    if vector.get("expect") == "reject":
        with pytest.raises(Unauthorised):
            verify()
    else:
        assert verify() == request


def test_tiktoks_published_header_is_read() -> None:
    """Its secret is not published: it is well-formed and made by no secret of ours."""
    header = "t=1633174587,s=18494715036ac4416a1d0a673871a2edbcfc94d94bd88ccd2c5ec9b3425afe66"
    request = request_of(b"{}", **{"tiktok-signature": header})
    then = datetime.fromtimestamp(1633174587, UTC)
    with pytest.raises(Unauthorised, match="does not match"):
        webhooks.load("tiktok").verify(request, Endpoint("e", "tiktok", ("s",)), then)


def test_googles_test_leads() -> None:
    """The lead is read, and ignored as a test."""
    for name, key in (("google_ads_test_lead", "testkey"), ("google_ads_work_fields", "123456")):
        body = corpus(f"webhook-payloads/{name}.json").read_bytes()
        (event,) = parsed("google_ads", request_of(body), secrets=(key,))
        assert (event.kind, event.reason) == (Kind.IGNORED, "test")
        assert event.fields["full_name"] == "FirstName LastName"
        assert "test@example.com" in str(event.fields["email"])
        assert event.signals["gclid"].startswith("TeSter-123")


def test_metas_event() -> None:
    """One reference, to the lead that it names."""
    body = corpus("webhook-payloads/meta_leadgen_event.json").read_bytes()
    signature = "sha256=" + hmac.digest(b"s", body, "sha256").hex()
    request = request_of(body, **{"x-hub-signature-256": signature})
    (event,) = parsed("meta", request, secrets=("s",))
    assert (event.kind, event.key) == (Kind.REFERENCE, "233370042045345")
    assert event.submitted_at == datetime(2021, 8, 27, 18, 12, 6, tzinfo=UTC)


def test_tallys_lead() -> None:
    """Name, e-mail and phone by label and type; a choice by its text."""
    body = corpus("webhook-payloads/tally_lead.json").read_bytes()
    signature = base64.b64encode(hmac.digest(b"s", body, "sha256")).decode()
    (event,) = parsed("tally", request_of(body, **{"tally-signature": signature}), secrets=("s",))
    assert event.fields == {
        "full_name": "John Doe",
        "email": "john@company.com",
        "phone": "+1234567890",
    }
    assert event.extra["Company size"] == ["Enterprise"]


def test_webflows_leads() -> None:
    """The documentation's examples, one of them with a field that the designer numbered."""
    body = corpus("webhook-payloads/webflow_v2_docs.json").read_bytes()
    (event,) = parsed("webflow", request_of(body))
    assert event.fields == {
        "first_name": "Zaphod",
        "last_name": "Beeblebrox",
        "email": "zaphod@heartofgold.ai",
        "phone": 15550000000,
    }
    body = corpus("webhook-payloads/webflow_v2_docs_test.json").read_bytes()
    (event,) = parsed("webflow", request_of(body))
    assert (event.key, event.fields) == ("66a947f35b9d7ba400e22733", {"email": "hello@gmail.com"})


def test_salesforces_outbound_messages() -> None:
    """Three leads in one message behind a byte order mark; none in another, which is a fault."""
    body = corpus("salesforce-outbound/OutboundMessage1.xml").read_bytes()
    settings = {"organization_id": "0123456789ABCDE"}
    request = request_of(body, "text/xml; charset=utf-8")
    events = parsed("salesforce", request, settings=settings)
    assert [event.fields["first_name"] for event in events] == ["Henrik", "Benjamin", "Nora"]
    assert len({event.key for event in events}) == 3
    assert all(event.fields["job_title"] == "Architect" for event in events)
    session = b"BSGSRAzG9lPxyKRPjJ3"
    assert session in body
    assert session not in salesforce.redact(body)
    assert "BSGSRAz" not in repr(events)
    other = {"organization_id": "0123456789ABCDF"}
    with pytest.raises(Unauthorised):
        parsed("salesforce", request, settings=other)
    empty = corpus("salesforce-outbound/OutboundMessage2.xml").read_bytes()
    with pytest.raises(Unreadable):
        salesforce.parse(Verified(request_of(empty)), Endpoint(RANDOM_ID, "salesforce"))
