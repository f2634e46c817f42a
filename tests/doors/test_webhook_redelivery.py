"""Every provider's recording through the door: once in effect, whatever the delivery does."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from chalicelib.doors import front
from chalicelib.model import Response
from chalicelib.store.config import Kind
from chalicelib.webhooks._provider import COUNTED
from chalicelib.wiring import Live
from tests.live import Stage
from tests.webhooks import recordings
from tests.webhooks.recordings import Recording

TIMES = 5
PROVIDERS = sorted({name.partition(".")[0] for name in recordings.names()})


def stage_of(recording: Recording) -> Stage:
    """A stage whose clock and sender are the recording's."""
    stage = Stage()
    stage.moment = recording.now
    # Some providers sign the address: it is the one that was recorded.
    settings = replace(stage.live.settings, url="https://inlet.example")
    stage.live = Live(settings, replace(stage.outside, send=recording.send))
    stage.live.upsert.pause = lambda _attempt: None
    configure(stage, recording)
    return stage


def configure(stage: Stage, recording: Recording) -> None:
    """Put the recording's endpoint, as it is stored."""
    document = recordings.document(recording.name)
    stage.live.catalogue.configuration.put(Kind.ENDPOINT, recording.endpoint.id, document)
    stage.live.catalogue.forget(Kind.ENDPOINT, recording.endpoint.id)


def apart(recording: Recording) -> Recording:
    """The recording at an endpoint of its own: several may share the ids of their events."""
    if recording.signed.url:
        return recording
    name = f"{recording.endpoint.id}-{recording.name.replace('.', '-')}"
    return replace(recording, endpoint=replace(recording.endpoint, id=name))


def deliver(stage: Stage, recording: Recording) -> Response:
    """One delivery through the public address."""
    endpoint = recording.endpoint
    request = replace(recording.request, ip="192.0.2.1")
    return front.webhook(stage.live, endpoint.provider, endpoint.id, request)


@pytest.mark.parametrize("name", recordings.names())
def test_five_deliveries_at_once_are_one(name: str) -> None:
    """One submission and one touch an event; each delivery hears the provider's own success."""
    recording = recordings.load(name)
    stage = stage_of(recording)
    gate = Barrier(TIMES)

    def at_once(_number: int) -> Response:
        gate.wait(10)
        return deliver(stage, recording)

    with ThreadPoolExecutor(TIMES) as pool:
        answers = list(pool.map(at_once, range(TIMES)))
    assert {(a.status, a.body) for a in answers} == {
        (recording.answer["status"], recording.answer["body"])
    }
    assert stage.spill.sent == []
    touches = list(stage.stored.touches.values())
    # Deliveries and opens of mails are counted, not kept.
    assert len(touches) == sum(event.reason != COUNTED for event in recording.completed)
    assert len({touch.id for touch in touches}) == len(touches)
    assert stage.balance() == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_events_out_of_order_and_again_end_alike(provider: str) -> None:
    """All recordings of a provider, five times each, in any order: the same touches, each once."""
    mine = [n for n in recordings.names() if n.partition(".")[0] == provider]
    seen = []
    for seed in (1, 2):
        order = [apart(recordings.load(name)) for name in mine for _ in range(TIMES)]
        random.Random(seed).shuffle(order)
        stage = stage_of(order[0])
        for recording in order:
            stage.moment = recording.now
            stage.live.outside = replace(stage.live.outside, send=recording.send)
            configure(stage, recording)
            deliver(stage, recording)
        assert stage.balance() == []
        touches = stage.stored.touches
        assert len({touch.id for touch in touches.values()}) == len(touches)
        people = sorted(Counter(t.lead for t in touches.values() if t.lead).values())
        seen.append(({t.id: (t.values, t.submitted_ms) for t in touches.values()}, people))
    assert seen[0] == seen[1]
