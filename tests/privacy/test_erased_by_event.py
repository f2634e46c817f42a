"""A provider says that a person is to be erased: so they are, off the path of the delivery."""

import pytest

from chalicelib import webhooks
from tests.privacy.bureau import Bureau
from tests.store.people import touch
from tests.store.senders import deliver as deliver_all
from tests.store.senders import load


@pytest.fixture
def bureau(monkeypatch: pytest.MonkeyPatch) -> Bureau:
    """A stage whose only provider says what the test lets it say."""
    monkeypatch.setattr(webhooks, "load", load)
    return Bureau()


def deliver(bureau: Bureau, event: dict[str, str]) -> None:
    """Deliver one event."""
    assert deliver_all(bureau, [event]).status == 200


def test_an_event_erases_the_lead_and_leaves_a_certificate(bureau: Bureau) -> None:
    """Nothing is left but the hash; whoever else there is stays."""
    bureau.live.upsert.one(touch(1, email="wilma@x.org", first_name="Wilhelmina"))
    bureau.live.upsert.one(touch(2, email="bob@x.org"))
    deliver(bureau, {"key": "1", "reason": "erased", "email": "wilma@x.org"})
    assert bureau.lead_of("wilma@x.org")
    bureau.run()
    assert bureau.traces("wilma@", "Wilhelmina") == []
    assert bureau.lead_of("bob@x.org")
    (made,) = bureau.get("/erasures")["items"]
    assert (made["status"], made["via"]) == ("done", "webhook")
    assert bureau.balance() == []


def test_the_same_event_again_does_not_erase_who_wrote_again(bureau: Bureau) -> None:
    """A redelivery is no new request."""
    event = {"key": "1", "reason": "erased", "email": "wilma@x.org"}
    deliver(bureau, event)
    bureau.run()
    bureau.live.upsert.one(touch(3, email="wilma@x.org"))
    deliver(bureau, event)
    bureau.run()
    assert bureau.lead_of("wilma@x.org")
    assert len(bureau.get("/erasures")["items"]) == 1


def test_a_phone_that_is_somebody_elses_erases_nobody(bureau: Bureau) -> None:
    """The event's person is erased; their family's phone keeps the others."""
    bureau.live.upsert.one(touch(1, email="wilma@x.org", phone="+34600777777"))
    bureau.live.upsert.one(touch(2, email="bob@x.org", phone="+34600777777"))
    deliver(bureau, {"key": "1", "reason": "erased", "email": "wilma@x.org"})
    bureau.run()
    assert bureau.lead_of("bob@x.org")
    assert bureau.balance() == []


def test_where_the_queue_does_not_answer_the_sweep_erases(bureau: Bureau) -> None:
    """The event was noted, so nothing is lost."""
    bureau.live.upsert.one(touch(1, email="wilma@x.org"))
    deliver(bureau, {"key": "1", "reason": "erased", "email": "wilma@x.org"})
    bureau.chunks.take()
    assert bureau.sweep()["erasures"] == 0
    bureau.moment = bureau.moment.replace(hour=bureau.moment.hour + 1)
    assert bureau.sweep()["erasures"] == 1
    bureau.run()
    assert bureau.traces("wilma@") == []
