"""SES through SNS: who signs, with which certificate, and what may be asked for."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from chalicelib import errors
from chalicelib.intake.webhook import Received, load_endpoint, receive_webhook
from chalicelib.model import Request
from chalicelib.ports import Answer, Outgoing
from chalicelib.webhooks import _sns
from chalicelib.webhooks._provider import Endpoint, Kind

NOW = datetime(2026, 6, 9, 12, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-ab.pem"
SUBSCRIBE = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc"
ENDPOINT = load_endpoint(
    "ses-3f9aQ7xLm2Zt8Kc5Rv1Wy6", {"provider": "ses", "settings": {"topics": TOPIC}}
)
BOUNCE = json.dumps(
    {
        "notificationType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bouncedRecipients": [{"emailAddress": "ana@example.com"}],
        },
    }
)


@cache
def key_pair() -> rsa.RSAPrivateKey:
    """The key of a sender of our own."""
    return rsa.generate_private_key(65537, 2048)


@cache
def certificate(start: datetime = NOW - timedelta(days=1), days: int = 30) -> bytes:
    """A certificate of that key, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key_pair().public_key()).serial_number(1)
    made = made.not_valid_before(start).not_valid_after(start + timedelta(days=days))
    signed = made.sign(key_pair(), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM)


class Aws:
    """SNS's own addresses, as a sender sees them."""

    def __init__(self, pem: bytes | None = None) -> None:
        self.pem = certificate() if pem is None else pem
        self.asked: list[str] = []
        self.status = 200

    def __call__(self, request: Outgoing) -> Answer:
        self.asked.append(request.url)
        return Answer(self.status, self.pem if request.url.endswith(".pem") else b"<ok/>")


def message(version: str = "2", **parts: Any) -> dict[str, Any]:
    """A message signed as SNS signs it, without the code under test."""
    made = {
        "Type": "Notification",
        "MessageId": "m-1",
        "TopicArn": TOPIC,
        "Message": BOUNCE,
        "Timestamp": "2026-06-09T12:00:00.000Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
        **parts,
    }
    names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    if made["Type"] != "Notification":
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{n}\n{made[n]}\n" for n in names if made.get(n) is not None)
    digest = hashes.SHA1() if version == "1" else hashes.SHA256()
    signature = key_pair().sign(text.encode(), padding.PKCS1v15(), digest)
    return {**made, "Signature": base64.b64encode(signature).decode()}


def receive(
    told: dict[str, Any], aws: Aws | None = None, endpoint: Endpoint = ENDPOINT
) -> Received:
    """Deliver a message at the door."""
    request = Request("POST", "", {"content-type": "text/plain"}, {}, json.dumps(told).encode())
    return receive_webhook(request, endpoint, NOW, b"stage", aws or Aws())


def refused(told: dict[str, Any], aws: Aws | None = None, endpoint: Endpoint = ENDPOINT) -> None:
    """Assert that the door answers 401."""
    with pytest.raises(errors.Unauthorised):
        receive(told, aws, endpoint)


@pytest.mark.parametrize("version", ["1", "2"])
def test_both_versions_of_the_signature(version: str) -> None:
    """SHA-1 and SHA-256, with and without a subject; a null one is not signed."""
    for subject in ({}, {"Subject": "Amazon SES"}, {"Subject": None}):
        (arrival,) = receive(message(version, **subject)).arrivals
        assert (arrival.kind, arrival.reason) == (Kind.SUPPRESSION, "bounced")


@pytest.mark.parametrize("name", ["Message", "MessageId", "Timestamp", "TopicArn", "Type"])
def test_whatever_is_signed_cannot_be_changed(name: str) -> None:
    """Nor left out, nor be something else than a text."""
    told = message()
    for other in (told[name] + "x", None, 7, [told[name]]):
        refused({**told, name: other})
    refused({k: v for k, v in told.items() if k != name})
    refused({**told, "Subject": "added"})


@pytest.mark.parametrize("version", ["", "0", "3", None, 2.0])
def test_another_version_is_refused(version: Any) -> None:
    """Also where the signature itself would be right."""
    refused({**message(), "SignatureVersion": version})


def test_a_version_does_not_stand_for_the_other() -> None:
    """A signature with SHA-1 that says it is of version 2."""
    refused({**message("1"), "SignatureVersion": "2"})


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://foo.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "https://user@sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.txt",
        "https://sns.eu-west-1.amazonaws.com\\@evil.example/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu\n-west-1.amazonaws.com/a.pem",
        "https://[sns/a.pem",
        "https://sns.x.amazonaws.com/a.pem",
        "",
        None,
        7,
    ],
)
def test_a_certificate_from_elsewhere_is_never_asked_for(url: Any) -> None:
    """Not one request leaves, whatever the message says."""
    aws = Aws()
    refused(message(SigningCertURL=url), aws)
    assert aws.asked == []


def test_china_has_a_host_of_its_own_and_the_address_an_alias() -> None:
    """`amazonaws.com.cn`; `SigningCertUrl` is how Lambda spells it."""
    url = "https://sns.cn-north-1.amazonaws.com.cn/a.pem"
    assert receive(message(SigningCertURL=url)).arrivals
    told = message()
    assert receive({**told, "SigningCertUrl": told.pop("SigningCertURL")}).arrivals


def test_a_topic_that_is_not_allowed_is_refused_before_anything_is_fetched() -> None:
    """AWS signs for every account: that it is signed says nothing by itself."""
    aws = Aws()
    refused(message(TopicArn="arn:aws:sns:eu-west-1:999999999999:ses"), aws)
    assert aws.asked == []


