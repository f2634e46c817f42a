"""hCaptcha: a widget, verified by one request.

https://docs.hcaptcha.com/#verify-the-user-response-server-side · a token lives 120 seconds and is
spent by the first question about it. The Enterprise score means risk: more is worse.
"""

from chalicelib.captchas import FAILED, MISSING, REUSED, CaptchaVerdict, Check, Service, Widget
from chalicelib.captchas._siteverify import (
    OURS,
    JsonObject,
    ask,
    fits,
    form_request,
    judge_codes,
    risk_to_score,
    score_fits,
)
from chalicelib.ports import Outgoing, Sender

SERVICE = Service(field="h-captcha-response", scored=True)
# https://docs.hcaptcha.com/#content-security-policy-settings
WIDGET = Widget(
    script="https://js.hcaptcha.com/1/api.js",
    element="h-captcha",
    hosts=("https://hcaptcha.com", "https://*.hcaptcha.com"),
    handle="hcaptcha",
)
URL = "https://api.hcaptcha.com/siteverify"
# `challenge_ts` is when the challenge was solved or begun, by plan: the token's two minutes and slack.
OLDEST = 600

# https://docs.hcaptcha.com/#siteverify-error-codes-table
CODES = {
    "missing-input-response": MISSING,
    "invalid-input-response": FAILED,
    "expired-input-response": REUSED,
    "already-seen-response": REUSED,
    "invalid-or-already-seen-response": REUSED,
    "missing-input-secret": OURS,
    "invalid-input-secret": OURS,
    "bad-request": OURS,
    "missing-remoteip": OURS,
    "invalid-remoteip": OURS,
    "not-using-dummy-passcode": OURS,
    "not-using-dummy-secret": OURS,
    "sitekey-secret-mismatch": OURS,
}


def verify(check: Check, send: Sender) -> CaptchaVerdict:
    """Ask hCaptcha about a response, then hold host, age and risk against the form's."""
    return ask(check, send, request=request, read=verdict)


def request(check: Check) -> Outgoing:
    """The request about one response; with the site key a pass for another site is none."""
    return form_request(URL, check, site_key=True)


def verdict(check: Check, answered: JsonObject) -> CaptchaVerdict:
    """Read their verdict."""
    if answered.get("success") is not True:
        return judge_codes(answered, CODES)
    return (
        fits(check, answered.get("hostname"), answered.get("challenge_ts"), OLDEST)
        or score_fits(check, risk_to_score(answered.get("score")))
        or CaptchaVerdict(passed=True)
    )
