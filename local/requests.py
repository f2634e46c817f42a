"""An HTTP request as API Gateway (REST, Lambda proxy) hands it to the function.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class HttpRequest:
    """What came over the wire; header names as sent, in their order."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    client: str

    @property
    def path(self) -> str:
        """The path, still percent-encoded, without its query."""
        return urlsplit(self.target).path or "/"


@dataclass(frozen=True)
class Match:
    """The route that a path belongs to, and what its placeholders stand for."""

    pattern: str
    parameters: dict[str, str]


class Routes:
    """Finds routes as the gateway does: a literal segment before a placeholder."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = sorted(patterns, key=_specificity)

    def find(self, path: str) -> Match | None:
        """The most specific route for a percent-encoded path, if there is any."""
        segments = _segments(path)
        for pattern in self._patterns:
            parameters = _match(_segments(pattern), segments)
            if parameters is not None:
                return Match(pattern, parameters)
        return None


def gateway_event(
    request: HttpRequest, match: Match, method: str, binary_types: Iterable[str]
) -> dict[str, Any]:
    """The event for a request that is routed to `match` with `method`."""
    query = parse_qsl(urlsplit(request.target).query, keep_blank_values=True)
    headers = (*request.headers, ("X-Forwarded-For", _forwarded_for(request)))
    body, encoded = _body(request, binary_types)
    return {
        "resource": match.pattern,
        "path": request.path,
        "httpMethod": method,
        "headers": dict(headers) or None,
        "multiValueHeaders": _grouped(headers) or None,
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _grouped(query) or None,
        "pathParameters": match.parameters or None,
        "stageVariables": None,
        "requestContext": _context(request, match, method),
        "body": body,
        "isBase64Encoded": encoded,
    }


def _context(request: HttpRequest, match: Match, method: str) -> dict[str, Any]:
    headers = {name.lower(): value for name, value in request.headers}
    return {
        "accountId": "000000000000",
        "apiId": "local",
        "stage": "local",
        "requestId": str(uuid.uuid4()),
        "resourcePath": match.pattern,
        "path": request.path,
        "httpMethod": method,
        "protocol": "HTTP/1.1",
        "domainName": headers.get("host", "localhost"),
        "requestTime": datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(time.time() * 1000),
        "identity": {"sourceIp": request.client, "userAgent": headers.get("user-agent", "")},
    }


def _body(request: HttpRequest, binary_types: Iterable[str]) -> tuple[str | None, bool]:
    """The body, and whether it is base64.

    The gateway encodes the registered types and sends the rest as text. Bytes that are no
    UTF-8 would be damaged there; here they are encoded too, so that what the application
    judges is what was sent.
    """
    if not request.body:
        return None, False
    types = [value for name, value in request.headers if name.lower() == "content-type"]
    media_type = types[-1].partition(";")[0].strip().lower() if types else ""
    if media_type not in binary_types:
        try:
            return request.body.decode("utf-8"), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode("ascii"), True


def _forwarded_for(request: HttpRequest) -> str:
    given = [value for name, value in request.headers if name.lower() == "x-forwarded-for"]
    return ", ".join([*given, request.client])


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _segments(path: str) -> list[str]:
    """A trailing slash means nothing to the gateway."""
    return path.strip("/").split("/")


def _specificity(pattern: str) -> list[int]:
    return [_rank(segment) for segment in _segments(pattern)]


def _rank(segment: str) -> int:
    if segment.endswith("+}"):
        return 2
    return 1 if segment.startswith("{") else 0


def _match(pattern: list[str], path: list[str]) -> dict[str, str] | None:
    parameters: Mapping[str, str] = {}
    for index, segment in enumerate(pattern):
        if _rank(segment) == 2 and len(path) > index:
            return {**parameters, segment[1:-2]: unquote("/".join(path[index:]))}
        if index >= len(path):
            return None
        if _rank(segment) == 1 and path[index]:
            parameters = {**parameters, segment[1:-1]: unquote(path[index])}
        elif segment != unquote(path[index]):
            return None
    return dict(parameters) if len(pattern) == len(path) else None
