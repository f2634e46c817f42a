"""Limits, lists, content and captchas at the form door, from the request to what is stored."""

import base64
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import altcha
import pytest

from chalicelib import errors
from chalicelib.captchas import altcha as service
from chalicelib.doors import front
from chalicelib.intake.demo_form import DEMO_FORM
from chalicelib.model import Fate, Response
from chalicelib.ports import Answer
from chalicelib.store.release import release
from tests.live import Stage, asked

ANA = {"email": "ana@example.com", "phone": "600123456", "first_name": "Ana"}
OFF: dict[str, Any] = {"limits": {}}


@pytest.fixture
def stage() -> Stage:
    return Stage()


def post(
    stage: Stage,
    fields: dict[str, Any],
    address: str = "192.0.2.1",
    accept: str = "application/json",
) -> Response:
    """A post from an address."""
    body = json.dumps(fields).encode()
    request = asked("POST", "/forms/contact", body, content_type="application/json", accept=accept)
    return front.form(stage.live, "contact", replace(request, ip=address))


def fates(stage: Stage) -> Counter[str]:
    """How many submissions have which fate."""
    return Counter(str(touch.fate) for touch in stage.stored.touches.values())


@pytest.mark.parametrize("kind", ["address", "form"])
def test_of_many_posts_at_once_exactly_the_limit_is_stored(stage: Stage, kind: str) -> None:
    """A limit of 20 and 100 posts from 16 threads: 20 stored and answered, 80 told to wait."""
    stage.put_form("contact", {"limits": {kind: {"count": 20, "seconds": 3600}}})
    people = [{**ANA, "email": f"a{n}@example.com", "phone": ""} for n in range(100)]
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda fields: post(stage, fields), people))
    assert Counter(answer.status for answer in made) == {200: 20, 429: 80}
    assert all(0 < int(a.headers["Retry-After"]) <= 3600 for a in made if a.status == 429)
    assert fates(stage) == {"created": 20}


def test_a_window_ends_and_addresses_count_apart(stage: Stage) -> None:
    """One post a minute from an address: another address is not held up, nor the next minute."""
    stage.put_form("contact", {"limits": {"address": {"count": 1, "seconds": 60}}})
    assert [post(stage, ANA, address).status for address in ("192.0.2.1", "192.0.2.1")] == [
        200,
        429,
    ]
    assert post(stage, ANA, "192.0.2.2").status == 200
    stage.moment += timedelta(seconds=60)
    assert post(stage, ANA).status == 200
    v6 = [post(stage, ANA, f"2001:db8::{n}").status for n in (1, 2)]
    assert v6 == [200, 429], "one line has a whole /64"


def test_a_browser_over_the_limit_gets_a_page(stage: Stage) -> None:
    """429 as a page, in the form's language, with when to come again."""
    stage.put_form("contact", {"limits": {"form": {"count": 1, "seconds": 60}}})
    post(stage, ANA)
    made = post(stage, ANA, accept="text/html")
    assert (made.status, made.headers["Retry-After"]) == (429, "60")
    assert made.headers["Content-Type"].startswith("text/html")


def test_no_address_is_kept(stage: Stage) -> None:
    """After limits have counted it the address stands nowhere in the table."""
    stage.put_form("contact", {"limits": {"address": {"count": 9}, "form": {"count": 9}}})
    post(stage, ANA, "203.0.113.77")
    assert any(key.pk.startswith("LIMIT#") for key in stage.table.items)
    assert "203.0.113.77" not in repr(stage.table.items)


def test_limits_that_cannot_be_counted_let_through(stage: Stage) -> None:
    """The table is away: the post is spilled and answered 202, not refused."""

    def away(_name: str) -> None:
        raise errors.Unavailable("the table is away")

    stage.put_form("contact", {"limits": {"address": {"count": 9}}})
    stage.table.before = away
    assert post(stage, ANA).status == 202
    assert len(stage.spill.sent) == 1


