"""A small OpenID Connect issuer over loopback: it signs what a test says, right or wrong."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

CLIENT, SECRET = "inlet-console", "a secret: of the client's"


@cache
def pair(kind: str, number: int = 0) -> Any:
    """A key pair, made once a run."""
    del number
    if kind == "RS256":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def public(kind: str, name: str, number: int = 0) -> dict[str, Any]:
    """The public half as the issuer shows it."""
    of: Any = {"RS256": jwt.algorithms.RSAAlgorithm, "ES256": jwt.algorithms.ECAlgorithm}[kind]
    shown: dict[str, Any] = of.to_jwk(pair(kind, number).public_key(), as_dict=True)
    return {**shown, "kid": name, "use": "sig", "alg": kind}


@dataclass
class Issuer:
    """What the stub knows: who is at its door, what its tokens say, and what it was asked."""

    url: str = ""
    kind: str = "ES256"
    kid: str = "one"
    number: int = 0
    person: dict[str, Any] = field(default_factory=dict)
    otherwise: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)
    now: int = 0
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    token: str = ""
    status: int = 200

    def sign_in(self, address: str) -> dict[str, str]:
        """Somebody signs in at the address they were sent to: what comes back in the query."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def exchange(self, said: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """What a code is worth, once, to who set out for it; None where it is worth nothing."""
        asked = self.codes.pop(said.get("code", ""), None)
        pair_given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        client, _, secret = pair_given.partition(":")
        digest = hashlib.sha256(said["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            asked is None
            or (unquote(client), unquote(secret)) != (CLIENT, SECRET)
            or challenge != asked["code_challenge"]
            or said["redirect_uri"] != asked["redirect_uri"]
        ):
            return None
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "person-1",
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": asked["nonce"],
            **self.person,
            **self.otherwise,
        }
        claims = {name: held for name, held in claims.items() if held is not None}
        return {"id_token": self.token or self.signed(claims), "access_token": "never-kept"}

    def signed(self, claims: dict[str, Any]) -> str:
        """A token of these claims, signed with the key in hand."""
        return jwt.encode(
            claims, pair(self.kind, self.number), self.kind, headers={"kid": self.kid}
        )

    def answer(self, method: str, path: str, body: str, authorization: str) -> tuple[int, Any]:
        """What the issuer answers over HTTP."""
        self.asked.append(f"{method} {path}")
        if self.status != 200:
            return self.status, {}
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize?tenant=1",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                **self.about,
            }
        if path == "/keys":
            return 200, {"keys": self.keys or [public(self.kind, self.kid, self.number)]}
        if path == "/token":
            said = {name: values[0] for name, values in parse_qs(body).items()}
            made = self.exchange(said, authorization)
            return (200, made) if made else (400, {"error": "invalid_grant"})
        return 404, {}


@contextmanager
def serving(issuer: Issuer) -> Iterator[Issuer]:
    """The issuer at an address of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size).decode()
            given = self.headers.get("Authorization") or ""
            if self.path.startswith("/authorize?"):
                self.send_back()
                return
            status, told = issuer.answer(self.command, self.path, body, given)
            raw = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def send_back(self) -> None:
            """Somebody who is signed in here already: straight back to where they came from."""
            query = dict(parse_qsl(urlsplit(self.path).query))
            told = urlencode(issuer.sign_in(self.path))
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri']}?{told}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
