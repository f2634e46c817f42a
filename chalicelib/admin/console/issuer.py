"""Signing in to the console through the stage's issuer: the way there and the way back.

What the browser keeps meanwhile is a cookie of its own, good for a quarter of an hour; beside the
seed of the sign-in it carries where to go on, which is a path of ours or nothing.
"""

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from chalicelib import errors
from chalicelib.admin.auth import Caller, caller_of
from chalicelib.admin.call import Live
from chalicelib.admin.limits import Gate
from chalicelib.model import Request, to_ms

if TYPE_CHECKING:
    from chalicelib.admin.oidc import SignIn

COOKIE = "inlet_sign_in"
BEGIN, BACK = "issuer", "back"


class Leaving(NamedTuple):
    """Where the browser is sent, and what it keeps for so many seconds."""

    address: str
    kept: str
    seconds: int


def begin(live: Live, to: str) -> Leaving:
    """Set out; `to` is where to go on at the console afterwards."""
    from chalicelib.admin.oidc import WAY_SECONDS

    address, kept = _door(live).begin()
    return Leaving(address, f"{kept}~{quote(to, safe='')}", WAY_SECONDS)


def finish(live: Live, request: Request, kept: str) -> tuple[Caller, str]:
    """Who came back, and where to go on; who fails is counted by address like a wrong key."""
    sealed, _, to = kept.partition("~")
    try:
        key = _door(live).finish(request.query, sealed)
        return caller_of(key, to_ms(live.outside.now())), unquote(to)
    except errors.Unauthorised:
        Gate(live.outside, live.settings).count_failure(request.ip)
        raise


def _door(live: Live) -> "SignIn":
    # Only here: nobody else waits for what reads the issuer's tokens.
    from chalicelib.admin import oidc

    said = live.settings.oidc
    if said is None or not live.settings.url:
        raise errors.Missing("nobody signs in that way here")
    return oidc.SignIn(said, live.outside, f"{live.settings.url}/console/sign-in/{BACK}")
