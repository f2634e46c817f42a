"""What holds for every provider on the shelf. A new one gets these tests by existing."""

import ast
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib import webhooks
from chalicelib.errors import Rejected, TooLarge, Unauthorised, Unavailable, Unreadable
from chalicelib.intake.webhook import dump_endpoint, handshake, load_endpoint, refuse
from chalicelib.model import Acquisition, Door, Fate, Outcome
from chalicelib.ports import Answer
from chalicelib.webhooks._document import MASK
from chalicelib.webhooks._provider import Kind
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
    assert [a.kind for a in received.arrivals] == [event.kind for event in recording.completed]
    for index, arrival in enumerate(received.arrivals):
        submission = arrival.submission
        assert (submission.door, submission.ordinal) == (Door.WEBHOOK, index)
        assert submission.submitted_at <= submission.received_at == recording.now
        assert submission.source.endpoint == recording.endpoint.id
        assert submission.source.acquisition in set(Acquisition)


def test_what_is_referred_to_is_fetched_and_read(recording: Recording) -> None:
    """Each reference is followed to the address recorded, and complete with what lies there."""
    provider = webhooks.load(recording.endpoint.provider)
    completed = [
        provider.complete(
            event, recording.send(provider.follow(event, recording.endpoint)), recording.endpoint
        )
        if event.kind is Kind.REFERENCE
        else event
        for event in recording.events
    ]
    assert completed == recording.completed
    assert not any(event.kind is Kind.REFERENCE for event in completed)
    assert len(recording.fetched) >= sum(e.kind is Kind.REFERENCE for e in recording.events)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a":' * 100, b"\xff", b"null", b"<html>"])
@pytest.mark.parametrize("status", [200, 204, 302, 400, 401, 404, 429, 500])
def test_whatever_is_fetched_is_read_or_asked_again(
    recording: Recording, status: int, body: bytes
) -> None:
    """An answer that cannot be read, or is none: the event is kept, or the delivery comes again."""
    provider = webhooks.load(recording.endpoint.provider)
    for event in recording.events:
        if event.kind is Kind.REFERENCE:
            try:
                made = provider.complete(event, Answer(status, body), recording.endpoint)
            except Unavailable:
                continue
            assert made.kind is not Kind.REFERENCE
            assert made.key == event.key
            assert made.kind is not Kind.IGNORED or made.reason


def test_a_probe_is_answered(recording: Recording) -> None:
    """A recorded handshake gets its answer; one that proves nothing is a 401 and no echo."""
    for probe in recording.handshakes:
        if probe.answer["status"] == 401:
            with pytest.raises(Unauthorised):
                handshake(probe.request, recording.endpoint)
            continue
        answer = handshake(probe.request, recording.endpoint)
        assert answer is not None
        assert answer.status == probe.answer["status"]
        assert answer.body == probe.answer["body"]
        assert answer.headers["content-type"] == probe.answer["content_type"]


def test_an_error_in_the_providers_shape_keeps_its_status(recording: Recording) -> None:
    """What the provider hears of an error says no more and no less than ours.

    One that gives up at a 503 may hear 429 instead: try again, in its own language.
    """
    for error in (Unauthorised("x"), Unreadable("x"), TooLarge("x"), Unavailable("x")):
        answer = refuse(error, recording.endpoint)
        again = {429} if isinstance(error, Unavailable) else set()
        assert answer is None or answer.status in {error.status} | again
        assert answer is None or answer.headers["content-type"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_settings_say_what_they_are(provider: str) -> None:
    """Each has a sentence for whoever sets it up; a required one is in its page."""
    page = (ROOT / "docs" / "webhooks" / f"{provider}.md").read_text("utf-8")
    for name, setting in webhooks.load(provider).settings.items():
        assert setting.about
        assert f"`{name}`" in page


def test_required_settings_are_demanded_and_secret_ones_masked(recording: Recording) -> None:
    """An endpoint without one is refused; what is shown can be put back and loses none."""
    settings = webhooks.load(recording.endpoint.provider).settings
    shown = dump_endpoint(recording.endpoint)
    for name, setting in settings.items():
        given = recording.endpoint.settings.get(name)
        if given and setting.secret:
            assert shown["settings"][name] == MASK
        if setting.required:
            less = {k: v for k, v in shown["settings"].items() if k != name}
            with pytest.raises(Rejected) as caught:
                load_endpoint(
                    recording.endpoint.id,
                    {**shown, "settings": less},
                    previous=recording.endpoint,
                )
            assert [p.field for p in caught.value.problems] == [f"settings.{name}"]
    again = load_endpoint(recording.endpoint.id, shown, previous=recording.endpoint)
    assert again == recording.endpoint


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
        # `Bearer` may be spelled `bearer`: what proves something comes after it.
        value = recording.request.headers[name]
        scheme, space, token = value.partition(" ") if name == "authorization" else ("", "", value)
        for other in flipped(token.encode()):
            # As a server decodes a header: every byte is a character of Latin-1.
            made = scheme + space + other.decode("latin-1")
            refused(recording, recording.with_header(name, made))


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
    """Too old and too new are both a 401 (some let a clock ahead pass); just within is not."""
    if not recording.signed.seconds:
        pytest.skip("this provider signs no time")
    tolerance = timedelta(seconds=recording.signed.seconds)
    refused(recording, recording.request, now=recording.now + tolerance * 2)
    if not recording.signed.past_only:
        refused(recording, recording.request, now=recording.now - tolerance * 2)
    assert receive(recording, now=recording.now + tolerance / 2).arrivals
