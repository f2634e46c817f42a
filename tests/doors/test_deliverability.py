"""Whether mail arrives is known from the table or not at all: no door waits for the DNS."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import dns.rcode
import pytest

from chalicelib import settings
from chalicelib.doors import front
from chalicelib.intake.mail import Finding, Reach
from chalicelib.lookups.look_up import look_up
from chalicelib.lookups.resolver import Resolver
from chalicelib.model import Fate, Response
from chalicelib.ports import Answer
from chalicelib.store import findings
from chalicelib.wiring import Live
from tests.imports.door import FileDoor
from tests.live import Messages, Stage, asked
from tests.lookups import stub_dns
from tests.lookups.stub_dns import Answerer, serving


@pytest.fixture
def stage() -> Stage:
    """A stage that looks mail domains up."""
    stage = Stage()
    stage.lookups = Messages()  # type: ignore[attr-defined]
    stage.outside = replace(stage.outside, lookups=stage.lookups)  # type: ignore[attr-defined]
    stage.live = Live(stage.live.settings, stage.outside)
    stage.live.catalogue.form("contact")
    stage.table.requests.clear()
    return stage


def messages(stage: Stage) -> list[Any]:
    """What was handed to the lookups queue."""
    queue = stage.outside.lookups
    assert isinstance(queue, Messages)
    return [json.loads(text) for text in queue.sent]


def note(stage: Stage, domain: str, reach: Reach, age_ms: int = 0) -> None:
    at = int(stage.moment.timestamp() * 1000) - age_ms
    stage.table.put(findings.domain_key(domain), findings.item(Finding(reach, ("mx",), at)))
    stage.table.requests.clear()


def post(stage: Stage, email: str, **more: str) -> Response:
    headers: Any = {"content_type": "application/json", "accept": "application/json"}
    content = json.dumps({"email": email, "first_name": "Ana", **more}).encode()
    return front.form(stage.live, "contact", asked("POST", "/forms/contact", content, **headers))


def codes(stage: Stage) -> list[tuple[Fate, list[str]]]:
    return [(t.fate, [p.code for p in t.problems]) for t in stage.stored.touches.values()]


def test_an_unknown_domain_is_stored_and_then_asked_about(stage: Stage) -> None:
    """The first answer is `unknown`: the lead is there, the look-up comes after it."""
    assert post(stage, "ana@new.example.org").status == 200
    assert codes(stage) == [(Fate.CREATED, [])]
    assert messages(stage) == [{"domains": ["new.example.org"], "addresses": []}]


def test_a_big_providers_domain_costs_no_read_and_no_question(stage: Stage) -> None:
    """Everybody knows that Gmail takes mail."""
    post(stage, "ana@gmail.com")
    assert sum(stage.table.requests.values()) == 4
    assert messages(stage) == []


def test_another_domain_costs_one_read_known_or_not(stage: Stage) -> None:
    """One more request for everybody alike: the answer tells nobody who is known."""
    note(stage, "known.example.org", Reach.DELIVERABLE)
    post(stage, "ana@known.example.org")
    first = dict(stage.table.requests)
    stage.table.requests.clear()
    post(stage, "ana@new.example.org")
    assert dict(stage.table.requests) == first
    assert sum(first.values()) == 5


def test_with_limits_and_a_captcha_a_form_makes_at_most_six_requests(stage: Stage) -> None:
    """Of the table, the domain's read among them, the definition being at hand."""
    turnstile = {"service": "turnstile", "site_key": "site", "secret": "hush"}
    limits = {"address": {"count": 9}, "form": {"count": 9}}
    stage.put_form("contact", {"captcha": turnstile, "limits": limits})
    stage.send.answer = Answer(200, b'{"success": true}')
    stage.table.requests.clear()
    solved = {"cf-turnstile-response": "passes"}
    assert post(stage, "ana@new.example.org", phone="600123456", **solved).status == 200
    assert sum(stage.table.requests.values()) <= 6


