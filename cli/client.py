"""The API as the command line uses it: by address and key, with retries that do nothing twice.

A request goes out again where it was answered "later" (429, 502, 503, 504), or where its answer was
lost and doing it twice is doing it once: what only reads, what replaces or removes a named thing
whatever it is, and what carries an Idempotency-Key. Redirects are not followed: the key must not
reach another host.
"""

import http.client
import json
import secrets
import socket
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from cli.refusal import UNAVAILABLE, Refused, refused
from cli.show import note

Json = Any
_LATER = (429, 502, 503, 504)
_ATTEMPTS = 5
_LONGEST_PAUSE = 30.0
_SECONDS = 60
_PAGE = 100
_STRANGE = "this address is no Inlet's: it answers something else"
_LOCAL = ("localhost", "127.0.0.1", "::1")
# What differs between calls of one command, so that tests need not wait.
PAUSE = time.sleep


@dataclass(frozen=True)
class Answer:
    """One answer: its status, its bytes, and its headers by lower-case name."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> Json:
        """Its JSON; None where it is empty."""
        try:
            return json.loads(self.body) if self.body else None
        except (ValueError, RecursionError):
            raise Refused(_STRANGE) from None

    @property
    def version(self) -> str:
        """The version that its ETag names."""
        return self.headers.get("etag", "").strip('"')


def idempotent() -> dict[str, str]:
    """The header under which a write that is sent again is one write."""
    return {"Idempotency-Key": secrets.token_hex(16)}


def quoted(name: str) -> str:
    """A name as one step of a path."""
    return urllib.parse.quote(name, safe="")


@dataclass(frozen=True)
class Client:
    """One stage, spoken to with one key, which is never shown: `repr` leaves it out."""

    url: str
    key: str = field(repr=False)
    language: str = "en"

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = _SECONDS,
    ) -> Json:
        """The JSON answer of one route; a problem becomes a sentence and an exit code."""
        answer = self.ask(method, path, query, body, headers=headers, seconds=seconds)
        if answer.status >= 300:
            raise Refused(_STRANGE)
        return answer.content

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = _SECONDS,
    ) -> Answer:
        """The same with status and headers; it may be a redirect."""
        given = {name: value for name, value in (query or {}).items() if value}
        address = self.url + path + (f"?{urllib.parse.urlencode(given)}" if given else "")
        sent = {
            "Authorization": f"Bearer {self.key}",
            "Accept": "application/json",
            "Accept-Language": self.language,
            "User-Agent": "inlet-cli",
            **(headers or {}),
        }
        raw = None
        if body is not None:
            raw, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        request = urllib.request.Request(address, raw, sent, method=method)  # noqa: S310 - connect.py lets http and https through
        return self._sent(request, seconds)

    def _sent(self, request: urllib.request.Request, seconds: float) -> Answer:
        lost = False
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                answer = send(request, seconds)
            except Unanswered as silence:
                if attempt == _ATTEMPTS or silence.closed or not _repeatable(request):
                    raise
                lost, answer = True, Answer(503, b"")
            else:
                if answer.status == 404 and lost and request.method == "DELETE":
                    return Answer(204, b"")  # the answer that was lost said that it is gone
            if answer.status < 400:
                return answer
            if attempt == _ATTEMPTS or answer.status not in _LATER or not _again(request):
                raise refused(answer.status, answer.body, english=self.language == "en")
            _wait(attempt, answer.headers.get("retry-after", ""))
        raise AssertionError("the last attempt answers or raises")

    def items(self, path: str, query: Mapping[str, str], limit: int) -> Iterator[dict[str, Any]]:
        """The items of a list, page after page, up to a limit (0: all there are)."""
        left, cursor = limit, ""
        while True:
            size = min(_PAGE, left) if limit else _PAGE
            page = self.call("GET", path, {**query, "limit": str(size), "cursor": cursor})
            if not isinstance(page, dict) or not {"items", "next"} <= page.keys():
                raise Refused(_STRANGE)
            yield from page["items"]
            cursor, left = page["next"] or "", left - len(page["items"])
            # A page that something narrows may come back short, and empty, before the end.
            if not cursor or (limit and left <= 0):
                return


def send(request: urllib.request.Request, seconds: float) -> Answer:
    """Send a request once; an error status is an answer too. `Refused` where nobody answers."""
    try:
        with opened(request, seconds) as answer:
            return Answer(answer.status, answer.read(), lower(answer.headers))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(), lower(error.headers))
    except (OSError, http.client.HTTPException) as error:
        raise Unanswered(request, error) from error


def opened(request: urllib.request.Request, seconds: float) -> Any:
    """An answer to be read piece by piece; the network's own errors are raised."""
    host = urllib.parse.urlsplit(request.full_url).hostname
    # A proxy is for other machines than this one.
    handlers = [urllib.request.ProxyHandler({})] if host in _LOCAL else []
    return urllib.request.build_opener(_Stay, *handlers).open(request, timeout=seconds)


class Unanswered(Refused):
    """Silence. It names the host, never the address, which may be signed.

    `closed`: nobody listens there or knows it, so that asking again soon is no use.
    """

    def __init__(self, request: urllib.request.Request, error: Exception) -> None:
        where = urllib.parse.urlsplit(request.full_url)
        reason = getattr(error, "reason", None) or error
        said = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        whom = f"{where.scheme}://{where.netloc}"
        super().__init__(f"{whom} does not answer: {said}", UNAVAILABLE, "unreachable")
        self.closed = isinstance(reason, ConnectionRefusedError | socket.gaierror | ssl.SSLError)


def lower(headers: Message) -> dict[str, str]:
    """Headers by lower-case name."""
    return {name.lower(): value for name, value in headers.items()}


def _again(request: urllib.request.Request) -> bool:
    """Whether a request that was answered "later" may go out again: the guarded ones too."""
    return request.method != "POST" or request.has_header("Idempotency-key")


def _repeatable(request: urllib.request.Request) -> bool:
    """Whether a request whose answer was lost may go out again."""
    if request.has_header("Idempotency-key") or request.method == "GET":
        return True
    guarded = request.has_header("If-match") or request.has_header("If-none-match")
    return request.method in ("PUT", "DELETE") and not guarded


def _wait(attempt: int, asked: str) -> None:
    seconds = float(asked) if asked.isdigit() else 0.5 * 2**attempt
    seconds = min(seconds, _LONGEST_PAUSE)
    note(f"the stage is busy; once more in {seconds:.0f} s")
    PAUSE(seconds * (0.75 + secrets.randbelow(500) / 1000))


class _Stay(urllib.request.HTTPRedirectHandler):
    """Stays where it is: a redirect is an answer."""

    def redirect_request(self, *_asked: Any) -> None:
        return None
