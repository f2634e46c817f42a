"""Google reCAPTCHA v2: the check box and the invisible badge, verified by one request."""

from chalicelib.captchas import CaptchaVerdict, Check, Service, Widget
from chalicelib.captchas._recaptcha import CODES, FIELD, OLDEST, request
from chalicelib.captchas._siteverify import JsonObject, ask, fits, judge_codes
from chalicelib.ports import Sender

SERVICE = Service(field=FIELD)
# https://developers.google.com/recaptcha/docs/display
WIDGET = Widget(
    script="https://www.google.com/recaptcha/api.js",
    element="g-recaptcha",
    hosts=("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"),
    handle="grecaptcha",
)


def verify(check: Check, send: Sender) -> CaptchaVerdict:
    """Ask Google about a response, then hold host and age against what was expected."""
    return ask(check, send, request=request, read=verdict)


def verdict(check: Check, answered: JsonObject) -> CaptchaVerdict:
    """Read their verdict; codes beside a success say nothing (their own client drops them)."""
    if answered.get("success") is not True:
        return judge_codes(answered, CODES)
    found = fits(check, answered.get("hostname"), answered.get("challenge_ts"), OLDEST)
    return found or CaptchaVerdict(passed=True)