@pytest.mark.parametrize(
    ("policy", "status", "found"),
    [
        ("block", 422, [(Fate.REJECTED, ["email_domain_missing"])]),
        ("flag", 200, [(Fate.CREATED, ["email_domain_missing"])]),
        ("accept", 200, [(Fate.CREATED, [])]),
    ],
)
def test_a_domain_that_takes_no_mail_follows_the_policy(
    stage: Stage, policy: str, status: int, found: list[tuple[Fate, list[str]]]
) -> None:
    """Refused with the contract's code, kept with a flag, or let be."""
    stage.put_form("contact", {"policies": {"email": policy, "phone": "flag"}})
    note(stage, "gone.example.org", Reach.UNDELIVERABLE)
    made = post(stage, "ana@gone.example.org")
    assert made.status == status
    assert codes(stage) == found
    if status == 422:
        (error,) = json.loads(made.body)["errors"]
        assert (error["field"], error["code"]) == ("email", "email_domain_missing")


@pytest.mark.parametrize(
    ("reach", "days", "flagged", "again"),
    [
        (Reach.UNDELIVERABLE, 0.5, True, False),
        (Reach.UNDELIVERABLE, 2, True, True),
        (Reach.UNDELIVERABLE, 8, False, True),
        (Reach.DELIVERABLE, 29, False, False),
        (Reach.DELIVERABLE, 31, False, True),
        (Reach.UNKNOWN, 1, False, True),
    ],
)
def test_a_stale_finding_is_asked_for_again(
    stage: Stage, reach: Reach, days: float, flagged: bool, again: bool
) -> None:
    """A bad one counts for a week at most, and nobody waits for the new one."""
    note(stage, "old.example.org", reach, int(days * 86_400_000))
    post(stage, "ana@old.example.org")
    assert codes(stage) == [(Fate.CREATED, ["email_domain_missing"] if flagged else [])]
    assert bool(messages(stage)) is again


def test_a_queue_that_does_not_answer_loses_no_lead(stage: Stage) -> None:
    """The next submission asks again."""
    queue = stage.outside.lookups
    assert isinstance(queue, Messages)
    queue.down = True
    assert post(stage, "ana@new.example.org").status == 200
    queue.down = False
    assert post(stage, "eva@new.example.org").status == 200
    assert [fate for fate, _ in codes(stage)] == [Fate.CREATED] * 2
    assert len(messages(stage)) == 1


def test_a_verifier_flags_a_mailbox_that_is_not_there(stage: Stage) -> None:
    """Where single addresses are asked about, both findings come in the same read."""
    stage.outside = replace(stage.outside, verifies=True)
    stage.live = Live(stage.live.settings, stage.outside)
    stage.live.catalogue.form("contact")
    note(stage, "known.example.org", Reach.DELIVERABLE)
    post(stage, "ana@known.example.org")
    assert messages(stage) == [{"domains": [], "addresses": ["ana@known.example.org"]}]
    assert sum(stage.table.requests.values()) == 5

    def gone(_address: str) -> tuple[str, str]:
        return "undeliverable", "rejected_email"

    look_up(messages(stage)[0], stage.outside, stage.live.ring, _nobody, gone)
    post(stage, "ana@known.example.org")
    assert codes(stage)[1] == (Fate.UNCHANGED, ["email_undeliverable"])


def _nobody(domain: str) -> tuple[Reach, str]:
    raise AssertionError(domain)


@pytest.mark.parametrize(
    "answer",
    [
        stub_dns.hanging,
        stub_dns.failing(dns.rcode.REFUSED),
        stub_dns.failing(dns.rcode.NXDOMAIN),
        stub_dns.blessing,
        stub_dns.garbling,
        stub_dns.misdirecting,
    ],
)
def test_no_dns_server_delays_a_form_or_loses_a_lead(stage: Stage, answer: Answerer) -> None:
    """It hangs, refuses, denies or blesses everything: under `block` every post is still taken."""
    stage.put_form("contact", {"policies": {"email": "block", "phone": "flag"}})
    with serving(answer) as server:
        assert post(stage, "ana@mx.example.org").status == 200
        assert server.asked == {}, "a form asks no resolver"
        find = Resolver(server.where, budget=0.3).find
        for message in messages(stage):
            look_up(message, stage.outside, stage.live.ring, find)
        assert server.asked
    assert post(stage, "eva@mx.example.org").status == 200
    assert codes(stage) == [(Fate.CREATED, []), (Fate.CREATED, [])]


