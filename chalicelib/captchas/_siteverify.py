"""What the services share that are asked over HTTP: one request, a JSON answer with error codes."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from chalicelib.captchas import FAILED, MISSING, CaptchaVerdict, Check, refused, unavailable
from chalicelib.errors import Unavailable
from chalicelib.ports import Answer, Outgoing, Sender

# Longer than any service's token; what is longer is not worth a request.
MAX_RESPONSE = 8192
# A captcha is asked while a person waits.
TIMEOUT = 3.0
# In a vendor's table: we are at fault (a wrong secret, say) or they are, so nobody has judged the
# visitor. The outage policy decides, as it does when the service is down: turning every visitor
# away for our mistake would lose them all without an alarm.
OURS = "ours"

JsonObject = Mapping[str, Any]


def ask(
    check: Check,
    send: Sender,
    *,
    request: Callable[[Check], Outgoing],
    read: Callable[[Check, JsonObject], CaptchaVerdict],
    longest: int = MAX_RESPONSE,
) -> CaptchaVerdict:
    """Ask a service about a response, unless there is nothing to ask about."""
    if not check.response:
        return refused(MISSING)
    if len(check.response) > longest:
        return refused(FAILED, "too-long")
    try:
        answer = send(request(check))
    except Unavailable:
        return unavailable("no-answer")
    answered = _json_object(answer)
    return unavailable(f"http-{answer.status}") if answered is None else read(check, answered)


def _json_object(answer: Answer) -> JsonObject | None:
    """The JSON object of an answer that the service itself gave, whatever its verdict."""
    if answer.status >= 500 or answer.status == 429:
        return None
    try:
        answered = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return answered if isinstance(answered, dict) else None


def judge_codes(answered: JsonObject, table: Mapping[str, str]) -> CaptchaVerdict:
    """Read `error-codes` by a vendor's table (their code → ours); the first one known decides."""
    listed = answered.get("error-codes")
    codes = [str(code)[:100] for code in listed[:10]] if isinstance(listed, list) else []
    ours = next((table[code] for code in codes if code in table), FAILED)
    return unavailable(*codes) if ours == OURS else refused(ours, *codes)


def form_request(url: str, check: Check, *, site_key: bool = False) -> Outgoing:
    """The urlencoded request that `siteverify` took first and others took over from it."""
    fields = {"secret": check.secret, "response": check.response}
    if check.ip:
        fields["remoteip"] = check.ip
    if site_key and check.site_key:
        fields["sitekey"] = check.site_key
    headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    return Outgoing("POST", url, headers, urlencode(fields, errors="replace").encode(), TIMEOUT)


def fits(check: Check, host: object, solved_at: object, oldest: int) -> CaptchaVerdict | None:
    """What keeps a pass from being one: another host, or solved more than `oldest` seconds ago.

    The services refuse what is old themselves; an answer that names no time is left to them.
    """
    if not host_allowed(host, check.hosts):
        return refused(FAILED, "hostname-mismatch")
    solved = _moment(solved_at)
    if solved and (check.now - solved).total_seconds() > oldest:
        return refused(FAILED, "too-old")
    return None


def action_fits(check: Check, action: object) -> CaptchaVerdict | None:
    """What keeps a pass from being one: made for another action of the page, case aside."""
    if not check.action or (isinstance(action, str) and action.lower() == check.action.lower()):
        return None
    return refused(FAILED, "action-mismatch")


def score_fits(check: Check, score: object) -> CaptchaVerdict | None:
    """What keeps a pass from being one: a score below the form's, or none where one is asked for."""
    if not check.score:
        return None
    given = _decimal(score)
    if given is None:
        return refused(FAILED, "score-missing")
    return refused(FAILED, "score-threshold-not-met") if given < check.score else None


def risk_to_score(risk: object) -> Decimal | None:
    """A score of our scale from one on which more means riskier."""
    given = _decimal(risk)
    return None if given is None else 1 - given


def _decimal(value: object) -> Decimal | None:
    """A score from 0 to 1 that some write as a number and some as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        given = Decimal(str(value)[:40])
    except InvalidOperation:
        return None
    return given if given.is_finite() and 0 <= given <= 1 else None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def host_allowed(host: object, allowed: Iterable[str]) -> bool:
    """Whether a captcha was solved on one of these hosts; nothing listed allows every host."""
    allowed = tuple(allowed)
    if not allowed:
        return True
    name = host.lower() if isinstance(host, str) else ""
    return any(_host_matches(name, pattern.lower()) for pattern in allowed)


def _host_matches(name: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return name.endswith(pattern[1:])
    return name == pattern
