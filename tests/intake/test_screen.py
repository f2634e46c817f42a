"""Screening: in which order, what is told to the sender, and what happens during an outage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import altcha
import pytest

from chalicelib.captchas import FAILED, MISSING, REUSED, CaptchaVerdict, Check
from chalicelib.captchas import altcha as altcha_service
from chalicelib.errors import Unavailable
from chalicelib.intake.form import CaptchaRule, FormPost, issue_token
from chalicelib.intake.screen import screen
from chalicelib.model import Problem, Raw, Screened, Verdict
from chalicelib.ports import Answer, Outgoing
from tests.intake.form_factories import NOW, SECRET, TURNSTILE, draft, form, post

ANA: dict[str, Raw] = {"email": "ana@example.com"}
ANSWERED: dict[str, Raw] = {**ANA, "cf-turnstile-response": "t"}
GUARDED = form(captcha=TURNSTILE)
PASSED = CaptchaVerdict(passed=True)
DOWN = CaptchaVerdict(unavailable=True, details=("no-answer",))


@dataclass
class Service:
    """A captcha service with fixed verdicts by service; remembers what it was asked."""

    verdicts: Mapping[str, CaptchaVerdict] = field(default_factory=lambda: {"turnstile": PASSED})
    asked: list[tuple[CaptchaRule, Check]] = field(default_factory=list)

    def __call__(self, rule: CaptchaRule, check: Check) -> CaptchaVerdict:
        """The verdict of the rule's service."""
        self.asked.append((rule, check))
        return self.verdicts[rule.service]


@dataclass
class Memory:
    """Remembers who spent what."""

    spent: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    def __call__(self, key: str, owner: str, expires: datetime) -> bool:
        """Whether another owner spent it."""
        return self.spent.setdefault(key, (owner, expires))[0] != owner


def judge(
    taken: FormPost,
    *problems: Problem,
    service: Callable[[CaptchaRule, Check], CaptchaVerdict] | None = None,
    seen: Memory | None = None,
    now: datetime = NOW,
    **changes: Any,
) -> Screened:
    """Screen a post of the demo form, changed."""
    return screen(
        draft(taken, *problems),
        taken,
        form(**changes),
        captcha=service or Service(),
        seen=seen or Memory(),
        now=now,
        secret=SECRET,
    )


def test_a_plain_post_goes_through() -> None:
    """Without trap, token and captcha there is nothing to hold against a post."""
    assert judge(post(ANA)) == Screened()


def test_a_filled_trap_is_spam() -> None:
    """Whoever fills the field that no person sees is a bot, whatever else the post holds."""
    service = Service()
    taken = post({**ANA, "website_confirm": "x"}, form(captcha=TURNSTILE))
    problem = Problem("phone", "phone_invalid")
    screened = judge(taken, problem, service=service, captcha=TURNSTILE)
    assert screened == Screened(Verdict.SPAM, "honeypot")
    assert service.asked == []


@pytest.mark.parametrize(
    ("age", "verdict", "reason"),
    [
        (None, Verdict.SPAM, "token_missing"),
        (-1, Verdict.SPAM, "token_invalid"),
        (1, Verdict.REVIEW, "token_fast"),
        (10, Verdict.THROUGH, ""),
        (1000, Verdict.REVIEW, "token_expired"),
    ],
)
def test_tokens(age: int | None, verdict: Verdict, reason: str) -> None:
    """No page of ours lacks a token; an old or quick one may be a person's and is looked at."""
    secret = b"another" if age == -1 else SECRET
    issued = NOW - timedelta(seconds=abs(age or 0))
    token = "" if age is None else issue_token(secret, "contact", issued, "n")
    rule = {"required": True, "seconds": 600, "min_seconds": 2}
    assert judge(post({**ANA, "_token": token}), token=rule) == Screened(verdict, reason)


def test_a_token_nobody_asked_for_is_not_judged() -> None:
    """A form that needs no token does not mind a bad one."""
    assert judge(post({**ANA, "_token": "x"})) == Screened()


def test_the_captcha_is_asked_with_all_it_needs() -> None:
    """The check carries response, submission, caller, hosts and action."""
    service = Service()
    rule = {**TURNSTILE, "hosts": ["example.com"], "action": "contact"}
    taken = post({**ANA, "cf-turnstile-response": "t"}, form(captcha=rule))
    assert judge(taken, service=service, captcha=rule) == Screened()
    ((_, check),) = service.asked
    assert (check.response, check.secret, check.site_key) == ("t", "hush", "site")
    assert (check.submission, check.ip) == (taken.submission.id, "203.0.113.9")
    assert (check.hosts, check.action, check.form) == (("example.com",), "contact", "contact")


