"""What the services share that are asked over HTTP: one request, a JSON answer with error codes."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

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
