"""What holds for every provider on the shelf. A new one gets these tests by existing."""

import ast
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib import webhooks
from chalicelib.intake.webhook import handshake
from chalicelib.model import Acquisition, Door, Fate, Outcome
from tests.webhooks import recordings
from tests.webhooks.recordings import Recording, receive, refused

ROOT = Path(__file__).parents[2]
PROVIDERS = webhooks.SHELF.names()


def flipped(data: bytes) -> Iterator[bytes]:
    """The bytes with one bit flipped: of the first and last byte, and of some between."""
    some = random.Random(len(data)).sample(range(len(data)), min(24, len(data)))
    for place in sorted({0, len(data) - 1, *some}):
        for bit in range(8):
            yield data[:place] + bytes([data[place] ^ (1 << bit)]) + data[place + 1 :]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_has_a_recorded_example(provider: str) -> None:
    """The recording named like the provider is of that provider."""
    assert recordings.load(provider).endpoint.provider == provider


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_provider_has_a_page(provider: str) -> None:
    """The page says how to connect it: it has a title and shows the address."""
    page = (ROOT / "docs" / "webhooks" / f"{provider}.md").read_text("utf-8")
    assert page.startswith("# ")
    assert f"/webhooks/{provider}/" in page


@pytest.mark.parametrize("provider", PROVIDERS)
def test_providers_do_not_import_one_another(provider: str) -> None:
    """What two share lies in a file whose name begins with `_`; nothing of a framework or AWS."""
    tree = ast.parse((ROOT / "chalicelib" / "webhooks" / f"{provider}.py").read_text("utf-8"))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            imported |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
    assert not imported & {f"chalicelib.webhooks.{other}" for other in PROVIDERS}
    assert not {str(name).partition(".")[0] for name in imported} & {"boto3", "chalice", "urllib3"}


def test_a_recording_is_of_a_provider_on_the_shelf(recording: Recording) -> None:
    """A file name begins with its provider, so that nobody records for a module that is gone."""
    assert recording.name.partition(".")[0] == recording.endpoint.provider
    assert recording.endpoint.provider in PROVIDERS


def test_the_recorded_delivery_is_understood(recording: Recording) -> None:
    """Its events are the expected ones, to the last field."""
    provider = webhooks.load(recording.endpoint.provider)
    verified = provider.verify(recording.request, recording.endpoint, recording.now)
    assert list(provider.parse(verified, recording.endpoint)) == recording.events


def test_the_recorded_delivery_becomes_submissions(recording: Recording) -> None:
    """One a lead, by this door, from this endpoint, submitted no later than received."""
    received = receive(recording)
    assert [a.kind for a in received.arrivals] == [event.kind for event in recording.events]
    for index, arrival in enumerate(received.arrivals):
        submission = arrival.submission
        assert (submission.door, submission.ordinal) == (Door.WEBHOOK, index)
        assert submission.submitted_at <= submission.received_at == recording.now
        assert submission.source.endpoint == recording.endpoint.id
        assert submission.source.acquisition in set(Acquisition)


def test_the_same_delivery_gets_the_same_ids(recording: Recording) -> None:
    """A redelivery is known again; at another endpoint, or another stage, it is another."""
    ids = [a.submission.id for a in receive(recording).arrivals]
    later = recording.now + timedelta(seconds=1)
    assert [a.submission.id for a in receive(recording, now=later).arrivals] == ids
    assert len(set(ids)) == len(ids)
    other = replace(recording.endpoint, id=recording.endpoint.id + "-2")
    assert not {a.submission.id for a in receive(recording, endpoint=other).arrivals} & set(ids)


def test_the_answer_is_the_providers_own(recording: Recording) -> None:
    """Status, body and content type are as recorded, whatever became of the leads."""
    received = receive(recording)
    for fate in (Fate.CREATED, Fate.REPEATED, Fate.REJECTED, Fate.IGNORED):
        answer = received.answer([Outcome(a.submission.id, fate) for a in received.arrivals])
        assert answer.status == recording.answer["status"]
        assert answer.body == recording.answer["body"]
        assert answer.headers["content-type"] == recording.answer["content_type"]


