"""Amazon SNS: how a message is signed, and which addresses in it may be asked for anything.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from chalicelib import errors
from chalicelib.model import Raw
from chalicelib.webhooks import _public_key, _taming

_HOST = re.compile(r"sns\.[a-z0-9-]{3,40}\.amazonaws\.com(\.cn)?")
_VERSIONS: Mapping[str, Literal["sha1", "sha256"]] = {"1": "sha1", "2": "sha256"}
NOTIFICATION = "Notification"
_SIGNED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_CONFIRMING = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
SIGNED: Mapping[str, tuple[str, ...]] = {
    NOTIFICATION: _SIGNED,
    "SubscriptionConfirmation": _CONFIRMING,
    "UnsubscribeConfirmation": _CONFIRMING,
}


def is_ours(address: str) -> bool:
    """Whether an address is SNS's own: https, its host, no user, no port.

    Anybody can write an address into a message; only what lies at these proves anything.
    """
    if not address.isascii() or not address.isprintable() or len(address) > 2000:
        return False
    try:
        parts = urlsplit(address)
        host = parts.netloc
    except ValueError:
        return False
    return parts.scheme == "https" and bool(_HOST.fullmatch(host))


def certificate_url(message: Mapping[str, Raw]) -> str:
    """Where the message says its certificate lies, if that is a place to look at, else nothing."""
    text = _taming.text(message.get("SigningCertURL") or message.get("SigningCertUrl"))
    return text if text.endswith(".pem") and is_ours(text) else ""


def demand_signature(message: Mapping[str, Raw], pem: bytes, now: datetime) -> None:
    """Demand the signature of whoever holds this certificate; `Unauthorised` says what is amiss."""
    algorithm = _VERSIONS.get(_taming.text(message.get("SignatureVersion")))
    names = SIGNED.get(_taming.text(message.get("Type")))
    if algorithm is None or names is None or not pem:
        raise errors.Unauthorised("the signature is missing or malformed")
    holder = _public_key.certificate(pem)
    if not holder.not_valid_before_utc <= now <= holder.not_valid_after_utc:
        raise errors.Unauthorised("the certificate is not valid now")
    signed = canonical(message, names)
    _public_key.demand_rsa(holder, signed, _text(message.get("Signature")), algorithm)


def canonical(message: Mapping[str, Raw], names: tuple[str, ...]) -> bytes:
    """The signed text: name and value in lines, of what is there, in SNS's order."""
    lines = [f"{n}\n{_text(message[n])}\n" for n in names if isinstance(message.get(n), str)]
    return "".join(lines).encode("utf-8", "replace")


def _text(value: Raw) -> str:
    """A text as it is: outer space is signed as well."""
    return value if isinstance(value, str) else ""