def test_a_certificate_is_asked_for_once() -> None:
    """Not for every message; one that was not there is asked for again."""
    aws = Aws()
    aws.status = 404
    refused(message(), aws)
    aws.status = 200
    for _ in range(3):
        receive(message(), aws)
    assert aws.asked == [CERTIFICATE, CERTIFICATE]


@pytest.mark.parametrize("pem", [b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"\xff"])
def test_what_is_no_certificate_proves_nothing(pem: bytes) -> None:
    """An error page, half a certificate, nothing."""
    refused(message(), Aws(pem))


def test_a_certificate_counts_while_it_is_valid() -> None:
    """Before and after it does not."""
    refused(message(), Aws(certificate(NOW - timedelta(days=9), 8)))
    # Each its own address: what was fetched for the first is held.
    url = "https://sns.eu-west-1.amazonaws.com/later.pem"
    refused(message(SigningCertURL=url), Aws(certificate(NOW + timedelta(days=1), 8)))


def test_where_the_certificate_cannot_be_had_the_delivery_comes_again() -> None:
    """`Unavailable` is a 503, which SNS tries again; a 401 would lose the message."""

    def nobody(request: Outgoing) -> Answer:
        raise errors.Unavailable(f"nobody answers at {request.url}")

    request = Request("POST", "", {}, {}, json.dumps(message()).encode())
    with pytest.raises(errors.Unavailable):
        receive_webhook(request, ENDPOINT, NOW, b"stage", nobody)


def test_a_subscription_is_confirmed_from_allowed_topics_only() -> None:
    """The address is asked for once the signature is right, and only if it is SNS's."""
    told = {"Type": "SubscriptionConfirmation", "Token": "abc", "SubscribeURL": SUBSCRIBE}
    aws = Aws()
    (arrival,) = receive(message(**told), aws).arrivals
    assert aws.asked == [CERTIFICATE, SUBSCRIBE]
    assert arrival.reason == "subscription_confirmed"
    assert "abc" not in str(arrival.submission.extra)

    other = Aws()
    refused(message(**told, TopicArn="arn:aws:sns:eu-west-1:999999999999:ses"), other)
    refused({**message(**told), "Token": "xyz"}, other)
    evil = receive(message(**{**told, "SubscribeURL": "https://evil.example/"}), other)
    assert [a.reason for a in evil.arrivals] == ["no_lead"]
    assert SUBSCRIBE not in other.asked
    assert "https://evil.example/" not in other.asked


def test_a_confirmation_that_sns_refuses_comes_again() -> None:
    """An expired token is no success."""
    told = {"Type": "SubscriptionConfirmation", "Token": "abc", "SubscribeURL": SUBSCRIBE}
    aws = Aws()
    receive(message(), aws)  # the certificate is held from here on
    aws.status = 403
    with pytest.raises(errors.Unavailable):
        receive(message(**told), aws)


def test_an_unsubscription_is_not_undone() -> None:
    """Its address would subscribe again."""
    told = {"Type": "UnsubscribeConfirmation", "Token": "abc", "SubscribeURL": SUBSCRIBE}
    aws = Aws()
    (arrival,) = receive(message(**told), aws).arrivals
    assert (arrival.kind, arrival.reason) == (Kind.IGNORED, "no_lead")
    assert aws.asked == [CERTIFICATE]


def test_a_message_that_is_no_event_is_ignored() -> None:
    """What SES says when the topic is set, and what is nested without end."""
    for text in ("Successfully validated SNS topic for Amazon SES event publishing.", "[" * 9000):
        (arrival,) = receive(message(Message=text)).arrivals
        assert (arrival.kind, arrival.reason) == (Kind.IGNORED, "no_lead")


def test_a_raw_message_needs_a_token_and_its_topic() -> None:
    """It is not signed: without a secret it is refused even at an unguessable address."""
    headers = {"x-amz-sns-topic-arn": TOPIC, "x-amz-sns-message-id": "m-2"}
    request = Request("POST", "", headers, {"token": "a token"}, BOUNCE.encode())
    with pytest.raises(errors.Unauthorised, match="raw"):
        receive_webhook(request, ENDPOINT, NOW, b"stage", Aws())
    endpoint = replace(ENDPOINT, secrets=("a token",))
    assert receive_webhook(request, endpoint, NOW, b"stage", Aws()).arrivals
    for other in (
        replace(request, query={"token": "another"}),
        replace(request, headers={**headers, "x-amz-sns-topic-arn": TOPIC + "-2"}),
    ):
        with pytest.raises(errors.Unauthorised):
            receive_webhook(other, endpoint, NOW, b"stage", Aws())


def test_the_signed_text_is_the_published_one() -> None:
    """From AWS's own validator: name and value in lines, the last one ended as well."""
    told = {"Message": "foo", "MessageId": "bar", "Timestamp": "1435697129", "TopicArn": "baz"}
    names = _sns.SIGNED["Notification"]
    assert _sns.canonical({**told, "Type": "Notification"}, names) == (
        b"Message\nfoo\nMessageId\nbar\nTimestamp\n1435697129\nTopicArn\nbaz\nType\nNotification\n"
    )


@pytest.mark.parametrize("topics", ["", "x", TOPIC + "," + TOPIC, "arn:aws:sqs:eu-west-1:1:x"])
def test_topics_are_demanded_and_checked(topics: str) -> None:
    """An endpoint that would take any account's messages cannot be set up."""
    document = {"provider": "ses", "settings": {"topics": topics}}
    with pytest.raises(errors.Rejected):
        load_endpoint(ENDPOINT.id, document)
