"""Links that prove who clicks them: signed, for one purpose, and for a while where that matters."""

import hmac
import re
from datetime import datetime, timedelta

from chalicelib.intake.ids import make_id
from chalicelib.noun import noun

_CONFIRM = re.compile(r"([0-9a-f]{32})\.([0-9]{1,12})\.([0-9a-f]{32})")
_UNSUBSCRIBE = re.compile(r"([epx][0-9a-f]{32})\.([0-9a-f]{32})")


@noun
class Confirmation:
    """What a confirmation link says: which submission it is about, and whether it still holds."""

    receipt: str
    expired: bool


def confirm_token(secret: bytes, form: str, receipt: str, now: datetime, days: int) -> str:
    """A token that confirms the opt-in of one submission for so many days."""
    expires = str(int((now + timedelta(days=days)).timestamp()))
    return f"{receipt}.{expires}.{make_id(secret, 'opt-in', form, receipt, expires)}"


def read_confirmation(secret: bytes, form: str, token: str, now: datetime) -> Confirmation | None:
    """What a token says; None where it is none of ours for this form."""
    shape = _CONFIRM.fullmatch(token)
    if shape is None:
        return None
    receipt, expires, signature = shape.groups()
    expected = make_id(secret, "opt-in", form, receipt, expires)
    if not hmac.compare_digest(signature, expected):
        return None
    return Confirmation(receipt, int(expires) < now.timestamp())


def unsubscribe_token(secret: bytes, key: str) -> str:
    """A token that takes one key of the ring off every mailing; it never expires."""
    return f"{key}.{make_id(secret, 'unsubscribe', key)}"


def read_unsubscribe(secret: bytes, token: str) -> str:
    """The key that a token is for; empty where it is none of ours."""
    shape = _UNSUBSCRIBE.fullmatch(token)
    if shape is None:
        return ""
    key, signature = shape.groups()
    return key if hmac.compare_digest(signature, make_id(secret, "unsubscribe", key)) else ""
