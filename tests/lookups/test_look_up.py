"""One message of the lookups queue: what is found is kept, what is fresh is not asked again."""

import json
from collections import Counter
from datetime import timedelta

import pytest

from chalicelib.intake.identify import EMAIL
from chalicelib.intake.mail import COUNTS, Finding, Reach
from chalicelib.lookups.look_up import look_up
from chalicelib.store import findings
from tests.live import Stage


class World:
    """Domains and mailboxes as they are, and who asked for them."""

    def __init__(self, **reaches: Reach) -> None:
        self.reaches = {name.replace("_", "."): reach for name, reach in reaches.items()}
        self.asked: Counter[str] = Counter()

    def __call__(self, name: str) -> tuple[Reach, str]:
        self.asked[name] += 1
        return self.reaches.get(name, Reach.UNKNOWN), "because"


def finding(stage: Stage, domain: str) -> Finding | None:
    key = findings.domain_key(domain)
    return findings.find(stage.table, [key]).get(key)


def test_what_is_found_is_kept_with_reason_and_time() -> None:
    """And goes away by itself when nobody asks any more."""
    stage, world = (
        Stage(),
        World(a_example_org=Reach.DELIVERABLE, b_example_org=Reach.UNDELIVERABLE),
    )
    look_up({"domains": ["a.example.org", "b.example.org"]}, stage.outside, stage.live.ring, world)
    found = finding(stage, "b.example.org")
    assert found == Finding(Reach.UNDELIVERABLE, ("because",), int(stage.moment.timestamp() * 1000))
    assert stage.table.items[findings.domain_key("a.example.org")]["ttl"]


@pytest.mark.parametrize(
    ("reach", "hours"),
    [(Reach.DELIVERABLE, 30 * 24), (Reach.UNDELIVERABLE, 24), (Reach.UNKNOWN, 1)],
)
def test_a_message_that_comes_again_asks_nobody(reach: Reach, hours: int) -> None:
    """Until the finding is stale, which a bad one is sooner than a good one."""
    stage, world = Stage(), World(a_example_org=reach)
    for later, times in ((0, 1), (hours - 0.1, 1), (hours, 2)):
        stage.moment += timedelta(hours=later)
        look_up({"domains": ["a.example.org"]}, stage.outside, stage.live.ring, world)
        assert world.asked["a.example.org"] == times
        stage.moment -= timedelta(hours=later)


def test_a_bad_finding_stops_counting_when_it_is_old() -> None:
    """What nobody could ask again for a week says nothing any more."""
    bad = Finding(Reach.UNDELIVERABLE, ("no_domain",), 1000)
    assert bad.bad(1000 + COUNTS - 1)
    assert not bad.bad(1000 + COUNTS)
    assert not Finding(Reach.UNKNOWN, (), 1000).bad(1001)


def test_a_verifier_is_asked_about_addresses_whose_domain_takes_mail() -> None:
    """Its findings lie under a keyed hash: no address stands in the table."""
    stage = Stage()
    domains = World(a_example_org=Reach.DELIVERABLE, b_example_org=Reach.UNDELIVERABLE)
    mailboxes = World()
    mailboxes.reaches["ana@a.example.org"] = Reach.UNDELIVERABLE
    message = {
        "domains": ["a.example.org", "b.example.org"],
        "addresses": ["ana@a.example.org", "eva@b.example.org"],
    }
    for _ in range(2):
        look_up(message, stage.outside, stage.live.ring, domains, mailboxes)
    assert mailboxes.asked == {"ana@a.example.org": 1}
    key = findings.address_key(stage.live.ring.key(EMAIL, "ana@a.example.org"))
    found = findings.find(stage.table, [key])[key]
    assert found.reach is Reach.UNDELIVERABLE
    assert "ana@" not in json.dumps(sorted(map(str, stage.table.items.items())))


def test_without_a_verifier_no_address_is_looked_up() -> None:
    """What the queue still holds from before is left alone."""
    stage, world = Stage(), World()
    look_up({"addresses": ["ana@a.example.org"]}, stage.outside, stage.live.ring, world)
    assert stage.table.requests == {}
    assert world.asked == {}


@pytest.mark.parametrize("message", [{}, {"domains": "a.example.org"}, {"domains": [1, "", None]}])
def test_a_message_that_names_nothing_does_nothing(message: dict[str, object]) -> None:
    """It is done, not a dead letter."""
    stage, world = Stage(), World()
    look_up(message, stage.outside, stage.live.ring, world)
    assert world.asked == {}