@pytest.mark.parametrize("code", [MISSING, FAILED, REUSED])
def test_a_captcha_failure_is_told(code: str) -> None:
    """A captcha that is missing, failed or spent is refused with its code, to be solved again."""
    service = Service({"turnstile": CaptchaVerdict(code=code)})
    screened = judge(post(ANSWERED, GUARDED), service=service, captcha=TURNSTILE)
    assert screened == Screened(Verdict.REFUSED, code, (Problem("captcha", code),))


def test_an_invalid_post_keeps_its_captcha() -> None:
    """A post that has to be sent again does not burn an answer that may be used once."""
    service = Service()
    problem = Problem("phone", "phone_invalid")
    assert judge(post(ANSWERED, GUARDED), problem, service=service, captcha=TURNSTILE) == Screened()
    assert service.asked == []
    flag = Problem("phone", "phone_invalid", fatal=False)
    assert judge(post(ANSWERED, GUARDED), flag, service=service, captcha=TURNSTILE) == Screened()
    assert len(service.asked) == 1


def test_a_doubtful_token_does_not_spare_the_captcha() -> None:
    """An expired token is no way around the captcha; with it the post is looked at."""
    token = issue_token(SECRET, "contact", NOW - timedelta(days=9), "n")
    taken = post({**ANSWERED, "_token": token}, GUARDED)
    asks: dict[str, Any] = {"captcha": TURNSTILE, "token": {"required": True}}
    failed = Service({"turnstile": CaptchaVerdict(code=FAILED)})
    assert judge(taken, service=failed, **asks).verdict == Verdict.REFUSED
    assert judge(taken, **asks) == Screened(Verdict.REVIEW, "token_expired")
    open_: dict[str, Any] = {**asks, "captcha": {**TURNSTILE, "outage": "open"}}
    both = Screened(Verdict.REVIEW, "token_expired,captcha_unavailable")
    assert judge(taken, service=Service({"turnstile": DOWN}), **open_) == both


def test_open_lets_through_with_a_mark() -> None:
    """While its captcha is down an `open` form takes posts and marks them."""
    rule = {**TURNSTILE, "outage": "open"}
    screened = judge(post(ANA), service=Service({"turnstile": DOWN}), captcha=rule)
    assert screened == Screened(Verdict.THROUGH, "captcha_unavailable")


@pytest.mark.parametrize("outage", ["closed", "degrade"])
def test_closed_asks_to_come_back(outage: str) -> None:
    """A `closed` form answers 503 while its captcha is down, and so does `degrade` without proof."""
    rule = {**TURNSTILE, "outage": outage}
    taken, service = post(ANA), Service({"turnstile": DOWN})
    with pytest.raises(Unavailable) as caught:
        judge(taken, service=service, captcha=rule)
    assert (caught.value.status, caught.value.code) == (503, "captcha_unavailable")
    assert caught.value.retry_after


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [(PASSED, Verdict.THROUGH), (CaptchaVerdict(code=FAILED), Verdict.REFUSED)],
)
def test_degrade_takes_a_proof_of_work(verdict: CaptchaVerdict, expected: Verdict) -> None:
    """While its captcha is down a `degrade` form judges a proof of work instead, if there is one."""
    service = Service({"turnstile": DOWN, "altcha": verdict})
    taken = post({**ANA, "altcha": "proof"}, form(captcha=TURNSTILE))
    assert judge(taken, service=service, captcha=TURNSTILE).verdict == expected
    rule, check = service.asked[-1]
    assert (rule.service, check.response, check.secret) == ("altcha", "proof", "")


def nobody(request: Outgoing) -> Answer:
    """A sender that must not be asked."""
    raise AssertionError(request)


def ask_altcha(rule: CaptchaRule, check: Check) -> CaptchaVerdict:
    """The real proof of work."""
    assert rule.service == "altcha"
    return altcha_service.verify(check, nobody)


def test_a_proof_of_work_is_spent_by_one_post() -> None:
    """A solved challenge passes for its post, again for the same post, and for no other."""
    now, memory = datetime.now(UTC), Memory()
    work = altcha_service.Work(cost=2, least=1, most=9)
    made = altcha_service.challenge(SECRET, "contact", now, work=work)
    challenge = altcha.Challenge.from_dict(made)
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    response = altcha.Payload(challenge, solution).to_base64()
    asks: dict[str, Any] = {
        "captcha": {"service": "altcha"},
        "service": ask_altcha,
        "seen": memory,
        "now": now,
    }
    definition = form(captcha={"service": "altcha"})

    first = post({**ANA, "_id": "1", "altcha": response}, definition)
    other = post({**ANA, "_id": "2", "altcha": response}, definition)
    assert judge(first, **asks) == Screened()
    assert judge(first, **asks) == Screened()
    assert judge(other, **asks).reason == REUSED
    assert list(memory.spent) == [f"contact:{made['signature']}"]
