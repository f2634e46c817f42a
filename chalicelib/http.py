"""Where Chalice ends: its request becomes ours, our answers and errors become its.

Errors are mapped inside the view (docs of Chalice: middleware sees an unknown exception only as a
finished 500, and one raised there loses its headers). The body is text and every header a string
before Chalice sees them, because it encodes bodies outside its own error handler.
"""

import functools
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib import errors, locale
from chalicelib.model import Problem, Request, Response

log = logging.getLogger(__name__)
JSON, PROBLEM = "application/json", "application/problem+json"
# A body's bound, at the runner as behind the gateway.
MOST_BYTES = 4 * 1024 * 1024
TYPES = "urn:inlet:problem:"


def request(current: Any) -> Request:
    """Our request from Chalice's `current_request`."""
    context = current.context or {}
    identity = context.get("identity") or {}
    headers = {str(name).lower(): str(value) for name, value in (current.headers or {}).items()}
    query = {str(k): str(v) for k, v in (current.query_params or {}).items()}
    return Request(
        method=current.method,
        path=str(context.get("path") or current.path),
        headers=headers,
        query=query,
        body=current.raw_body or b"",
        url=str(context.get("path") or current.path),
        ip=str(identity.get("sourceIp") or ""),
    )


def json_response(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON answer; every script stays readable."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(status, text, {"Content-Type": JSON, **(headers or {})})


def problem(error: errors.InletError, language: str = "en") -> Response:
    """An error as RFC 9457 problem details, in the caller's language, never with a trace."""
    title = _title(error, language)
    body = {
        "type": TYPES + error.code,
        "title": title or error.code,
        "status": error.status,
        "code": error.code,
        "detail": error.detail or title,
        "errors": [explained(found, language) for found in error.problems],
    }
    headers = {"Content-Type": PROBLEM, "Content-Language": language, "Cache-Control": "no-store"}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    headers |= retry_after(error)
    return Response(error.status, json.dumps(body, ensure_ascii=False), headers)


def retry_after(error: errors.InletError) -> dict[str, str]:
    """The header that says after how many seconds to try again, where that may help."""
    if error.retry_after or error.status in (429, 503):
        return {"Retry-After": str(error.retry_after or 5)}
    return {}


def _title(error: errors.InletError, language: str) -> str:
    """A sentence for the whole: for invalid content a general one, its problems say the rest."""
    if error.code == errors.Rejected.code:
        return locale.message("form_mend_title", language)
    if not locale.known(error.code):
        return error.detail
    field = error.problems[0].field if error.problems else error.detail
    return locale.message(error.code, language, field=field)


def explained(found: Problem, language: str, label: str = "") -> dict[str, str]:
    """One problem as it is told: the field, the stable code, a sentence, and what would be right."""
    told = {
        "field": found.field,
        "code": found.code,
        "message": locale.explain(found, language, label),
    }
    return told | ({"suggestion": found.suggestion} if found.suggestion else {})


def language(asked: Request) -> str:
    """The language to answer in."""
    return locale.choose(asked.header("accept-language"), locale.LANGUAGES) or "en"


def wants_page(request: Request) -> bool:
    """Whether the caller is a browser that wants a page: HTML named before, or without, JSON."""
    accept = request.header("accept").lower()
    html, json = accept.find("text/html"), accept.find("json")
    return html >= 0 and (json < 0 or html < json)


def answers(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a view return our `Response` or a JSON value, and raise our errors.

    Whatever else it raises is a bug of ours: logged by its type and place, answered with a 500
    that says nothing.
    """

    @functools.wraps(view)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        try:
            made = view(*arguments, **named)
        except errors.InletError as error:
            made = problem(error, _asked_language())
        except Exception as error:
            log.exception("unexpected %s in %s", type(error).__name__, view.__name__)
            made = problem(
                errors.InletError("Something went wrong on our side."), _asked_language()
            )
        return to_chalice(made if isinstance(made, Response) else json_response(made))

    return wrapped


def _asked_language() -> str:
    """The language of the request under way; an answer must not fail over finding it."""
    current = CURRENT()
    return language(request(current)) if current is not None else "en"


def _no_request() -> Any:
    return None


# app.py says where the request under way is to be had.
CURRENT: Callable[[], Any] = _no_request


def to_chalice(made: Response) -> Any:
    """Chalice's response from ours."""
    from chalice.app import Response as ChaliceResponse

    headers: dict[str, Any] = {name: str(value) for name, value in made.headers.items()}
    headers.setdefault("X-Content-Type-Options", "nosniff")
    return ChaliceResponse(body=made.body, status_code=made.status, headers=headers)
