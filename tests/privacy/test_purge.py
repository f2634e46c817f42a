"""The unresponsive: found by rule, reviewed, taken away in steps, and never written to again."""

import contextlib
import json
from dataclasses import replace

import pytest

from chalicelib import errors
from chalicelib.model import Door
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger
from tests.privacy.bureau import Bureau
from tests.store.people import RING, touch

DAY_MS = 86_400_000


def now_ms(bureau: Bureau) -> int:
    """The time."""
    return int(bureau.moment.timestamp() * 1000)


def stop(bureau: Bureau, letter: str, text: str, reason: Reason, days: int) -> None:
    """Somebody stopped so many days ago."""
    word = Word(now_ms(bureau) - days * DAY_MS, Door.WEBHOOK, "receipt")
    Ledger(bureau.table, RING).suppress(RING.key(letter, text), reason, word)


@pytest.fixture
def bureau() -> Bureau:
    """Some who do not answer, and some who do."""
    made = Bureau()
    old = now_ms(made) - 400 * DAY_MS
    people = {
        "left@x.org": "", "bounced@x.org": "", "reachable@x.org": "+34600000001",
        "fine@x.org": "", "lately@x.org": "",
    }  # fmt: skip
    for number, (email, phone) in enumerate(people.items(), 1):
        one = touch(number, email=email, phone=phone, first_name=email)
        made.live.upsert.one(replace(one, received_ms=old, submitted_ms=old))
    stop(made, "e", "left@x.org", Reason.UNSUBSCRIBED, 200)
    stop(made, "e", "bounced@x.org", Reason.BOUNCED, 200)
    stop(made, "e", "reachable@x.org", Reason.BOUNCED, 200)
    stop(made, "e", "lately@x.org", Reason.UNSUBSCRIBED, 5)
    return made


def ask(bureau: Bureau, **rule: object) -> str:
    """Ask for a purge, and let it look."""
    made = bureau.post("/purges", {"after_days": 180, **rule})["purge"]
    bureau.run()
    assert bureau.get("/purges/{purge}", purge=made)["status"] == "review"
    return str(made)


def names(bureau: Bureau, purge: str) -> list[str]:
    """Who a purge is about."""
    items = bureau.get("/purges/{purge}/leads", purge=purge)["items"]
    return sorted(one["lead"]["values"]["email"] for one in items)


def test_it_finds_who_does_not_answer_and_waits_for_a_person(bureau: Bureau) -> None:
    """By reason and age; whoever can be reached another way is left alone unless told."""
    purge = ask(bureau)
    assert names(bureau, purge) == ["bounced@x.org", "left@x.org"]
    assert bureau.get("/purges/{purge}", purge=purge)["found"] == 2
    assert names(bureau, ask(bureau, reasons=["bounced"])) == ["bounced@x.org"]
    reachable = ask(bureau, reasons=["bounced"], reachable=False)
    assert names(bureau, reachable) == ["bounced@x.org", "reachable@x.org"]
    assert names(bureau, ask(bureau, after_days=0)) == [
        "bounced@x.org",
        "lately@x.org",
        "left@x.org",
    ]
    assert bureau.lead_of("left@x.org")


def test_committed_it_erases_them_and_they_stay_suppressed(bureau: Bureau) -> None:
    """Each with a certificate; the reason that stood still stands."""
    purge = ask(bureau)
    bureau.post("/purges/{purge}/commit", purge=purge)
    bureau.run()
    done = bureau.get("/purges/{purge}", purge=purge)
    assert (done["status"], done["counts"]) == ("done", {"erased": 2})
    assert bureau.traces("left@x.org", "bounced@x.org") == []
    assert bureau.lead_of("fine@x.org")
    found = bureau.get("/suppressions", q_email="left@x.org")["items"]
    assert found[0]["reasons"] == ["erased", "unsubscribed"]
    assert {one["via"] for one in bureau.get("/erasures")["items"]} == {"purge"}
    assert bureau.balance() == []


def test_whoever_was_taken_off_the_list_or_came_back_stays(bureau: Bureau) -> None:
    """By the reviewer's hand, or because they wrote."""
    purge = ask(bureau)
    bureau.ask(
        "DELETE", "/purges/{purge}/leads/{lead}", purge=purge, lead=bureau.lead_of("left@x.org")
    )
    assert bureau.get("/purges/{purge}", purge=purge)["found"] == 1
    back = touch(50, email="bounced@x.org")
    bureau.live.upsert.one(replace(back, received_ms=now_ms(bureau), submitted_ms=now_ms(bureau)))
    bureau.post("/purges/{purge}/commit", purge=purge)
    bureau.run()
    assert bureau.get("/purges/{purge}", purge=purge)["counts"] == {"active_since": 1}
    assert bureau.lead_of("left@x.org")
    assert bureau.lead_of("bounced@x.org")


def test_archived_they_are_tagged_and_it_can_be_taken_back(bureau: Bureau) -> None:
    """By a touch like every other."""
    purge = ask(bureau, action="archive")
    bureau.post("/purges/{purge}/commit", purge=purge)
    bureau.run()
    lead = bureau.get("/leads/{lead}", lead=bureau.lead_of("left@x.org"))
    assert lead["tags"] == ["archived"]
    assert lead["suppressed"] == ["unsubscribed"]
    assert bureau.balance() == []


def test_cancelled_it_takes_nobody_more(bureau: Bureau) -> None:
    """Between review and commit, and while it commits."""
    purge = ask(bureau)
    bureau.post("/purges/{purge}/commit", purge=purge)
    bureau.post("/purges/{purge}/cancel", purge=purge)
    bureau.run()
    assert bureau.get("/purges/{purge}", purge=purge)["status"] == "cancelled"
    assert bureau.lead_of("left@x.org")
    with pytest.raises(errors.Conflict):
        bureau.post("/purges/{purge}/commit", purge=purge)


def test_a_message_that_comes_again_counts_once(bureau: Bureau) -> None:
    """Finding and committing alike."""
    purge = bureau.post("/purges", {"after_days": 180})["purge"]
    for path in ("", "/commit"):
        if path:
            bureau.post("/purges/{purge}/commit", purge=purge)
        while messages := bureau.chunks.take():
            for message in messages:
                bureau.deliver(json.loads(message))
                bureau.deliver(json.loads(message))
    done = bureau.get("/purges/{purge}", purge=purge)
    assert (done["found"], done["counts"]) == (2, {"erased": 2})


@pytest.mark.parametrize("after", range(5, 200, 13))
def test_a_worker_may_die_ahead_of_any_request(bureau: Bureau, after: int) -> None:
    """The sweep goes on with it; nobody is counted twice, nobody is left."""
    purge = ask(bureau)
    bureau.post("/purges/{purge}/commit", purge=purge)
    left = [after]

    def before(_name: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    bureau.table.before = bureau.bucket.before = before
    with contextlib.suppress(KeyboardInterrupt):
        bureau.run()
    bureau.table.before = bureau.bucket.before = lambda _name: None
    for day in (3, 5, 7):
        bureau.moment = bureau.moment.replace(day=day)
        bureau.sweep()
        bureau.run()
    done = bureau.get("/purges/{purge}", purge=purge)
    assert done["status"] == "done"
    assert sum(done["counts"].values()) == 2
    assert bureau.traces("left@x.org", "bounced@x.org") == []
    assert bureau.balance() == []
