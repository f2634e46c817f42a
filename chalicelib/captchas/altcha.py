"""ALTCHA: a proof of work of our own, without a third party, a request or a cookie.

https://altcha.org/docs/v2/ · the library keeps no state, so a solved challenge verifies until it
expires: the caller must store `replay_key`, and a challenge without expiry is never issued or
accepted. Versions of the library before 2.1 accept any counter (no work at all); a test keeps that
case.
"""

import hmac
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.captchas import FAILED, MISSING, CaptchaVerdict, Check, Service, refused
from chalicelib.noun import noun
from chalicelib.ports import Sender

if TYPE_CHECKING:
    import altcha

SERVICE = Service(field="altcha", self_hosted=True)
LONGEST = 8192


@noun
class Work:
    """How much work a challenge asks for: a second or so on a telephone.

    The vendor's example server asks for up to 10,000 keys. A visitor's browser derives between `least` and `most` keys of `cost` rounds each.
    """

    algorithm: str = "PBKDF2/SHA-256"
    cost: int = 5000
    least: int = 1000
    most: int = 2000
    seconds: int = 600


DEFAULT_WORK = Work()


def challenge(
    key: bytes, form: str, now: datetime, *, secret: str = "", work: Work = DEFAULT_WORK
) -> dict[str, Any]:
    """Make a signed challenge for one form, good for `work.seconds`: JSON for the widget."""
    import altcha

    if work.seconds <= 0:
        raise ValueError("a challenge without expiry could be replayed for ever")
    made = altcha.create_challenge(
        work.algorithm,
        work.cost,
        counter=work.least + secrets.randbelow(work.most - work.least),
        expires_at=now + timedelta(seconds=work.seconds),
        hmac_secret=_signing_key(key, form, secret),
    )
    return made.to_dict()


def verify(check: Check, send: Sender) -> CaptchaVerdict:  # noqa: ARG001  (nobody needs asking)
    """Check signature, expiry and work; the challenge's signature is what may be spent once."""
    import altcha

    if not check.response:
        return refused(MISSING)
    payload = _payload(check.response)
    if payload is None:
        return refused(FAILED, "unreadable")
    expires = _expiry(payload)
    if expires is None or expires <= check.now:
        return refused(FAILED, "expired")
    signing_key = _signing_key(check.key, check.form, check.secret)
    if not altcha.verify_solution(payload, signing_key).verified:
        return refused(FAILED, "unsolved")
    # The signature and not the response: the same solution can be encoded in many ways.
    return CaptchaVerdict(passed=True, replay_key=str(payload.challenge.signature), expires=expires)


def _payload(response: str) -> "altcha.Payload | None":
    import altcha

    if len(response) > LONGEST:
        return None
    try:
        return altcha.Payload.from_base64(response)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _expiry(payload: "altcha.Payload") -> datetime | None:
    seconds = payload.challenge.parameters.expires_at
    # Only whole seconds within the calendar: the value is not yet known to be ours.
    if type(seconds) is not int or not 0 < seconds < 253_402_300_800:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _signing_key(key: bytes, form: str, secret: str) -> bytes:
    """The form's own secret if it has one, else a key of the stage for this form alone."""
    if secret:
        return secret.encode()
    if not key:
        raise ValueError("a challenge needs a key to be signed with")
    return hmac.digest(key, b"altcha:" + form.encode(), "sha256")
