"""Who is signed in: a signed cookie that names a key, and the tokens that every form carries.

The cookie holds no secret and is good for twelve hours; the key that it names is read anew by each
request, so that one who is revoked or expired is out at once; so is a session that was left, whoever
kept a copy of its cookie. Whoever is not signed in has a
session too, of no key: the sign-in form is held to its token like any other.
"""

import hmac
import re
import secrets
from dataclasses import dataclass, field

from chalicelib.intake.ids import make_id

COOKIE, LANGUAGE_COOKIE = "inlet_console", "inlet_language"
SECONDS = 12 * 60 * 60
NOBODY = "-"
_SHAPE = re.compile(
    r"([0-9a-f]{32}|-)\.([0-9]{1,15})\.([A-Za-z0-9_-]{22})\.([0-9a-f]{32})", re.ASCII
)
_LONGEST_HEADER = 8192


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody's stay: the id of their key (`-` while not signed in), since when, and a nonce."""

    key: str
    since_ms: int
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    @property
    def signed_in(self) -> bool:
        """Whether it names a key."""
        return self.key != NOBODY


def seal(secret: bytes, session: Session) -> str:
    """The cookie's value of a session."""
    parts = (session.key, str(session.since_ms), session.nonce)
    return ".".join([*parts, make_id(secret, "console", *parts)])


def opened(secret: bytes, text: str, now_ms: int) -> Session | None:
    """The session of a cookie's value; None where it is not ours or too old."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    key, since, nonce, signature = shape.groups()
    if not hmac.compare_digest(signature, make_id(secret, "console", key, since, nonce)):
        return None
    fresh = 0 <= now_ms - int(since) < SECONDS * 1000
    return Session(key, int(since), nonce) if fresh else None


def stay_of(secret: bytes, session: Session) -> str:
    """By what it is known that a session was left: nothing that a cookie or form could be made of."""
    return make_id(secret, "console stay", session.key, str(session.since_ms), session.nonce)


def token(secret: bytes, session: Session) -> str:
    """What a form of this session carries: no other site can know it."""
    return make_id(secret, "console form", session.key, str(session.since_ms), session.nonce)


def good(secret: bytes, session: Session, given: str) -> bool:
    """Whether a form that came in is one of this session's."""
    return hmac.compare_digest(token(secret, session).encode(), given.encode())


def cookies(header: str) -> dict[str, str]:
    """The cookies of a request; of two by one name the first, which is the nearer path's."""
    found: dict[str, str] = {}
    for part in header[:_LONGEST_HEADER].split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            found.setdefault(name, value)
    return found


def cookie(name: str, value: str, path: str, seconds: int, *, secure: bool) -> str:
    """A Set-Cookie header that no script reads and no other site's form sends."""
    parts = [f"{name}={value}", f"Path={path}", f"Max-Age={seconds}", "HttpOnly", "SameSite=Lax"]
    return "; ".join([*parts, "Secure"] if secure else parts)