def test_a_post_with_limits_and_a_captcha_takes_at_most_six_requests(stage: Stage) -> None:
    """Address, form, captcha, and the store: counted, of a third party and of our own."""
    turnstile = {"service": "turnstile", "site_key": "site", "secret": "hush"}
    limits = {"address": {"count": 9}, "form": {"count": 9}}
    stage.put_form("contact", {"captcha": turnstile, "limits": limits})
    stage.send.answer = Answer(200, b'{"success": true}')
    for _ in range(2):
        stage.table.requests.clear()
        assert post(stage, {**ANA, "cf-turnstile-response": "passes"}).status == 200
        assert sum(stage.table.requests.values()) + len(stage.send.asked) <= 6
        stage.send.asked.clear()


def test_listed_senders_see_success_and_are_spam(stage: Stage) -> None:
    """A blocked domain: the same answer as everybody's, kept as spam, and it can be released."""
    stage.put_form("contact", {**OFF, "blocklist": {"emails": ["*@example.com"]}})
    made = post(stage, ANA)
    assert (made.status, set(json.loads(made.body))) == (200, {"receipt", "message"})
    (touch,) = stage.stored.touches.values()
    assert (touch.fate, touch.reason) == (Fate.SPAM, "blocked_email")
    assert stage.stored.leads == {}


@pytest.mark.parametrize(
    ("message", "fate", "reason"),
    [
        ("Could you call me?", "created", ""),
        ("See http://a.example http://b.example www.c.example", "created", "content_3,"),
        ("<a href='x'>this</a>", "quarantined", "content_5,"),
        ("<a href='x'>online casino</a> http://x.example", "spam", "content_9,"),
    ],
)
def test_content_is_scored_and_explained(
    stage: Stage, message: str, fate: str, reason: str
) -> None:
    """Through, flagged, held or spam by the score; the reason names score and signals."""
    stage.put_form("contact", OFF)
    assert post(stage, {**ANA, "message": message}).status == 200
    (touch,) = stage.stored.touches.values()
    assert str(touch.fate) == fate
    assert touch.reason.startswith(reason)
    assert bool(reason) == any(p.code.startswith("content_") for p in touch.problems)


def test_what_was_held_can_be_released(stage: Stage) -> None:
    """A person says that a message with a link was meant: it becomes a lead."""
    stage.put_form("contact", OFF)
    post(stage, {**ANA, "message": "<a href='x'>my site</a>"})
    (touch,) = stage.stored.touches.values()
    release(stage.live.upsert, touch, "somebody")
    assert fates(stage) == {"created": 1}
    assert stage.balance() == []


DOWN, UP = Answer(500, b""), Answer(200, b'{"success": true, "hostname": "x"}')


def guarded(stage: Stage, outage: str, answer: Answer) -> str:
    """A form with a third party's captcha; a solved proof of work."""
    captcha = {"service": "turnstile", "site_key": "site", "secret": "hush", "outage": outage}
    stage.put_form("contact", {**OFF, "captcha": captcha})
    stage.send.answer = answer
    request = asked("GET", "/forms/contact/token")
    told = json.loads(front.form_token(stage.live, "contact", request).body)
    assert bool(told["challenge"]) == (outage == "degrade")
    # The library reads the day's clock; and a challenge that is quick to solve does here.
    stage.moment = datetime.now(UTC)
    quick = service.Work(cost=2, least=1, most=9)
    return solution(service.challenge(stage.outside.secret, "contact", stage.moment, work=quick))


def solution(challenge: dict[str, Any]) -> str:
    """What the pages' script makes of a challenge."""
    solved = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert solved is not None
    text = json.dumps({"challenge": challenge, "solution": solved.to_dict()})
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("answer", ["", "solved"])
@pytest.mark.parametrize(
    ("outage", "with_proof", "status"),
    [("degrade", True, 200), ("degrade", False, 503), ("open", False, 200), ("closed", True, 503)],
)
def test_while_the_service_is_down_the_policy_decides(
    stage: Stage, answer: str, outage: str, with_proof: bool, status: int
) -> None:
    """Whether its script still came or not: a proof of work, a flag, or 503 and when to come again."""
    proof = guarded(stage, outage, DOWN)
    told = {**ANA, "cf-turnstile-response": answer, "altcha": proof if with_proof else ""}
    made = post(stage, told)
    assert made.status == status
    assert fates(stage) == ({"created": 1} if status == 200 else {})
    if status == 503:
        assert json.loads(made.body)["code"] == "captcha_unavailable"
        assert int(made.headers["Retry-After"]) > 0
    if outage == "open":
        (touch,) = stage.stored.touches.values()
        assert touch.reason == "captcha_unavailable"


