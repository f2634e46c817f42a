"""An issuer's ID token: its signature and what it says, by PyJWT under rules of ours.

https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib import errors

# Signatures with a key pair alone: with `none`, or with a secret that the issuer's public key
# would serve for, anybody could sign.
ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
LEEWAY_SECONDS = 60
_LONGEST = 16_384


@dataclass(frozen=True, slots=True)
class Check:
    """What a token must say: who issued it, for whom, for which sign-in; `now` in seconds."""

    issuer: str
    client: str
    nonce: str
    now: int


def key_id(token: str) -> str:
    """The id of the key that a token says it was signed with; nothing of it is believed yet."""
    import jwt

    try:
        head = jwt.get_unverified_header(token if len(token) <= _LONGEST else "")
    except jwt.InvalidTokenError as error:
        raise _wrong("it cannot be read") from error
    name = head.get("kid")
    if head.get("alg") not in ALGORITHMS or not isinstance(name, str) or not name:
        raise _wrong("its signature is of no kind that is taken")
    return name


def claims(token: str, key: Mapping[str, Any], check: Check) -> Mapping[str, Any]:
    """What a token says, once all of it holds; `Unauthorised` (`oidc_token`) says what does not."""
    import jwt

    algorithm = str(jwt.get_unverified_header(token).get("alg"))
    if key.get("use", "sig") != "sig" or key.get("alg", algorithm) != algorithm:
        raise _wrong("its key is for something else")
    try:
        said: Mapping[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(dict(key), algorithm=algorithm).key,
            algorithms=[algorithm],
            audience=check.client,
            issuer=check.issuer,
            # Times are held against the stage's clock below.
            options={
                "require": ["exp", "iat", "iss", "aud", "sub"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "enforce_minimum_key_length": True,
            },
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise _wrong(type(error).__name__) from error
    _hold(said, check)
    return said


def _hold(said: Mapping[str, Any], check: Check) -> None:
    times = {name: said.get(name) for name in ("exp", "iat", "nbf") if name in said}
    if any(isinstance(t, bool) or not isinstance(t, int | float) for t in times.values()):
        raise _wrong("its times are none")
    if said["exp"] + LEEWAY_SECONDS <= check.now:
        raise _wrong("it has expired")
    if max(said["iat"], said.get("nbf", 0)) - LEEWAY_SECONDS > check.now:
        raise _wrong("it is of the future")
    if not hmac.compare_digest(str(said.get("nonce", "")).encode(), check.nonce.encode()):
        raise _wrong("it is of another sign-in")
    several = isinstance(said["aud"], list) and len(said["aud"]) > 1
    if said.get("azp", "" if several else check.client) != check.client:
        raise _wrong("it is for somebody else")
    if not isinstance(said["sub"], str) or not 0 < len(said["sub"]) <= 255:
        raise _wrong("it speaks of nobody")


def _wrong(why: str) -> errors.Unauthorised:
    return errors.Unauthorised(f"the ID token does not hold: {why}", code="oidc_token")
