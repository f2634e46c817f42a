"""Form tokens: proof that a page of ours was loaded, for which form, and how long ago.

A token is `issued.nonce.signature`: milliseconds, a random text, and a keyed hash over both and
the form's name. It holds no personal data and needs no store.
"""

import hmac
import re
from datetime import datetime

from chalicelib.errors import Rejected
from chalicelib.intake.ids import make_id
from chalicelib.model import to_ms
from chalicelib.noun import noun

MISSING = "token_missing"
INVALID = "token_invalid"
EXPIRED = "token_expired"
FAST = "token_fast"

_SHAPE = re.compile(r"([0-9]{1,15})\.([A-Za-z0-9_-]{1,64})\.([0-9a-f]{32})", re.ASCII)


@noun
class Token:
    """A token whose signature is ours: when it was issued, and its nonce."""

    issued_ms: int
    nonce: str


def issue_token(secret: bytes, form: str, now: datetime, nonce: str) -> str:
    """Sign a token for a form; the nonce (letters, digits, `_`, `-`) comes from the caller."""
    issued = str(to_ms(now))
    token = f"{issued}.{nonce}.{_sign(secret, form, issued, nonce)}"
    if not _SHAPE.fullmatch(token):
        raise ValueError("a nonce has 1 to 64 letters, digits, _ or -")
    return token


def open_token(secret: bytes, form: str, token: str) -> Token:
    """Read a token whatever its age; `Rejected` with `token_missing` or `token_invalid`."""
    if not token:
        raise Rejected("there is no form token", code=MISSING)
    shape = _SHAPE.fullmatch(token)
    if shape is None:
        raise Rejected("this is not a form token", code=INVALID)
    issued, nonce, signature = shape.groups()
    if not hmac.compare_digest(signature, _sign(secret, form, issued, nonce)):
        raise Rejected("the form token was made elsewhere or for another form", code=INVALID)
    return Token(int(issued), nonce)


def read_token(
    secret: bytes, form: str, token: str, now: datetime, *, min_seconds: int, max_seconds: int
) -> str:
    """Read a token of the right age and give its nonce.

    `Rejected` with `token_missing`, `token_invalid`, `token_expired` or `token_fast`.
    """
    opened = open_token(secret, form, token)
    age_ms = to_ms(now) - opened.issued_ms
    if age_ms > max_seconds * 1000:
        raise Rejected("the form token is too old", code=EXPIRED)
    if age_ms < min_seconds * 1000:
        raise Rejected("the form was sent sooner than a person can fill it in", code=FAST)
    return opened.nonce


def _sign(secret: bytes, form: str, issued: str, nonce: str) -> str:
    return make_id(secret, "form-token", form, issued, nonce)
