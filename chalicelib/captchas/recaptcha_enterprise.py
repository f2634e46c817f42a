"""Google reCAPTCHA Enterprise: an assessment of a token, with a score and reasons.

https://cloud.google.com/recaptcha/docs/create-assessment-website · the secret is an API key, sent
as a header: an address ends in logs. The answer is proto3 JSON, which leaves out what is zero: a
missing score is 0.
"""

import json
from dataclasses import replace
from decimal import Decimal
from urllib.parse import quote

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
from chalicelib.captchas._recaptcha import FIELD
from chalicelib.captchas._siteverify import (
    TIMEOUT,
    JsonObject,
    action_fits,
    ask,
    fits,
    score_fits,
)
from chalicelib.ports import Outgoing, Sender

SERVICE = Service(field=FIELD, scored=True, settings=("action", "project"))
# https://cloud.google.com/recaptcha/docs/instrument-web-pages
WIDGET = Widget(
    script="https://www.google.com/recaptcha/enterprise.js?render={site_key}",
    hosts=("https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"),
    handle="grecaptcha.enterprise",
    executes=True,
)
URL = "https://recaptchaenterprise.googleapis.com/v1/projects/{project}/assessments"
DEFAULT_SCORE = Decimal("0.5")
OLDEST = 900
# https://cloud.google.com/recaptcha/docs/reference/rest/v1/projects.assessments#InvalidReason
REASONS = {"MISSING": MISSING, "DUPE": REUSED, "EXPIRED": REUSED}


def verify(check: Check, send: Sender) -> CaptchaVerdict:
    """Ask Google for an assessment, then hold host, action and score against the form's."""
    scored = replace(check, score=check.score or DEFAULT_SCORE)
    return ask(scored, send, request=request, read=verdict)


def request(check: Check) -> Outgoing:
    """The request about one response."""
    event = {"token": check.response, "siteKey": check.site_key, "expectedAction": check.action}
    if check.ip:
        event["userIpAddress"] = check.ip
    headers = {"content-type": "application/json", "x-goog-api-key": check.secret}
    url = URL.format(project=quote(check.project, safe=""))
    return Outgoing("POST", url, headers, json.dumps({"event": event}).encode(), TIMEOUT)


def verdict(check: Check, answered: JsonObject) -> CaptchaVerdict:
    """Read the assessment: the token first, then action, then score, as Google says."""
    token, risk = answered.get("tokenProperties"), answered.get("riskAnalysis")
    if not isinstance(token, dict):
        # An error object: the key, the project or the quota. Nobody judged the visitor.
        return unavailable("no-assessment")
    if token.get("valid") is not True:
        reason = str(token.get("invalidReason", ""))[:100]
        return refused(REASONS.get(reason, FAILED), reason)
    score = risk.get("score", 0) if isinstance(risk, dict) else None
    return (
        fits(check, token.get("hostname"), token.get("createTime"), OLDEST)
        or action_fits(check, token.get("action"))
        or score_fits(check, score)
        or CaptchaVerdict(passed=True)
    )
