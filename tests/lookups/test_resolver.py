"""What a domain's records mean, and that no resolver can condemn, bless or delay anybody."""

import time

import dns.message
import dns.rcode
import pytest

from chalicelib.intake.mail import Reach
from chalicelib.lookups.resolver import UNSOUND, Resolver
from tests.lookups import stub_dns
from tests.lookups.stub_dns import Answerer, serving

BUDGET = 0.4


@pytest.mark.parametrize(
    ("domain", "reach", "reason"),
    [
        ("mx.example.org", Reach.DELIVERABLE, "mx"),
        ("address.example.org", Reach.DELIVERABLE, "address_record"),
        ("six.example.org", Reach.DELIVERABLE, "address_record"),
        ("méxico.example.org", Reach.DELIVERABLE, "mx"),
        ("null.example.org", Reach.UNDELIVERABLE, "null_mx"),
        ("bare.example.org", Reach.UNDELIVERABLE, "no_mail_host"),
        ("nowhere.example.org", Reach.UNDELIVERABLE, "no_domain"),
        ("a" * 70 + ".example.org", Reach.UNKNOWN, "name_unreadable"),
        ("..", Reach.UNKNOWN, "name_unreadable"),
    ],
)
def test_records_make_the_verdict(domain: str, reach: Reach, reason: str) -> None:
    """MX, else an address; the null MX and the missing domain take no mail."""
    with serving(stub_dns.truthful) as server:
        assert Resolver(server.where, budget=3).find(domain) == (reach, reason)


@pytest.mark.parametrize(
    "answer",
    [
        stub_dns.hanging,
        stub_dns.failing(dns.rcode.REFUSED),
        stub_dns.failing(dns.rcode.SERVFAIL),
        stub_dns.failing(dns.rcode.NXDOMAIN),
        stub_dns.blessing,
        stub_dns.garbling,
        stub_dns.misdirecting,
    ],
)
def test_a_resolver_that_is_not_sound_says_nothing(answer: Answerer) -> None:
    """It hangs, refuses, denies everything, has an address for everything, or talks nonsense."""
    with serving(answer) as server:
        resolver = Resolver(server.where, budget=BUDGET)
        started = time.monotonic()
        found = [resolver.find(f"domain{n}.example.org") for n in range(20)]
        assert time.monotonic() - started < 4 * BUDGET + 1
    assert found == [UNSOUND] * 20


def test_nobody_at_the_resolvers_address_says_nothing() -> None:
    """A port that nobody listens at is no verdict either."""
    with serving(stub_dns.hanging) as server:
        where = server.where
    assert Resolver(where, budget=BUDGET).find("mx.example.org") == UNSOUND


def test_a_sound_resolver_that_hangs_at_one_domain_costs_its_budget() -> None:
    """That domain is unknown; the others are found."""

    def answer(query: dns.message.Message) -> bytes | None:
        return None if "slow" in str(query.question[0]) else stub_dns.truthful(query)

    with serving(answer) as server:
        resolver = Resolver(server.where, budget=1.5)
        started = time.monotonic()
        assert resolver.find("slow.example.org") == (Reach.UNKNOWN, "timeout")
        assert resolver.find("mx.example.org") == (Reach.DELIVERABLE, "mx")
        assert time.monotonic() - started < 6
