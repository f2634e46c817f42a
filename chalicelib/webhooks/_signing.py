"""The ways in which providers sign with a shared secret: HMAC (or a hash), told apart by data.

A provider states its `Scheme` and calls `prove`. Signatures are compared as texts, exactly and in
constant time, over the raw bytes of the body; every secret is tried, so that one can be rotated.
Fail closed: no secret, no header, no timestamp, no proof.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from chalicelib import errors
from chalicelib.model import Request, Verified

_PLACEHOLDER = re.compile(r"\{([a-z0-9-]+)\}")
_DIGITS = re.compile(r"[0-9]{1,16}")
_MAX_HEADER = 4096
_MAX_SIGNATURES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How one provider signs.

    The signature is in `header`, whole, or as items between `separator`s; those that begin with
    `prefix` count, the prefix cut off. `signed` is the template of the signed text: `{body}`,
    `{url}`, `{method}`, `{timestamp}`, or any header by its name. The timestamp is the header
    `timestamp`, or the item of the signature's header that begins with `timestamp_item`; it counts
    `per_second` units a second and may be `tolerance` seconds away in both directions, or, where
    the provider's own libraries do not look ahead (`past_only`), in the past. Without either the
    scheme has no time. `key` makes the key's bytes of the secret's text; it raises `ValueError` on
    a malformed one. `keyed` is how the key enters: by HMAC, or as a prefix of what is hashed, as
    older schemes have it.
    """

    header: str
    algorithm: Literal["sha1", "sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    separator: str = ""
    prefix: str = ""
    signed: str = "{body}"
    timestamp: str = ""
    timestamp_item: str = ""
    per_second: int = 1
    tolerance: int = 300
    past_only: bool = False
    keyed: Literal["hmac", "prefix"] = "hmac"
    key: Callable[[str], bytes] = str.encode


def prove(
    scheme: Scheme,
    request: Request,
    secrets: Sequence[str],
    now: datetime,
    *,
    text: bytes | None = None,
) -> Verified:
    """Hold a request against its signature; `errors.Unauthorised` says what is amiss.

    `text` replaces the template where the signed text is no template's (sorted parameters).
    """
    items = _items(scheme, request)
    timestamp = _timestamp(scheme, request, items, now)
    signed = _text(scheme, request, timestamp) if text is None else text
    given = [i.removeprefix(scheme.prefix) for i in items if i.startswith(scheme.prefix)]
    demand_match(scheme, secrets, signed, given)
    return Verified(request)


def signature(scheme: Scheme, secret: str, signed: bytes) -> str:
    """Sign a text: the encoded signature without its prefix; `ValueError` for an empty secret."""
    key = scheme.key(secret)
    if not key:
        raise ValueError("an empty secret signs nothing")
    if scheme.keyed == "prefix":
        made = hashlib.new(scheme.algorithm, key + signed).digest()
    else:
        made = hmac.digest(key, signed, scheme.algorithm)
    return made.hex() if scheme.encoding == "hex" else base64.b64encode(made).decode()


def same(left: str, right: str) -> bool:
    """Whether two texts are equal, in a time that does not say where they differ."""
    return hmac.compare_digest(_bytes(left), _bytes(right))


def demand_time(scheme: Scheme, written: str, now: datetime) -> None:
    """Hold a time as it is written against the clock; for one that lies in no header."""
    if not _DIGITS.fullmatch(written):
        raise errors.Unauthorised("the timestamp is missing or malformed")
    age = now.timestamp() - int(written) / scheme.per_second
    if age > scheme.tolerance or (age < -scheme.tolerance and not scheme.past_only):
        raise errors.Unauthorised("the timestamp is too far from our clock")


def demand_match(
    scheme: Scheme, secrets: Sequence[str], signed: bytes, given: Sequence[str]
) -> None:
    """Demand that any secret made any of the signatures; for those that lie in no header."""
    if not _matches(scheme, secrets, signed, given[:_MAX_SIGNATURES]):
        raise errors.Unauthorised("the signature does not match")


def _items(scheme: Scheme, request: Request) -> list[str]:
    header = request.header(scheme.header)
    if not header or len(header) > _MAX_HEADER:
        raise errors.Unauthorised("the signature is missing or malformed")
    if not scheme.separator:
        return [header]
    return [item.strip() for item in header.split(scheme.separator)]


def _timestamp(scheme: Scheme, request: Request, items: Sequence[str], now: datetime) -> str:
    """The timestamp as it is written, held against the clock; empty where the scheme has none."""
    if scheme.timestamp_item:
        marked = [i for i in items if i.startswith(scheme.timestamp_item)]
        written = marked[0].removeprefix(scheme.timestamp_item) if marked else ""
    elif scheme.timestamp:
        written = request.header(scheme.timestamp)
    else:
        return ""
    demand_time(scheme, written, now)
    return written


def _text(scheme: Scheme, request: Request, timestamp: str) -> bytes:
    known = {"url": request.url, "method": request.method, "timestamp": timestamp}

    def fill(name: str) -> bytes:
        if name == "body":
            return request.body
        return _bytes(known[name] if name in known else request.header(name))

    return b"".join(fill(p) if i % 2 else p.encode() for i, p in enumerate(_parts(scheme.signed)))


@lru_cache(maxsize=64)
def _parts(template: str) -> Sequence[str]:
    """A literal, a name, a literal, a name, …, a literal."""
    return _PLACEHOLDER.split(template)


def _matches(scheme: Scheme, secrets: Sequence[str], signed: bytes, given: Sequence[str]) -> bool:
    """Whether any secret made any of the signatures; all are tried, none ends the trial early."""
    made = []
    for secret in secrets:
        try:
            made.append(signature(scheme, secret, signed))
        except ValueError:
            continue  # refused at configuration; here it must not shadow the good ones beside it
    return sum(same(one, other) for one in made for other in given) > 0


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
