"""The HTTP side of `make run`: what API Gateway is on AWS, for one Chalice application.

Written instead of using `chalice local`, which answers 23 requests a second (delayed
ACK), knows neither HEAD nor limits, and hands multipart bodies over damaged.
"""

from __future__ import annotations

import base64
import json
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from local.context import LambdaContext
from local.requests import HttpRequest, Match, Routes, gateway_event

# The longest that API Gateway waits for an answer.
TIMEOUT = 29


class Refused(Exception):
    """A request that the gateway answers itself."""

    def __init__(self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None):
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


@dataclass(frozen=True)
class Answer:
    """What goes back: a status, headers (repeated ones as several pairs), bytes."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class Gateway:
    """Routes requests to a Chalice application; safe to call from many threads."""

    def __init__(self, application: Any) -> None:
        guarded = [path for path, methods in application.routes.items() if _guarded(methods)]
        if guarded:
            raise ValueError(f"routes with an authorizer are not served locally: {guarded}")
        self._application = _per_thread(application)
        self._routes = Routes(application.routes)

    def answer(self, request: HttpRequest) -> Answer:
        """What the application says, or what the gateway says in its stead."""
        try:
            return self._route(request)
        except Refused as refused:
            return problem(refused)

    def _route(self, request: HttpRequest) -> Answer:
        match = self._routes.find(request.path)
        if match is None:
            raise Refused(HTTPStatus.NOT_FOUND, "There is nothing at this address.")
        methods = self._application.routes[match.pattern]
        if request.method in methods:
            return self._call(request, match, request.method)
        if request.method == "OPTIONS":
            return _preflight(methods)
        if request.method == "HEAD" and "GET" in methods:
            return self._call(request, match, "GET")
        allowed = {"Allow": ", ".join(sorted(methods))}
        raise Refused(
            HTTPStatus.METHOD_NOT_ALLOWED, f"{request.method} is not offered here.", allowed
        )

    def _call(self, request: HttpRequest, match: Match, method: str) -> Answer:
        event = gateway_event(request, match, method, self._application.api.binary_types)
        try:
            return _from_lambda(self._application(event, LambdaContext("api_handler", TIMEOUT)))
        except Exception as error:
            traceback.print_exc()
            raise Refused(HTTPStatus.BAD_GATEWAY, "The application failed.") from error


CODES = {
    HTTPStatus.BAD_REQUEST: "body_unreadable",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.BAD_GATEWAY: "internal",
}


def problem(refused: Refused) -> Answer:
    """An error as RFC 9457 puts it."""
    code = CODES.get(refused.status, "unavailable")
    document: dict[str, Any] = {
        "type": f"urn:inlet:problem:{code}",
        "title": refused.status.phrase,
        "status": refused.status.value,
        "code": code,
        "detail": refused.detail,
        "errors": [],
    }
    # As the template's gateway answers: a page of another site must see more than a failure.
    headers = [("Content-Type", "application/problem+json"), ("Access-Control-Allow-Origin", "*")]
    headers += refused.headers.items()
    return Answer(refused.status.value, headers, json.dumps(document).encode())


def _from_lambda(response: Mapping[str, Any]) -> Answer:
    headers = [(name, str(value)) for name, value in (response.get("headers") or {}).items()]
    for name, values in (response.get("multiValueHeaders") or {}).items():
        headers += [(name, str(value)) for value in values]
    # The length is ours to state.
    headers = [(name, value) for name, value in headers if name.lower() != "content-length"]
    body = response.get("body") or ""
    encoded = response.get("isBase64Encoded")
    data = base64.b64decode(body) if encoded else str(body).encode()
    return Answer(int(response["statusCode"]), headers, data)


def _preflight(methods: Mapping[str, Any]) -> Answer:
    """Chalice deploys a mock for OPTIONS where a route has CORS; elsewhere say what is offered."""
    offered = ",".join(sorted({*methods, "OPTIONS"}))
    headers = [("Allow", offered)]
    settings = [entry.cors for entry in methods.values() if entry.cors]
    if settings:
        headers += settings[0].get_access_control_headers().items()
        headers.append(("Access-Control-Allow-Methods", offered))
    return Answer(HTTPStatus.NO_CONTENT, headers)


def _guarded(methods: Mapping[str, Any]) -> bool:
    return any(entry.authorizer for entry in methods.values())


def _per_thread(application: Any) -> Any:
    """Give each thread its own `current_request`.

    Chalice keeps it on the application, which on Lambda serves one request at a time.
    """
    local = threading.local()

    def slot(name: str) -> property:
        def read(_: Any) -> Any:
            return getattr(local, name, None)

        def write(_: Any, value: Any) -> None:
            setattr(local, name, value)

        return property(read, write)

    slots = {name: slot(name) for name in ("current_request", "lambda_context")}
    application.__class__ = type("LocalApplication", (type(application),), slots)
    return application
