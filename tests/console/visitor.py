"""Somebody at the console, without a browser: cookies, forms, redirects."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from chalicelib import errors
from chalicelib.doors import front
from chalicelib.model import Request, Response
from chalicelib.store.api_keys import ApiKeys
from tests.live import Stage

_TOKEN = re.compile(r'name="_token" value="([0-9a-f]{32})"')
_ONCE = re.compile(r'name="_once" value="([0-9a-f]{32})"')


@dataclass
class Visitor:
    """Cookies are kept as a browser would; `base` is the path of the console."""

    stage: Stage
    base: str = "/console"
    language: str = "en"
    cookies: dict[str, str] = field(default_factory=dict)
    last: Response = field(default_factory=lambda: Response(0))
    at: str = ""

    @classmethod
    def signed_in(cls, stage: Stage, role: str, **more: Any) -> "Visitor":
        """A visitor with a key of a role; a viewer's shows data masked."""
        secret, _ = keys(stage).create(role, f"{role}'s")
        visitor = cls(stage, **more)
        visitor.sign_in(secret)
        assert visitor.last.status == 200, visitor.text
        return visitor

    def sign_in(self, secret: str, to: str = "") -> str:
        """Sign in and go where that leads; the page."""
        self.get("/sign-in", to=to) if to else self.get("/sign-in")
        return self.post("/sign-in", key=secret, to=to)

    def get(self, path: str = "", **query: str) -> str:
        """The page at an address of the console."""
        return self._ask("GET", path, query)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **more: Any) -> str:
        """Send a form of the page that was seen last, with its token, and go where that leads."""
        token, once = _TOKEN.search(self.text), _ONCE.search(self.text)
        hidden = {"_token": token[1]} if token else {}
        hidden |= {"_once": once[1]} if once else {}
        body = urlencode({**hidden, **(data or {}), **more}, doseq=True).encode()
        return self._ask("POST", path, {}, body)

    @property
    def text(self) -> str:
        """The page that was seen last."""
        return str(self.last.body)

    @property
    def words(self) -> str:
        """What it says, without its markup."""
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", self.text)))

    def _ask(self, method: str, path: str, query: Mapping[str, str], body: bytes = b"") -> str:
        here, _, rest = path.partition("?")
        asked = {**dict(parse_qsl(rest)), **query}
        self.last = self.answer(method, self.base + here, asked, body)
        self.at = self.base + path
        for _ in range(5):
            if self.last.status != 303:
                return self.text
            there = urlsplit(self.last.headers["Location"])
            self.at = there.path
            self.last = self.answer("GET", there.path, dict(parse_qsl(there.query)))
        raise AssertionError("redirected without end")

    def answer(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Response:
        """What one request is answered; its cookies are kept."""
        # Of two that say something in one moment nobody knows who was later.
        self.stage.moment += timedelta(seconds=1)
        headers = {"accept": "text/html", "accept-language": self.language}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
        request = Request(method, path, headers, dict(query or {}), body, ip="192.0.2.1")
        place = path.removeprefix(self.base).strip("/")
        parts = place.split("/") if place else []
        try:
            made = front.console(self.stage.live, request, *parts)
        except errors.InletError as error:
            return Response(error.status, error.detail, {})
        if cookie := made.headers.get("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return made


def keys(stage: Stage) -> ApiKeys:
    """The keys of a stage."""
    return ApiKeys(stage.table, stage.live.outside.now)
