"""What is kept for how long: rules at work, by steps, without a scan."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib import errors
from chalicelib.model import Acquisition, Door, Fate
from chalicelib.privacy import purges, rules
from chalicelib.privacy.retaining import EXPIRED
from chalicelib.store.items import submission_key
from tests.privacy.bureau import Bureau
from tests.store.people import touch

DAY_MS = 86_400_000


@pytest.fixture
def bureau() -> Bureau:
    """A stage with nobody in it, at noon of a day in spring."""
    return Bureau()


def aged(bureau: Bureau, number: int, days: int, **more: Any) -> Any:
    """A touch that came so many days ago."""
    now = int(bureau.moment.timestamp() * 1000)
    special = {name: more.pop(name) for name in ("fate", "raw", "request", "stage") if name in more}
    made = replace(touch(number, **more), received_ms=now - days * DAY_MS, **special)
    made = replace(made, submitted_ms=made.received_ms)
    return made if made.fate is Fate.PENDING else replace(made, node="", keys=())


def configure(bureau: Bureau, *found: dict[str, Any]) -> None:
    """Let these be the rules."""
    bureau.ask("PUT", "/retention", {"rules": list(found)})


def pass_over(bureau: Bureau) -> None:
    """Let every rule run until it has caught up."""
    bureau.moment = bureau.moment.replace(hour=(bureau.moment.hour + 2) % 24)
    bureau.sweep()
    bureau.run()


def test_deliveries_go_when_they_can_be_replayed_no_more(bureau: Bureau) -> None:
    """Without any configuration: small ones on their submissions, large ones in every version."""
    bureau.bucket.write("raw/e/1", b"large")
    store = bureau.live.upsert
    store.one(
        aged(bureau, 1, 91, email="a@x.org", raw="small", request={"x": "y"}, door=Door.WEBHOOK)
    )
    store.one(aged(bureau, 2, 91, email="b@x.org", raw="s3:raw/e/1", door=Door.WEBHOOK))
    store.one(aged(bureau, 3, 80, email="c@x.org", raw="young", door=Door.WEBHOOK))
    store.one(aged(bureau, 4, 91, email="d@x.org", raw="s3:inbox/a.csv"))
    pass_over(bureau)
    raws = {number: bureau.stored.touches[f"{number:032x}"].raw for number in range(1, 5)}
    assert raws == {1: "", 2: "", 3: "young", 4: "s3:inbox/a.csv"}
    assert bureau.bucket.objects == bureau.bucket.kept_back == {}
    assert bureau.balance() == []
    (run,) = bureau.get("/retention/runs")["items"]
    assert (run["seen"], run["done"]) == (3, 2)


def test_what_was_refused_goes_by_its_own_rules(bureau: Bureau) -> None:
    """By fate, door and age; what was released stays, and what is younger."""
    store = bureau.live.upsert
    for number, (fate, days) in enumerate(
        [(Fate.SPAM, 31), (Fate.SPAM, 20), (Fate.QUARANTINED, 31), (Fate.REJECTED, 200)], 1
    ):
        store.one(aged(bureau, number, days, email=f"p{number}@x.org", first_name="Ana", fate=fate))
    configure(
        bureau,
        {"name": "spam", "of": "submissions", "fates": ["spam"], "after_days": 30},
        {
            "name": "held",
            "of": "submissions",
            "fates": ["quarantined", "rejected"],
            "after_days": 180,
        },
    )
    pass_over(bureau)
    touches = bureau.stored.touches
    reasons = {number: touches[f"{number:032x}"].reason for number in range(1, 5)}
    assert {n for n, reason in reasons.items() if reason == EXPIRED} == {1, 4}
    assert not touches[f"{1:032x}"].values
    assert touches[f"{2:032x}"].values
    assert "ttl" in bureau.table.items[submission_key(f"{1:032x}")]


def test_uploads_go_and_the_lead_no_longer_names_them(bureau: Bureau) -> None:
    """The object in every version, and the value that named it."""
    key = f"files/contact/{1:032x}/{'a' * 32}/cv.pdf"
    bureau.bucket.write(key, b"cv")
    bureau.live.upsert.one(aged(bureau, 1, 400, email="a@x.org", cv=key))
    configure(bureau, {"name": "cvs", "of": "uploads", "doors": ["form"], "after_days": 365})
    pass_over(bureau)
    assert bureau.bucket.objects == bureau.bucket.kept_back == {}
    lead = bureau.get("/leads/{lead}", lead=bureau.lead_of("a@x.org"))
    assert "cv" not in lead["values"]
    assert bureau.balance() == []


def test_old_touches_are_condensed_and_the_lead_stays_as_it_is(bureau: Bureau) -> None:
    """The explanation still names who won; verify has nothing to say."""
    for number in range(1, 9):
        bureau.live.upsert.one(
            aged(
                bureau,
                number,
                800 - number,
                email="a@x.org",
                company=f"C{number}",
                phone=f"+3460000000{number}",
            )
        )
    lead = bureau.lead_of("a@x.org")
    before = bureau.get("/leads/{lead}", lead=lead)
    configure(bureau, {"name": "old", "of": "touches", "after_days": 730})
    pass_over(bureau)
    after = bureau.get("/leads/{lead}", lead=lead)
    assert {**after, "version": 0} == {**before, "version": 0}
    assert len(bureau.get("/leads/{lead}/timeline", lead=lead)["items"]) == 3
    assert bureau.balance() == []
    # And an erasure reaches into the base.
    bureau.erase(lead)
    bureau.run()
    assert bureau.traces("a@x.org", "C3", "C8") == []


def test_a_lead_that_nothing_came_of_is_proposed_and_never_taken_away(bureau: Bureau) -> None:
    """By its last touch, its acquisition and its consent."""
    store = bureau.live.upsert
    bought, own = Acquisition.PURCHASED_LIST, Acquisition.OPTED_IN
    store.one(aged(bureau, 1, 500, email="quiet@x.org", acquisition=bought))
    store.one(aged(bureau, 2, 500, email="came@x.org", acquisition=bought))
    store.one(aged(bureau, 3, 10, email="came@x.org", acquisition=bought))
    store.one(aged(bureau, 4, 500, email="own@x.org", acquisition=own))
    store.one(aged(bureau, 5, 500, email="yes@x.org", acquisition=bought, consent="true"))
    rule = {"name": "cold", "of": "leads", "after_days": 365, "acquisitions": ["purchased_list"]}
    configure(bureau, {**rule, "consent": ["none", "refused", "withdrawn"]})
    pass_over(bureau)
    (made,) = bureau.get("/purges")["items"]
    assert (made["status"], made["rule"], made["found"]) == ("review", "cold", 1)
    (one,) = bureau.get("/purges/{purge}/leads", purge=made["purge"])["items"]
    assert one["lead"]["values"]["email"] == "quiet@x.org"
    for _ in range(3):
        pass_over(bureau)
    assert bureau.lead_of("quiet@x.org")
    assert bureau.get("/purges")["items"][0]["found"] == 1


def test_a_rule_reads_each_submission_once_and_steps_again_without_harm(bureau: Bureau) -> None:
    """Steps are bounded; a message that comes again finds the watermark moved."""
    for number in range(1, 121):
        bureau.live.upsert.one(
            aged(bureau, number, 100, email=f"p{number}@x.org", raw="x", door=Door.WEBHOOK)
        )
    bureau.sweep()
    messages = bureau.chunks.take()
    for _ in range(2):
        for message in messages:
            bureau.deliver(json.loads(message))
    bureau.run()
    (run,) = bureau.get("/retention/runs")["items"]
    assert (run["seen"], run["done"]) == (120, 120)
    bureau.table.requests.clear()
    pass_over(bureau)
    assert bureau.table.requests.total() < 20


@settings(max_examples=40)
@given(st.integers(1, 60))
def test_a_worker_may_die_ahead_of_any_request_of_a_rule(after: int) -> None:
    """What it did is done; the rest is done by the next."""
    bureau = Bureau()
    bureau.bucket.write("raw/e/1", b"large")
    for number in range(1, 6):
        bureau.live.upsert.one(
            aged(bureau, number, 91, email=f"p{number}@x.org", raw="x", door=Door.WEBHOOK)
        )
    bureau.live.upsert.one(
        aged(bureau, 9, 91, email="z@x.org", raw="s3:raw/e/1", door=Door.WEBHOOK)
    )
    left = [after]

    def before(_name: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    bureau.table.before = bureau.bucket.before = before
    try:
        bureau.sweep()
        bureau.run()
    except KeyboardInterrupt:
        pass
    bureau.table.before = bureau.bucket.before = lambda _name: None
    bureau.moment = bureau.moment.replace(hour=15)
    bureau.sweep()
    bureau.run()
    assert not any(each.raw for each in bureau.stored.touches.values())
    assert bureau.bucket.objects == {}
    assert bureau.balance() == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"name": "a", "of": "everything", "after_days": 30}, "choice_unknown"),
        ({"name": "a", "of": "raw", "after_days": 3}, "number_invalid"),
        ({"name": "a", "of": "touches", "after_days": 30}, "number_invalid"),
        ({"name": "a", "of": "raw", "after_days": True}, "number_invalid"),
        ({"name": "a b", "of": "raw", "after_days": 30}, "type_invalid"),
        ({"name": "a", "of": "submissions", "after_days": 30}, "required_missing"),
        (
            {"name": "a", "of": "submissions", "after_days": 30, "fates": ["created"]},
            "choice_unknown",
        ),
        ({"name": "a", "of": "raw", "after_days": 30, "consent": ["none"]}, "unknown_field"),
        ({"name": "a", "of": "raw", "after_days": 30, "more": 1}, "unknown_field"),
        ("a rule", "type_invalid"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_name(rule: object, code: str) -> None:
    """Each member that is wrong has its code."""
    with pytest.raises(errors.Rejected) as caught:
        rules.load({"rules": [rule]})
    assert code in {problem.code for problem in caught.value.problems}


def test_a_rule_that_looks_at_something_else_begins_anew(bureau: Bureau) -> None:
    """Its age may change as it likes: what it passed it had treated."""
    bureau.live.upsert.one(aged(bureau, 1, 200, email="a@x.org", fate=Fate.SPAM))
    bureau.live.upsert.one(aged(bureau, 2, 200, email="b@x.org", fate=Fate.QUARANTINED))
    rule = {"name": "r", "of": "submissions", "after_days": 30}
    configure(bureau, {**rule, "fates": ["spam"]})
    pass_over(bureau)
    configure(bureau, {**rule, "fates": ["quarantined"]})
    pass_over(bureau)
    assert {each.reason for each in bureau.stored.touches.values()} == {EXPIRED}
    assert purges.unfinished(bureau.table) == []
