"""Friendly Captcha v2: a proof of work with risk signals, verified by one request.

https://developer.friendlycaptcha.com/docs/v2/api/siteverify · their own clients let everybody in
where a key is wrong; here the form's outage policy decides.
"""

import json
from urllib.parse import urlsplit

from chalicelib.captchas import (
    FAILED,
    MISSING,
    REUSED,
    CaptchaVerdict,
    Check,
    Service,
    Widget,
    refused,
    unavailable,
)
from chalicelib.captchas._siteverify import OURS, TIMEOUT, JsonObject, ask, fits
from chalicelib.ports import Outgoing, Sender

SERVICE = Service(field="frc-captcha-response")
# https://developer.friendlycaptcha.com/docs/v2/getting-started/install
WIDGET = Widget(
    script="https://cdn.jsdelivr.net/npm/@friendlycaptcha/sdk@0.1/site.compat.min.js",
    element="frc-captcha",
    hosts=("https://cdn.jsdelivr.net", "https://*.frcapi.com"),
)
URL = "https://global.frcapi.com/api/v2/captcha/siteverify"
OLDEST = 3600

# https://developer.friendlycaptcha.com/docs/v2/api/siteverify#error-codes
CODES = {
    "response_missing": MISSING,
    "response_invalid": FAILED,
    "response_timeout": REUSED,
    "response_duplicate": REUSED,
    "auth_required": OURS,
    "auth_invalid": OURS,
    "sitekey_invalid": OURS,
    "bad_request": OURS,
}


def verify(check: Check, send: Sender) -> CaptchaVerdict:
    """Ask Friendly Captcha about a response, then hold host and age against what was expected."""
    return ask(check, send, request=request, read=verdict)


def request(check: Check) -> Outgoing:
    """The request about one response."""
    body = {"response": check.response}
    if check.site_key:
        body["sitekey"] = check.site_key
    headers = {"content-type": "application/json", "x-api-key": check.secret}
    return Outgoing("POST", URL, headers, json.dumps(body).encode(), TIMEOUT)


def verdict(check: Check, answered: JsonObject) -> CaptchaVerdict:
    """Read their verdict; `data.challenge` says when and where it was solved."""
    if answered.get("success") is not True:
        error = answered.get("error")
        code = str(error.get("error_code", ""))[:100] if isinstance(error, dict) else ""
        ours = CODES.get(code, FAILED)
        return unavailable(code) if ours == OURS else refused(ours, code)
    data = answered.get("data")
    solved = data.get("challenge") if isinstance(data, dict) else None
    solved = solved if isinstance(solved, dict) else {}
    found = fits(check, _host(solved.get("origin")), solved.get("timestamp"), OLDEST)
    return found or CaptchaVerdict(passed=True)


def _host(origin: object) -> str:
    if not isinstance(origin, str):
        return ""
    try:
        return urlsplit(origin if "//" in origin else f"//{origin}").hostname or ""
    except ValueError:
        return ""