def test_where_only_the_script_did_not_come_a_person_looks(stage: Stage) -> None:
    """The service answers, the visitor has a proof of work instead: kept, held, once."""
    proof = guarded(stage, "degrade", UP)
    assert post(stage, {**ANA, "altcha": proof}).status == 200
    (touch,) = stage.stored.touches.values()
    assert (touch.fate, touch.reason) == (Fate.QUARANTINED, "captcha_missing")
    other = post(stage, {**ANA, "altcha": proof, "first_name": "Eva"})
    assert json.loads(other.body)["errors"][0]["code"] == "captcha_reused"


@pytest.mark.parametrize("outage", ["degrade", "open", "closed"])
def test_nothing_counts_as_no_answer(stage: Stage, outage: str) -> None:
    """A service whose test keys let everything pass is not asked to pass what nobody solved."""
    guarded(stage, outage, UP)
    made = post(stage, ANA)
    assert made.status == 422
    assert json.loads(made.body)["errors"][0]["code"] == "captcha_missing"


def test_a_browser_without_a_script_is_told_plainly(stage: Stage) -> None:
    """A page with one sentence while the service is down, in the form's language."""
    guarded(stage, "degrade", DOWN)
    made = post(stage, ANA, accept="text/html")
    assert made.status == 503
    assert "another check takes its place" in str(made.body)


@pytest.mark.parametrize("more", [{}, {"first_name": "Anna"}])
def test_no_call_tells_who_is_known(stage: Stage, more: dict[str, Any]) -> None:
    """With limits, a captcha, a mail to the owner and a file: the same calls for new and known.

    Of every port, in kind and number; and the same answer but for the receipt.
    """
    stage.live.outside = replace(stage.outside, mail=stage.mails)
    stage.put_form(
        "contact",
        {
            "fields": {**DEMO_FORM["fields"], "cv": {"type": "file"}},
            "captcha": {"service": "turnstile", "site_key": "site", "secret": "hush"},
            "limits": {"address": {"count": 99}, "form": {"count": 99}},
            "notify": {"to": ["owner@example.org"]},
            "languages": ["en"],
            "autoresponse": {"subject": {"en": "Hello"}, "text": {"en": "Thanks"}},
        },
    )
    stage.send.answer = UP
    made = [_with_file(stage, ANA), _with_file(stage, {**ANA, **more})]
    made.append(_with_file(stage, {"phone": ANA["phone"], "email": "other@example.com"}))
    assert fates(stage)["created"] == 2
    assert made[0] == made[1] == made[2]


def _with_file(stage: Stage, fields: dict[str, Any]) -> Any:
    """What the outside sees of a post with a file, and what it cost inside."""
    told = {"field": "cv", "filename": "cv.pdf", "size": 5}
    leave = front.form_uploads(
        stage.live, "contact", asked("POST", "/x", json.dumps(told).encode())
    )
    upload = json.loads(leave.body)
    stage.files.write(upload["fields"]["key"], b"%PDF-1.7")
    stage.table.requests.clear()
    stage.send.asked.clear()
    sent, kept = len(stage.mails.sent), len(stage.files.held)
    answer = post(stage, {**fields, "cv": upload["upload"], "cf-turnstile-response": "passes"})
    said = {name: text for name, text in json.loads(answer.body).items() if name != "receipt"}
    return (
        (answer.status, answer.headers, said),
        dict(stage.table.requests),
        len(stage.send.asked),
        len(stage.mails.sent) - sent,
        len(stage.files.held) - kept,
    )