def test_a_delivery_is_no_handshake(recording: Recording) -> None:
    """A recorded delivery goes down the road; it is not answered as a probe."""
    assert handshake(recording.request, recording.endpoint) is None


def test_what_needs_a_secret_proves_something(recording: Recording) -> None:
    """A recording cannot claim that nothing is signed where the provider needs a secret."""
    assert recording.signed.anything or not recording.endpoint.secrets


def test_a_changed_body_is_refused(recording: Recording) -> None:
    """One flipped bit anywhere in a signed body is a 401, never another error."""
    if not recording.signed.body:
        pytest.skip("this provider does not sign the body")
    for body in (*flipped(recording.request.body), b"", recording.request.body + b"\n"):
        refused(recording, replace(recording.request, body=body))


def test_a_changed_secret_inside_the_body_is_refused(recording: Recording) -> None:
    """Where the proof lies in the body itself, one flipped bit of it is a 401."""
    body = recording.request.body
    for text in recording.signed.inside:
        assert body.count(text.encode()) == 1
        for other in flipped(text.encode()):
            refused(recording, replace(recording.request, body=body.replace(text.encode(), other)))


def test_a_changed_header_is_refused(recording: Recording) -> None:
    """One flipped bit in the signature, or in whatever header is signed, is a 401."""
    for name in recording.signed.headers:
        for value in flipped(recording.request.headers[name].encode()):
            # As a server decodes a header: every byte is a character of Latin-1.
            refused(recording, recording.with_header(name, value.decode("latin-1")))


def test_a_missing_or_malformed_header_is_refused(recording: Recording) -> None:
    """No signature, half of one, and nonsense are a 401."""
    for name in recording.signed.headers:
        value = recording.request.headers[name]
        nonsense = ("", " ", ",", "=", "v1,", "sha256=", "t=,v1=", "\ud800", "é", "0" * 10_000)
        for other in (None, value[: len(value) // 2], value[:-1], *nonsense):
            refused(recording, recording.with_header(name, other))


def test_a_changed_query_or_address_is_refused(recording: Recording) -> None:
    """Where the address is part of the proof, another address is a 401."""
    for name in recording.signed.query:
        value = recording.request.query[name]
        for other in ("", value[:-1], value + "0", value.swapcase()):
            refused(recording, replace(recording.request, query={name: other}))
        refused(recording, replace(recording.request, query={}))
    if recording.signed.url:
        refused(recording, replace(recording.request, url=recording.request.url + "?x=1"))


def test_another_secret_is_refused(recording: Recording) -> None:
    """A secret that is not the sender's proves nothing; neither does an empty one."""
    if not recording.endpoint.secrets:
        pytest.skip("this endpoint has no secret")
    for secret in ("another secret of the trade", "whsec_AAAAAAAAAAAAAAAAAAAAAAAA", "", " "):
        refused(recording, recording.request, endpoint=recording.with_secrets(secret))


def test_no_secret_at_all_is_refused(recording: Recording) -> None:
    """An endpoint that lost its secrets, or never had a safe address, lets nobody in."""
    bare = replace(recording.with_secrets(), id="contact")
    refused(recording, recording.request, endpoint=bare)


def test_every_one_of_several_secrets_is_accepted(recording: Recording) -> None:
    """While a secret is rotated, the old one and the new one both count."""
    for secret in recording.endpoint.secrets:
        for secrets in (("bmV3IHNlY3JldA==", secret), (secret, "bmV3IHNlY3JldA=="), ("", secret)):
            received = receive(recording, endpoint=recording.with_secrets(*secrets))
            assert len(received.arrivals) == len(recording.events)


def test_a_stale_time_is_refused(recording: Recording) -> None:
    """Too old and too new are both a 401; just within is not."""
    if not recording.signed.seconds:
        pytest.skip("this provider signs no time")
    tolerance = timedelta(seconds=recording.signed.seconds)
    for now in (recording.now + tolerance * 2, recording.now - tolerance * 2):
        refused(recording, recording.request, now=now)
    assert receive(recording, now=recording.now + tolerance / 2).arrivals
