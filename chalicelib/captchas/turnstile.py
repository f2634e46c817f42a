"""Cloudflare Turnstile: a managed widget, verified by one request."""

import json
from uuid import UUID, uuid5

from chalicelib.captchas import (
    FAILED,
    MISSING,
    REUSED,
    CaptchaVerdict,
    Check,
    Service,
    Widget,
)
from chalicelib.captchas._siteverify import (
    OURS,
    TIMEOUT,
    JsonObject,
    action_fits,
    ask,
    fits,
    judge_codes,
)
from chalicelib.ports import Outgoing, Sender

SERVICE = Service(field="cf-turnstile-response")
# https://developers.cloudflare.com/turnstile/reference/content-security-policy/
WIDGET = Widget(
    script="https://challenges.cloudflare.com/turnstile/v0/api.js",
    element="cf-turnstile",
    hosts=("https://challenges.cloudflare.com",),
    handle="turnstile",
)
URL = "https://challenges.cloudflare.com/turnstile/v0/siteverify"
LONGEST = 2048
# A token lives five minutes; one more for clocks and the way.
OLDEST = 360
# Any fixed name space will do: it only keeps our keys apart from others'.
_SPACE = UUID("6d3a2a6e-5c52-4d0e-9f3c-6f6a2b1f4c11")

# https://developers.cloudflare.com/turnstile/get-started/server-side-validation/#error-codes-reference
# `timeout-or-duplicate` says "older than five minutes or spent": the visitor does the same about
# either, so the commoner name stands for both.
CODES = {
    "missing-input-response": MISSING,
    "invalid-input-response": FAILED,
    "timeout-or-duplicate": REUSED,
    "missing-input-secret": OURS,
    "invalid-input-secret": OURS,
    "bad-request": OURS,
    "internal-error": OURS,
}


def verify(check: Check, send: Sender) -> CaptchaVerdict:
    """Ask Cloudflare about a response, then hold host and action against what was expected."""
    return ask(check, send, request=request, read=verdict, longest=LONGEST)


def request(check: Check) -> Outgoing:
    """The request about one response.

    The idempotency key is the submission's: the same post sent again (a double click, a retry
    after our own 503) may spend the token again, another post may not.
    """
    body = {"secret": check.secret, "response": check.response}
    if check.ip:
        body["remoteip"] = check.ip
    if check.submission:
        body["idempotency_key"] = str(uuid5(_SPACE, check.submission))
    headers = {"content-type": "application/json", "accept": "application/json"}
    return Outgoing("POST", URL, headers, json.dumps(body).encode(), TIMEOUT)


def verdict(check: Check, answered: JsonObject) -> CaptchaVerdict:
    """Read their verdict; a pass for another site's page or another widget is no pass."""
    if answered.get("success") is not True:
        return judge_codes(answered, CODES)
    return (
        fits(check, answered.get("hostname"), answered.get("challenge_ts"), OLDEST)
        or action_fits(check, answered.get("action"))
        or CaptchaVerdict(passed=True)
    )
