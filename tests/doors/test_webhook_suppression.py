"""Mail events at the webhook door: in the ledger before the provider hears that it is done."""

import contextlib
import json
from typing import Any

import pytest

from chalicelib import errors, webhooks
from chalicelib.model import Fate
from chalicelib.store import suppressions
from tests.live import Stage
from tests.store.people import RING
from tests.store.senders import deliver, load


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    monkeypatch.setattr(webhooks, "load", load)
    return Stage()


def reasons(stage: Stage, letter: str, text: str) -> list[str]:
    """What stands for an address."""
    return suppressions.reasons(stage.table, {"": [RING.key(letter, text)]})[""]


@pytest.mark.parametrize("reason", ["unsubscribed", "bounced", "complained"])
def test_an_event_suppresses_its_address_once(stage: Stage, reason: str) -> None:
    """It is kept as ignored with its reason, makes no lead, and a retry changes nothing."""
    event = {"key": "1", "reason": reason, "email": "Ana@X.org", "phone": "600123456"}
    for _ in range(2):
        assert deliver(stage, [event]).status == 200
    (touch,) = stage.stored.touches.values()
    assert (touch.fate, touch.reason) == (Fate.IGNORED, f"suppression:{reason}")
    assert reasons(stage, "e", "ana@x.org") == [reason]
    assert reasons(stage, "p", "+34600123456") == []
    assert stage.stored.leads == {}
    place = suppressions.suppression_key(RING.key("e", "ana@x.org"))
    assert stage.table.items[place]["v"] == 1


def test_an_erasure_is_of_every_key_that_nobody_else_claims_and_keeps_nothing(stage: Stage) -> None:
    """A phone that a family shares stays reachable."""
    deliver(stage, [{"key": "1", "email": "ana@x.org", "phone": "600123456"}])
    deliver(stage, [{"key": "2", "email": "eva@x.org", "phone": "600123456"}])
    event = {"key": "3", "reason": "erased", "email": "ana@x.org", "phone": "600123456"}
    event["company"] = "x" * 9000
    deliver(stage, [event])
    assert reasons(stage, "e", "ana@x.org") == ["erased"]
    assert reasons(stage, "p", "+34600123456") == []
    (touch,) = (t for t in stage.stored.touches.values() if t.fate is Fate.IGNORED)
    assert (touch.raw, dict(touch.values), dict(touch.extra)) == ("", {}, {})
    assert stage.files.held == {}
    deliver(stage, [{"key": "4", "reason": "erased", "email": "leo@x.org", "phone": "611111111"}])
    assert reasons(stage, "p", "+34611111111") == ["erased"]


def test_leads_and_events_of_one_delivery_go_each_their_way(stage: Stage) -> None:
    """In their order; an event without any address is kept and says so little."""
    events: list[dict[str, Any]] = [
        {"key": "1", "email": "ana@x.org"},
        {"key": "2", "reason": "bounced", "email": "eva@x.org"},
        {"key": "3", "reason": "complained"},
        {"key": "4", "reason": "a word of tomorrow", "email": "leo@x.org"},
    ]
    assert deliver(stage, events).status == 200
    fates = sorted((str(t.fate), t.reason) for t in stage.stored.touches.values())
    assert fates == [
        ("created", ""),
        ("ignored", "suppression:bounced"),
        ("ignored", "suppression:complained"),
        ("ignored", "suppression:unsubscribed"),
    ]
    assert reasons(stage, "e", "leo@x.org") == ["unsubscribed"]


def test_a_table_that_does_not_answer_is_no_success(stage: Stage) -> None:
    """The provider delivers again; that it is in a queue would not stop a mail."""
    stage.live.catalogue.webhook_rules("ES")

    def down(_name: str) -> None:
        raise errors.Unavailable("the table does not answer")

    stage.table.before = down
    with pytest.raises(errors.Unavailable):
        deliver(stage, [{"key": "1", "reason": "bounced", "email": "ana@x.org"}])
    stage.table.before = lambda _name: None
    deliver(stage, [{"key": "1", "reason": "bounced", "email": "ana@x.org"}])
    assert reasons(stage, "e", "ana@x.org") == ["bounced"]
    assert "ana@" not in json.dumps(
        [str(i) for k, i in stage.table.items.items() if k.pk[0] == "X"]
    )


def bounces(number: int) -> list[dict[str, Any]]:
    """So many bounces of so many people."""
    return [
        {"key": str(n), "reason": "bounced", "email": f"person{n}@x.org"} for n in range(number)
    ]


def test_a_thousand_bounces_are_read_and_written_in_batches(stage: Stage) -> None:
    """100 keys a read, 25 statements a write; the same delivery again writes nothing."""
    deliver(stage, [])
    stage.table.requests.clear()
    deliver(stage, bounces(1000))
    assert stage.table.requests["BatchGetItem"] <= 10 + 10 + 1
    # Of every 25: the ledger, how each note is found by its person, the notes; and one mark of an
    # hour to be counted anew.
    assert stage.table.requests["BatchExecuteStatement"] == 40 + 40 + 40 + 1
    assert stage.table.requests["TransactWriteItems"] == 0
    assert len(stage.stored.touches) == 1000
    stage.table.requests.clear()
    deliver(stage, bounces(1000))
    assert stage.table.requests["BatchExecuteStatement"] == 0
    assert len(stage.stored.touches) == 1000


def test_a_batch_cut_off_anywhere_is_made_whole_by_its_redelivery(stage: Stage) -> None:
    """The table goes away after any number of requests; the provider delivers until it is heard."""
    for most in range(1, 9):
        left = [most]

        def count(_name: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise errors.Unavailable("the table does not answer")

        events = [event | {"key": f"{most}-{event['key']}"} for event in bounces(60)]
        events = [event | {"email": f"{most}{event['email']}"} for event in events]
        stage.table.before = count
        with contextlib.suppress(errors.Unavailable):
            deliver(stage, events)
        stage.table.before = lambda _name: None
        deliver(stage, events)
        assert all(reasons(stage, "e", event["email"]) == ["bounced"] for event in events)
        assert len(stage.stored.touches) == 60 * most


def test_two_deliveries_about_one_address_lose_neither_word(stage: Stage) -> None:
    """Whoever meets another writer reads again."""
    once = [True]

    def meanwhile(name: str) -> None:
        if name == "BatchExecuteStatement" and once.pop():
            stage.table.before = lambda _name: None
            deliver(stage, [{"key": "c", "reason": "complained", "email": "ana@x.org"}])

    stage.table.before = meanwhile
    deliver(stage, [{"key": "b", "reason": "bounced", "email": "ana@x.org"}])
    assert not once
    assert reasons(stage, "e", "ana@x.org") == ["bounced", "complained"]
