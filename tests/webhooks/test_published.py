"""Signatures that providers publish, each through the module of its provider."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from chalicelib import webhooks
from chalicelib.errors import Unauthorised
from chalicelib.model import Request
from chalicelib.webhooks._provider import Endpoint
from tests.fields.corpora import corpus

# HubSpot's older signatures have no time, and are not accepted.
REFUSED = ("hubspot-v1", "hubspot-v2")


def provider_of(vector: dict[str, Any]) -> str:
    """The module for a vector; none for Slack, which delivers no leads."""
    name = str(vector["provider"]).partition("-v")[0]
    return {"standard-webhooks": "standard", "slack": ""}.get(name, name)


def request_of(vector: dict[str, Any]) -> Request:
    """The request that the vector is of."""
    url = vector.get("url", "")
    form = vector.get("form")
    body = vector.get("body", "") if form is None else urlencode(form, doseq=True)
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    query = dict(parse_qsl(urlsplit(url).query))
    return Request(vector.get("method", "POST"), "", headers, query, body.encode(), url)


def test_every_published_signature_verifies_unless_it_says_otherwise() -> None:
    """Those of the modules on the shelf, with their published time as now."""
    held: dict[str, int] = {}
    for vector in corpus("webhook-signatures/published.json"):
        name = provider_of(vector)
        if not name:
            continue
        secret = vector.get("secret") or vector["public_key"]
        endpoint = Endpoint("e", name, (secret,))
        now = datetime.fromtimestamp(vector.get("now", 0), UTC)
        request = request_of(vector)
        verify = webhooks.load(name).verify
        if vector.get("expect") == "reject" or vector["provider"] in REFUSED:
            with pytest.raises(Unauthorised):
                verify(request, endpoint, now)
        else:
            assert verify(request, endpoint, now) == request, vector
        held[name] = held.get(name, 0) + 1
    assert held == {
        "standard": 2,
        "github": 3,
        "shopify": 1,
        "hubspot": 4,
        "twilio": 6,
        "sendgrid": 1,
    }
