"""Google reCAPTCHA v3: no challenge, a score, and an action that the page names.

https://developers.google.com/recaptcha/docs/v3 · anybody may copy a site key, so host, action and
score must all be held against what the form expects. A v2 key's answer has no score: fail closed.
"""

from dataclasses import replace
from decimal import Decimal

from chalicelib.captchas import CaptchaVerdict, Check, Service, Widget
from chalicelib.captchas._recaptcha import CODES, FIELD, OLDEST, request
from chalicelib.captchas._siteverify import (
    JsonObject,
    action_fits,
    ask,
    fits,
    judge_codes,
    score_fits,
)
from chalicelib.ports import Sender

SERVICE = Service(field=FIELD, scored=True, settings=("action",))
WIDGET = Widget(
    script="https://www.google.com/recaptcha/api.js?render={site_key}",
    hosts=("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"),
    handle="grecaptcha",
    executes=True,
)
# What Google advises to begin with.
DEFAULT_SCORE = Decimal("0.5")


def verify(check: Check, send: Sender) -> CaptchaVerdict:
    """Ask Google about a response, then hold host, age, action and score against the form's."""
    scored = replace(check, score=check.score or DEFAULT_SCORE)
    return ask(scored, send, request=request, read=verdict)


def verdict(check: Check, answered: JsonObject) -> CaptchaVerdict:
    """Read their verdict; a success is only that the token was real."""
    if answered.get("success") is not True:
        return judge_codes(answered, CODES)
    return (
        fits(check, answered.get("hostname"), answered.get("challenge_ts"), OLDEST)
        or action_fits(check, answered.get("action"))
        or score_fits(check, answered.get("score"))
        or CaptchaVerdict(passed=True)
    )
