"""Screen: is this a person who means it? Trap, lists, form token, content, captcha, in this order.

What the sender learns (law 7): a captcha that is missing, failed or spent is told, so that a
person can mend it. Every other verdict looks like success, so that a bot learns nothing.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from chalicelib.captchas import MISSING, REUSED, CaptchaVerdict, Check
from chalicelib.errors import Rejected, Unavailable
from chalicelib.intake import form_token
from chalicelib.intake.content import blocked, signals
from chalicelib.intake.form_definition import CaptchaRule, ContentRule, FormDefinition
from chalicelib.intake.form_post import PROOF, FormPost
from chalicelib.model import Draft, Problem, Screened, Verdict
from chalicelib.noun import replace

HONEYPOT = "honeypot"
THROUGH = Verdict.THROUGH
GRAVITY = (Verdict.THROUGH, Verdict.REVIEW, Verdict.SPAM, Verdict.REFUSED)
UNAVAILABLE = "captcha_unavailable"
RETRY_AFTER = 30
# Sent to a service in the place of an answer, to see whether it is there.
PROBE = "no-answer"

# No page of ours leaves the token out or makes one up, so without a genuine one this is a script.
# A person may well keep a tab open overnight, or let the browser fill the form in in a second:
# that is for somebody to look at, not to throw away.
TOKEN_VERDICTS = {
    form_token.MISSING: Verdict.SPAM,
    form_token.INVALID: Verdict.SPAM,
    form_token.EXPIRED: Verdict.REVIEW,
    form_token.FAST: Verdict.REVIEW,
}

# Asks a captcha service; `Check.secret` is filled in where the rule has it by name.
Captcha = Callable[[CaptchaRule, Check], CaptchaVerdict]


class Seen(Protocol):
    """Remembers what may be spent once."""

    def __call__(self, key: str, owner: str, expires: datetime) -> bool:
        """Whether it was spent before by another owner; else it is spent by this one now.

        One conditional insert, kept until `expires`. The owner is the submission, so that the
        same post sent again passes again.
        """


def screen(
    draft: Draft,
    post: FormPost,
    form: FormDefinition,
    *,
    captcha: Captcha,
    seen: Seen,
    now: datetime,
    secret: bytes,
    content: ContentRule | None = None,
) -> Screened:
    """Judge one post; `Unavailable` where its captcha cannot be asked and the form wants it to be.

    A draft with fatal problems is not sent to the captcha: its sender has to send it again, and
    the answer may be used only once. Rejecting it is not for screening to say.
    """
    if post.honeypot:
        return Screened(Verdict.SPAM, HONEYPOT)
    if listed := _blocked(draft, post, form):
        return Screened(Verdict.SPAM, listed)
    doubt = _joined(_token_doubt(post, form, now, secret), _content_doubt(post, form, content))
    if doubt.verdict == Verdict.SPAM or form.captcha is None or draft.fatal:
        return doubt
    check = _check(post, form, form.captcha, now, secret)
    verdict = _ask(form.captcha, check, post, captcha)
    if verdict.code == MISSING and post.proof and form.captcha.outage == "degrade":
        # The service is there, this visitor could not reach it, or chose not to: a person looks.
        verdict = _proven(check, post, captcha)
        doubt = _joined(doubt, Screened(Verdict.REVIEW, MISSING)) if verdict.passed else doubt
    if verdict.passed and verdict.replay_key and verdict.expires:
        key = f"{form.name}:{verdict.replay_key}"
        if seen(key, post.submission.id, verdict.expires):
            verdict = CaptchaVerdict(code=REUSED)
    return _conclude(verdict, doubt)


def _token_doubt(post: FormPost, form: FormDefinition, now: datetime, secret: bytes) -> Screened:
    if not form.token.required:
        return Screened()
    ages = {"min_seconds": form.token.min_seconds, "max_seconds": form.token.seconds}
    try:
        form_token.read_token(secret, form.name, post.reserved.token, now, **ages)
    except Rejected as error:
        return Screened(TOKEN_VERDICTS[error.code], error.code)
    return Screened()


def _blocked(draft: Draft, post: FormPost, form: FormDefinition) -> str:
    if not form.blocklist:
        return ""
    email = draft.values.get("email")
    told = {**post.submission.fields, **post.submission.extra}
    return blocked(
        form.blocklist, told, email if isinstance(email, str) else "", post.submission.ip
    )


def _content_doubt(post: FormPost, form: FormDefinition, rule: ContentRule | None) -> Screened:
    """What the words themselves say; every signal is kept with the submission, as a flag."""
    if rule is None:
        return Screened()
    told = {**post.submission.fields, **post.submission.extra}
    found = signals(told, form.languages)
    score = sum(signal.weight for signal in found)
    bounds = ((rule.spam, Verdict.SPAM), (rule.quarantine, Verdict.REVIEW), (rule.flag, THROUGH))
    verdict = next((said for bound, said in bounds if bound and score >= bound), None)
    if verdict is None:
        return Screened()
    codes = ",".join(sorted({signal.code for signal in found}))
    flags = tuple(Problem(signal.field, signal.code, fatal=False) for signal in found)
    return Screened(verdict, f"content_{score},{codes}", flags)


def _joined(one: Screened, other: Screened) -> Screened:
    """Two findings as one: the graver verdict, all reasons."""
    verdict = max(one.verdict, other.verdict, key=GRAVITY.index)
    reasons = ",".join(filter(None, (one.reason, other.reason)))
    return Screened(verdict, reasons, (*one.problems, *other.problems))


def _check(
    post: FormPost, form: FormDefinition, rule: CaptchaRule, now: datetime, secret: bytes
) -> Check:
    return Check(
        response=post.captcha_response,
        now=now,
        form=form.name,
        submission=post.submission.id,
        secret=rule.secret,
        key=secret,
        site_key=rule.site_key,
        hosts=rule.hosts,
        action=rule.action,
        score=rule.score,
        project=rule.project,
        ip=post.submission.ip,
    )


def _ask(rule: CaptchaRule, check: Check, post: FormPost, captcha: Captcha) -> CaptchaVerdict:
    """The service's verdict or, where there can be none, what the form's outage policy says.

    Without an answer of its own (its script was blocked or is down) the service is asked all the
    same: whether it answers at all tells its outage from a visitor's, or a bot's, leaving it out.
    Where it is down and the form degrades, the verdict is that on a proof of work, which the
    pages' script solves by itself; without one, `degrade` is `closed`.
    """
    answered = check if check.response or rule.service == PROOF else replace(check, response=PROBE)
    verdict = captcha(rule, answered)
    if not verdict.unavailable:
        # To a probe nothing counts as an answer: a service's test keys let everything pass.
        return verdict if answered is check else CaptchaVerdict(code=MISSING)
    if rule.outage == "degrade" and post.proof:
        return _proven(check, post, captcha)
    if rule.outage == "open":
        return verdict
    raise Unavailable(
        f"{rule.service} does not answer: {', '.join(verdict.details)}",
        code=UNAVAILABLE,
        retry_after=RETRY_AFTER,
    )


def _proven(check: Check, post: FormPost, captcha: Captcha) -> CaptchaVerdict:
    """The verdict on the proof of work that came with a post."""
    return captcha(CaptchaRule(service=PROOF, field=PROOF), _instead(check, post.proof))


def _instead(check: Check, proof: str) -> Check:
    return Check(
        response=proof,
        now=check.now,
        form=check.form,
        submission=check.submission,
        key=check.key,
        ip=check.ip,
    )


def _conclude(verdict: CaptchaVerdict, doubt: Screened) -> Screened:
    if verdict.unavailable:
        # The form says `open`: a lead lost costs its owner more than a bot let through.
        return _joined(doubt, Screened(THROUGH, UNAVAILABLE))
    if verdict.passed:
        return doubt
    return Screened(Verdict.REFUSED, verdict.code, (Problem("captcha", verdict.code),))
