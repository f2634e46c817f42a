"""Signing in through an issuer of one's own (OpenID Connect): Cognito, or any other.

The authorization code flow with PKCE (RFC 7636) and a nonce. What must come back to the browser
that set out is derived from one random seed in a short-lived cookie; no token of the issuer's is
kept: once its ID token is verified, the person has an entry among the keys that nobody holds a
secret of, and their session names that.

https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from chalicelib import errors
from chalicelib.admin import oidc_token
from chalicelib.intake.ids import make_id
from chalicelib.model import to_ms
from chalicelib.ports import Outgoing, Outside
from chalicelib.settings import Oidc
from chalicelib.store.api_keys import ApiKey, ApiKeys

# From leaving for the issuer until being back: as long as it takes to look for a second factor.
WAY_SECONDS = 900
SESSION_MS = 12 * 3_600_000
# What an issuer says of itself and its keys is asked again after so long; for a key that is not
# among them sooner, but not at every token that names one.
KNOWN_SECONDS, AGAIN_SECONDS = 3600, 60
# A role that several of somebody's groups give: the greatest counts.
_GREATEST_FIRST = ("admin", "editor", "viewer-whole", "viewer")
_SEED = 32
_LONGEST = 4000


@dataclass
class Known:
    """What an issuer said of itself, and when."""

    about: Mapping[str, Any]
    keys: list[Mapping[str, Any]] = field(default_factory=list)
    at: float = 0
    keys_at: float = 0


# Per container, by issuer.
_known: dict[str, Known] = {}


@dataclass(frozen=True, slots=True)
class SignIn:
    """One stage's way in through its issuer; `back` is the address that it sends people back to."""

    oidc: Oidc
    outside: Outside
    back: str

    def begin(self) -> tuple[str, str]:
        """Where to send somebody who wants in, and what their browser is to keep meanwhile."""
        seed = secrets.token_bytes(_SEED)
        challenge = hashlib.sha256(self._derived(seed, "verifier").encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.oidc.client,
            "redirect_uri": self.back,
            "scope": self.oidc.scope,
            "state": self._derived(seed, "state"),
            "nonce": self._derived(seed, "nonce"),
            "code_challenge": _text(challenge),
            "code_challenge_method": "S256",
        }
        place = self._endpoint("authorization_endpoint")
        joined = "&" if urlsplit(place).query else "?"
        return f"{place}{joined}{urlencode(asked, quote_via=quote)}", self._sealed(seed)

    def finish(self, query: Mapping[str, str], kept: str) -> ApiKey:
        """Who comes back: their entry among the keys, made or brought up to date.

        `Unauthorised` where this is not the way that their browser began, or where the issuer's
        word does not hold; `Forbidden` where none of their groups has a role here.
        """
        seed = self._opened(kept)
        if not hmac.compare_digest(
            self._derived(seed, "state").encode(),
            query.get("state", "")[:_LONGEST].encode("utf-8", "replace"),
        ):
            raise errors.Unauthorised("this sign-in was not begun here", code="oidc_state")
        if "error" in query or not query.get("code"):
            raise errors.Unauthorised("the issuer let nobody in", code="oidc_refused")
        token = self._exchange(query["code"][:_LONGEST], self._derived(seed, "verifier"))
        now = int(self.outside.now().timestamp())
        check = oidc_token.Check(
            self.oidc.issuer, self.oidc.client, self._derived(seed, "nonce"), now
        )
        return self._enter(oidc_token.claims(token, self._key(oidc_token.key_id(token)), check))

    def _enter(self, claims: Mapping[str, Any]) -> ApiKey:
        role = self._role(claims.get(self.oidc.claim))
        name = make_id(self.outside.secret, "user", self.oidc.issuer, str(claims["sub"]))
        return ApiKeys(self.outside.table, self.outside.now).sign_in(
            name,
            role.partition("-")[0],
            _label(claims),
            masked=role == "viewer",
            expires_ms=to_ms(self.outside.now()) + SESSION_MS,
        )

    def _role(self, groups: object) -> str:
        held = groups if isinstance(groups, list) else str(groups or "").split()
        mine = {self.oidc.roles[each] for each in map(str, held) if each in self.oidc.roles}
        for role in _GREATEST_FIRST:
            if role in mine:
                return role
        raise errors.Forbidden("none of your groups has a role here", code="oidc_no_role")

    # --- the issuer ----------------------------------------------------------------------------

    def _exchange(self, code: str, verifier: str) -> str:
        said = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.back,
            "client_id": self.oidc.client,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if self.oidc.secret:
            # RFC 6749 2.3.1: both are form-encoded before they are joined.
            pair = f"{quote(self.oidc.client, safe='')}:{quote(self.oidc.secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        place = self._endpoint("token_endpoint")
        told = self._ask(Outgoing("POST", place, headers, urlencode(said).encode()))
        token = told.get("id_token")
        if not isinstance(token, str) or not token.isascii():
            raise errors.Unauthorised("the issuer gave no ID token", code="oidc_refused")
        return token

    def _about(self) -> Known:
        now, known = self.outside.now().timestamp(), _known.get(self.oidc.issuer)
        if known and now - known.at < KNOWN_SECONDS:
            return known
        place = self.oidc.issuer.rstrip("/") + "/.well-known/openid-configuration"
        about = self._ask(Outgoing("GET", place))
        if about.get("issuer") != self.oidc.issuer:
            raise errors.Unauthorised("the issuer goes by another name", code="oidc_refused")
        _known[self.oidc.issuer] = Known(about, at=now)
        return _known[self.oidc.issuer]

    def _endpoint(self, name: str) -> str:
        place = str(self._about().about.get(name, ""))
        if not secure(place):
            raise errors.Unauthorised(f"the issuer has no {name}", code="oidc_refused")
        return place

    def _key(self, name: str) -> Mapping[str, Any]:
        known, now = self._about(), self.outside.now().timestamp()
        found = [key for key in known.keys if key.get("kid") == name]
        if not found and now - known.keys_at >= AGAIN_SECONDS:
            told = self._ask(Outgoing("GET", self._endpoint("jwks_uri"))).get("keys")
            known.keys = [key for key in told or () if isinstance(key, dict)]
            known.keys_at = now
            found = [key for key in known.keys if key.get("kid") == name]
        if len(found) != 1:
            raise errors.Unauthorised("the issuer does not know this key", code="oidc_token")
        return found[0]

    def _ask(self, request: Outgoing) -> Mapping[str, Any]:
        answer = self.outside.send(request)
        if answer.status >= 500:
            raise errors.Unavailable("the issuer does not answer", retry_after=5)
        try:
            told = json.loads(answer.body)
        except (ValueError, RecursionError):
            told = None
        if answer.status != 200 or not isinstance(told, dict):
            raise errors.Unauthorised("the issuer refused to answer", code="oidc_refused")
        return told

    # --- what the browser keeps --------------------------------------------------------------

    def _derived(self, seed: bytes, what: str) -> str:
        return _text(hmac.digest(self._secret(), seed + what.encode(), "sha256"))

    def _sealed(self, seed: bytes) -> str:
        ends = int(self.outside.now().timestamp()) + WAY_SECONDS
        body = f"{_text(seed)}.{ends}"
        return f"{body}.{_text(hmac.digest(self._secret(), body.encode(), 'sha256'))}"

    def _opened(self, kept: str) -> bytes:
        body, _, mark = kept[:_LONGEST].rpartition(".")
        right = _text(hmac.digest(self._secret(), body.encode("utf-8", "replace"), "sha256"))
        seed, _, ends = body.partition(".")
        genuine = hmac.compare_digest(right.encode(), mark.encode("utf-8", "replace"))
        if not genuine or int(ends) < self.outside.now().timestamp():
            raise errors.Unauthorised("this sign-in was not begun here", code="oidc_state")
        return base64.urlsafe_b64decode(seed + "=")

    def _secret(self) -> bytes:
        return hmac.digest(self.outside.secret, b"inlet oidc", "sha256")


def secure(url: str) -> bool:
    """Whether an address is one that a sign-in may go to: https, or this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    here = parts.scheme == "http" and host in ("127.0.0.1", "localhost", "::1")
    return bool(host) and (parts.scheme == "https" or here) and not parts.fragment


def forget() -> None:
    """Ask the issuers again: for tests."""
    _known.clear()


def _label(claims: Mapping[str, Any]) -> str:
    """What somebody is called in lists: a verified address, else a name, else what they are."""
    address = claims.get("email") if claims.get("email_verified") in (True, "true") else ""
    for text in (address, claims.get("preferred_username"), claims.get("name"), claims["sub"]):
        if isinstance(text, str) and text.strip():
            return "".join(each for each in text.strip()[:200] if each.isprintable())
    return ""


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
