"""Signatures by key pairs: made here with pairs of our own, without the code under test."""

import base64
from datetime import UTC, datetime
from functools import cache

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.errors import Rejected, Unauthorised
from chalicelib.intake.webhook import load_endpoint
from chalicelib.model import Request
from chalicelib.webhooks import _public_key, sendgrid

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)
BODY = b'[{"event":"open","sg_event_id":"1"}]\r\n'


@cache
def pair(name: str) -> ec.EllipticCurvePrivateKey:
    """A P-256 pair of this name."""
    return ec.generate_private_key(ec.SECP256R1())


def public(key: ec.EllipticCurvePrivateKey) -> str:
    """The public half as SendGrid shows it."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    der = key.public_key().public_bytes(serialization.Encoding.DER, form)
    return base64.b64encode(der).decode()


def request_of(key: ec.EllipticCurvePrivateKey, at: str = "1781006401") -> Request:
    """A delivery signed with the private half."""
    made = key.sign(at.encode() + BODY, ec.ECDSA(hashes.SHA256()))
    headers = {
        "x-twilio-email-event-webhook-signature": base64.b64encode(made).decode(),
        "x-twilio-email-event-webhook-timestamp": at,
    }
    return Request("POST", "", headers, {}, BODY)


def test_a_key_can_be_rotated() -> None:
    """The old one and the new one both count; a third does not."""
    document = {"provider": "sendgrid", "secrets": [public(pair("old")), public(pair("new"))]}
    endpoint = load_endpoint("mail", document)
    for name in ("old", "new"):
        assert sendgrid.verify(request_of(pair(name)), endpoint, NOW)
    with pytest.raises(Unauthorised):
        sendgrid.verify(request_of(pair("other")), endpoint, NOW)


@pytest.mark.parametrize("at", ["", "x", "-1", "1.5", "٣", "9" * 17])
def test_a_malformed_time_is_refused(at: str) -> None:
    """Also where it was signed."""
    endpoint = load_endpoint("mail", {"provider": "sendgrid", "secrets": [public(pair("old"))]})
    with pytest.raises(Unauthorised):
        sendgrid.verify(request_of(pair("old"), at), endpoint, NOW)


def test_what_is_no_verification_key_is_refused_when_it_is_set() -> None:
    """A text, a private key's place, a key of another curve: found before events are lost."""
    other = public(ec.generate_private_key(ec.SECP384R1()))
    good = public(pair("old"))
    for secret in ("not base64!", "AAAA", good[:-8], other):
        with pytest.raises(Rejected) as caught:
            load_endpoint("mail", {"provider": "sendgrid", "secrets": [good, secret]})
        (problem,) = caught.value.problems
        assert (problem.field, problem.code) == ("secrets[1]", "secret_invalid")


@pytest.mark.parametrize(
    "given", ["", "=", "AAA", "AB==", "AA==\n", " AA==", "A" * 2000, "é", "\0"]
)
def test_base64_has_one_spelling(given: str) -> None:
    """`AB==` has bits that mean nothing: it is not the signature that was made."""
    with pytest.raises(Unauthorised):
        _public_key.decoded(given)


def test_the_bytes_of_a_signature_come_out_whole() -> None:
    """Any bytes, in their one spelling."""
    for data in (b"\0", b"ab", bytes(range(256))):
        assert _public_key.decoded(base64.b64encode(data).decode()) == data
