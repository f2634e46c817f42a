"""What is kept of a delivery: enough to read it again, nothing that lets anybody send another."""

from dataclasses import asdict

import pytest

from chalicelib import webhooks
from chalicelib.intake.webhook import kept_request, read_again
from tests.webhooks import recordings
from tests.webhooks.recordings import STAGE_SECRET, Recording, receive


def secrets(recording: Recording) -> list[str]:
    """The endpoint's secrets, and those among its settings."""
    known = webhooks.load(recording.endpoint.provider).settings
    hidden = [
        value for name, value in recording.endpoint.settings.items() if known[name].secret and value
    ]
    return [*recording.endpoint.secrets, *hidden]


@pytest.mark.parametrize("name", recordings.names())
def test_no_secret_is_kept_of_a_delivery(name: str) -> None:
    """Neither in the body that is stored, nor among the headers and parameters, nor in a lead."""
    recording = recordings.load(name)
    received = receive(recording)
    for arrival in received.arrivals:
        kept = str(asdict(arrival.submission))
        for secret in secrets(recording):
            assert secret not in kept
    for secret in secrets(recording):
        assert secret.encode() not in received.body


@pytest.mark.parametrize("name", recordings.names())
def test_what_was_kept_reads_as_the_delivery_did(name: str) -> None:
    """References are fetched anew; the same submissions under the same ids come of it."""
    recording = recordings.load(name)
    received = receive(recording)
    for arrival in received.arrivals:
        request = kept_request(arrival.submission.request, received.body)
        again = read_again(request, recording.endpoint, recording.now, STAGE_SECRET, recording.send)
        assert [(one.submission.id, one.submission.fields, one.kind) for one in again.arrivals] == [
            (one.submission.id, one.submission.fields, one.kind) for one in received.arrivals
        ]
