"""`GET /openapi.json`: every route described, from the table that serves it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.admin.call import MOST_LIMIT, USUAL_LIMIT
from chalicelib.admin.routes import ROUTES, Route
from chalicelib.admin.schema_parts import TEXT, ref, word
from chalicelib.admin.schemas import SCHEMAS
from chalicelib.model import Acquisition, Door, Fate
from chalicelib.store.account_items import Status as AccountStatus
from chalicelib.store.opportunity import Status
from chalicelib.store.suppression import Reason

JSON, PROBLEM = "application/json", "application/problem+json"
_TIME = "an RFC 3339 time, or a date"
_DAY = {"type": "string", "format": "date"}
PARAMETERS: Mapping[str, tuple[dict[str, Any], str]] = {
    "limit": (
        {"type": "integer", "minimum": 1, "maximum": MOST_LIMIT, "default": USUAL_LIMIT},
        "How many items at most.",
    ),
    "cursor": (TEXT, "Where the list goes on: `next` of the page before, with the same filters."),
    "email": (TEXT, "Leading filter: the one of this address."),
    "phone": (TEXT, "Leading filter: who gave this phone, its owner first."),
    "external_id": (TEXT, "Leading filter: who is known by `scope:id`, such as `hubspot:4711`."),
    "source": (TEXT, "Leading filter: the name of the first touch's source."),
    "stage": (TEXT, "Leading filter: the stage; of opportunities, the next to close first."),
    "name": (TEXT, "Leading filter: the beginning of the name, in its order."),
    "account": (TEXT, "Leading filter: the account's id, or that of one merged into it."),
    "tag": (TEXT, "Leading filter: who has this tag, to the letter."),
    "domain": (TEXT, "The account of this mail domain, or of this address."),
    "/accounts status": (word(AccountStatus), "Only accounts of this status; may come back short."),
    "created_from": (TEXT, f"Created then or later: {_TIME}."),
    "created_to": (TEXT, f"Created then or before: {_TIME}, which counts to its end."),
    "channel": (TEXT, "Narrows a page by the first touch's channel; it may come back short."),
    "campaign": (TEXT, "Narrows a page by the first touch's campaign; it may come back short."),
    "acquisition": (word(Acquisition), "Narrows a page by how the first touch was acquired."),
    "/access lead": (TEXT, "Only the calls that were about this lead."),
    "/access key": (
        TEXT,
        "Only the calls with the key of this id; whoever signs in through an issuer has one.",
    ),
    "/access from": (TEXT, f"Made then or later: {_TIME}."),
    "/access to": (TEXT, f"Made then or before: {_TIME}, which counts to its end."),
    "lead": (TEXT, "Of this lead: whom it resembles, the likest first; its opportunities."),
    "segment": (TEXT, "A saved set of filters; what it does not say may be given beside it."),
    "status": (word(Status), "Only those that are still open, won or lost."),
    "month_from": (TEXT, "From this month on (2026-01); the current one unless given."),
    "month_to": (TEXT, "To this month and with it; eleven after the first unless given."),
    "currency": (TEXT, "Only this currency (ISO 4217)."),
    "/stats from": (_DAY, "The first day, in UTC; thirty days before the last one unless given."),
    "/stats to": (_DAY, "The last day, at most 400 after the first; today unless given."),
    "order": (word(("newest", "oldest")), "Which touches come first; the newest unless given."),
    "fate": (word(Fate), "What became of them. What repeats another has no item of its own."),
    "door": (word(Door), "How they arrived; narrows a page, which may come back short."),
    "from": (TEXT, f"Received then or later: {_TIME}."),
    "to": (TEXT, f"Received then or before: {_TIME}, which counts to its end."),
    "key": (TEXT, "Only the imports of this object's key."),
    "run": (
        TEXT,
        "Only the imports of this run (option `run`), with what they came to together on the first page.",
    ),
    "reason": (word(Reason), "Only suppressions of this reason."),
    "note": (TEXT, "Why it is taken back; here or in a JSON body."),
    "language": (TEXT, "The language of what is explained; else what is accepted."),
    "version": ({"type": "integer", "minimum": 1}, "An earlier version of the document."),
    "c": (TEXT, "The signed token of a confirmation."),
    "u": (TEXT, "The signed token of whoever leaves."),
    "visits": (TEXT, "JSON of the first and the last visit, to be signed for `_attribution`."),
    "Idempotency-Key": (TEXT, "The same content again under the same key takes effect once."),
    "If-Match": (TEXT, "Only if this is the current version, as its ETag says."),
    "If-None-Match": (TEXT, "`*`: only if there is none yet."),
}


@dataclass(frozen=True, slots=True)
class PublicRoute:
    """A public route, served elsewhere: what it does, and what it answers by status."""

    method: str
    path: str
    summary: str
    answers: Mapping[int, str]
    problems: tuple[int, ...] = ()
    query: tuple[str, ...] = ()


# Preflights (OPTIONS) and probes (HEAD) are left out: they belong to browsers and providers.
PUBLIC = (
    PublicRoute("GET", "/", "What there is here.", {200: "Anything"}),
    PublicRoute("GET", "/health", "Whether the store answers.", {200: "Anything"}, (503,)),
    PublicRoute("GET", "/openapi.json", "This description.", {200: "Anything"}),
    PublicRoute("GET", "/docs", "This description as a page.", {200: "html"}),
    PublicRoute("GET", "/forms/{form}", "The hosted page.", {200: "html"}, (404, 503)),
    PublicRoute(
        "POST",
        "/forms/{form}",
        "A form's post: JSON, urlencoded or multipart.",
        {200: "Receipt", 202: "Receipt", 303: ""},
        (400, 403, 404, 413, 415, 422, 429, 503),
    ),
    PublicRoute(
        "GET",
        "/forms/{form}/token",
        "A fresh token.",
        {200: "FormToken"},
        (403, 404, 503),
        query=("visits",),
    ),
    PublicRoute(
        "POST",
        "/forms/{form}/uploads",
        "Leave to upload one file, described in JSON, for a field that takes files.",
        {200: "FileUpload"},
        (400, 403, 404, 413, 422, 429, 503),
    ),
    PublicRoute(
        "GET",
        "/forms/{form}/embed.js",
        "The script that puts a form on any page.",
        {200: "script", 304: ""},
        (404, 503),
    ),
    PublicRoute("GET", "/forms/{form}/thanks", "The page after a post.", {200: "html"}, (404, 503)),
    *(
        PublicRoute(method, f"/forms/{{form}}/{place}", summary, {200: "html"}, problems, query)
        for place, query, summary, problems in (
            ("confirm", ("c",), "The link that confirms an opt-in.", (404, 410, 503)),
            ("unsubscribe", ("u",), "The link that ends all mail.", (404, 503)),
        )
        for method in ("GET", "POST")
    ),
    PublicRoute(
        "GET",
        "/webhooks/{provider}/{endpoint}",
        "A provider's probe.",
        {200: "any"},
        (400, 401, 404, 503),
    ),
    PublicRoute(
        "POST",
        "/webhooks/{provider}/{endpoint}",
        "A provider's delivery, signed as it signs.",
        {200: "any", 202: "any"},
        (400, 401, 404, 413, 503),
    ),
)


def document(server: str = "") -> dict[str, Any]:
    """The whole description (OpenAPI 3.1); `server` is the public address, where it is known."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(f"/api{route.path}", {})[route.method.lower()] = _operation(route)
    for door in PUBLIC:
        paths.setdefault(door.path, {})[door.method.lower()] = _public(door)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Inlet", "version": "1", "summary": "The front door for leads."},
        "servers": [{"url": server or "/"}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": _operation_id(route.method, f"/api{route.path}"),
        "tags": [route.scope],
        "summary": route.summary,
        "description": f"Roles: {', '.join(sorted(route.roles))}.",
        "security": [{"key": []}],
        "parameters": [
            *_in_path(route.path),
            *(_parameter(name, "query", route.path) for name in route.query),
            *(_parameter(name, "header") for name in route.headers),
        ],
        "responses": _responses(route.answers, _problems(route)),
    }
    if route.body:
        content = {JSON: {"schema": ref(route.body)}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _problems(route: Route) -> list[int]:
    found = {401, 403, 422, 429, 503, *route.problems}
    found |= {404} if "{" in route.path else set()
    found |= {400, 413} if route.body else set()
    return sorted(found)


def _public(door: PublicRoute) -> dict[str, Any]:
    return {
        "operationId": _operation_id(door.method, door.path),
        "tags": ["doors"],
        "summary": door.summary,
        "security": [],
        "parameters": [
            *_in_path(door.path),
            *(_parameter(name, "query") for name in door.query),
        ],
        "responses": _responses(door.answers, door.problems),
    }


def _responses(answers: Mapping[int, str], problems: Any) -> dict[str, Any]:
    made = {str(status): _success(schema) for status, schema in answers.items()}
    problem = {
        "description": "A problem (RFC 9457).",
        "content": {PROBLEM: {"schema": ref("Problem")}},
    }
    return made | {str(status): problem for status in problems}


def _success(schema: str) -> dict[str, Any]:
    if not schema:
        return {"description": "Done."}
    if schema == "csv":
        return {"description": "A file.", "content": {"text/csv": {"schema": TEXT}}}
    if schema == "html":
        return {"description": "A page.", "content": {"text/html": {"schema": TEXT}}}
    if schema == "script":
        return {"description": "A script.", "content": {"text/javascript": {"schema": TEXT}}}
    if schema == "any":
        return {"description": "What the provider wants to hear.", "content": {"*/*": {}}}
    return {"description": "Done.", "content": {JSON: {"schema": ref(schema)}}}


def _in_path(path: str) -> list[dict[str, Any]]:
    names = re.findall(r"{(\w+)}", path)
    return [{"name": name, "in": "path", "required": True, "schema": TEXT} for name in names]


def _parameter(name: str, place: str, path: str = "") -> dict[str, Any]:
    """One parameter; a route may mean something of its own by a name (`/path name`)."""
    schema, description = PARAMETERS.get(f"{path} {name}") or PARAMETERS[name]
    return {"name": name, "in": place, "schema": schema, "description": description}


def _operation_id(method: str, path: str) -> str:
    return "_".join([method.lower(), *re.findall(r"\w+", path)]) or method.lower()