def test_a_truthful_dns_server_is_believed(stage: Stage) -> None:
    """Once it was asked, a missing domain is refused under `block`, and a good one is not."""
    stage.put_form("contact", {"policies": {"email": "block", "phone": "flag"}})
    post(stage, "ana@nowhere.example.org")
    post(stage, "ana@mx.example.org")
    with serving(stub_dns.truthful) as server:
        find = Resolver(server.where).find
        for message in messages(stage):
            look_up(message, stage.outside, stage.live.ring, find)
    assert post(stage, "eva@nowhere.example.org").status == 422
    assert post(stage, "eva@mx.example.org").status == 200


def test_a_webhooks_lead_is_flagged_and_kept(stage: Stage) -> None:
    """Nobody is there to mend an address."""
    name = "g-3f9aQ7xLm2Zt8Kc5Rv1Wy6"
    stage.put_endpoint(name, {"provider": "generic"})
    note(stage, "gone.example.org", Reach.UNDELIVERABLE)
    body = json.dumps({"email": "ana@gone.example.org"}).encode()
    request = asked("POST", f"/webhooks/generic/{name}", body, content_type="application/json")
    assert front.webhook(stage.live, "generic", name, request).status == 200
    assert codes(stage) == [(Fate.CREATED, ["email_domain_missing"])]


def test_a_chunk_reads_its_domains_in_one_request_and_asks_for_each_once() -> None:
    """250 rows in 40 domains: one read more, four messages of ten."""
    rows = "".join(f"p{n}@d{n % 40}.example.org\n" for n in range(250))
    requests = []
    for lookups in (None, Messages()):
        door = FileDoor()
        door.outside = replace(door.outside, lookups=lookups)
        assert door.import_file("inbox/a.csv", "email\n" + rows)["created"] == 250
        requests.append(door.table.requests["BatchGetItem"])
    assert requests[1] == requests[0] + 1
    assert lookups is not None
    domains = [name for text in lookups.sent for name in json.loads(text)["domains"]]
    assert (len(lookups.sent), len(domains), len(set(domains))) == (4, 40, 40)


@pytest.mark.parametrize(
    ("policy", "found"),
    [("block", {"rejected": 1}), ("flag", {"created": 1}), ("accept", {"created": 1})],
)
def test_an_import_has_a_policy_of_its_own(policy: str, found: dict[str, int]) -> None:
    """The option `checks` says what follows where a row's domain takes no mail."""
    door = FileDoor()
    door.outside = replace(door.outside, lookups=Messages())
    at = int(door.outside.now().timestamp() * 1000)
    bad = Finding(Reach.UNDELIVERABLE, ("no_domain",), at)
    door.table.put(findings.domain_key("gone.example.org"), findings.item(bad))
    metadata = {"inlet-checks": json.dumps({"email": policy})}
    made = door.import_file("inbox/a.csv", "email\nana@gone.example.org\n", metadata)
    assert {name: made[name] for name in ("rejected", "created") if made[name]} == found


def test_look_ups_are_off_unless_a_resolver_is_named() -> None:
    """Locally nobody's DNS is asked; what is named must be an address."""
    named = {f"INLET_{key}": "x" for key in ("TABLE", "BUCKET", "SECRET")}
    named |= {f"INLET_{key}_QUEUE_URL": "q" for key in ("OBJECTS", "CHUNKS", "SPILL", "LOOKUPS")}
    assert settings.read(named).resolver == ""
    assert settings.read({**named, "INLET_RESOLVER": "127.0.0.1:53"}).resolver == "127.0.0.1:53"
    for wrong in ("127.0.0.1", ":53", "host:0", "host:99999", "host:x"):
        with pytest.raises(settings.Misconfigured):
            settings.read({**named, "INLET_RESOLVER": wrong})


def test_no_resolver_is_imported_by_the_doors() -> None:
    """dnspython is half a cold start: only the look-up function pays for it."""
    code = (
        "import sys; import app, chalicelib.imports.work, chalicelib.doors.webhook;"
        "sys.exit(any(name.partition('.')[0] == 'dns' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
