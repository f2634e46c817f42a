"""What the public addresses answer, each in a line or two: the HTTP side of the doors."""

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from chalicelib import errors, http
from chalicelib.doors import form as form_doors
from chalicelib.model import Request, Response
from chalicelib.noun import replace
from chalicelib.ports import Key

if TYPE_CHECKING:
    from chalicelib.wiring import Live

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")


def form(live: "Live", name: str, request: Request) -> Response:
    """A form's page (GET), its posts (POST), its preflight (OPTIONS)."""
    try:
        door = _form_door(live, name, request)
    except errors.InletError as error:
        return _readable(form_doors.refusal(request, error, http.language(request)))
    if request.method == "OPTIONS":
        return door.preflight(request)
    return door.post(request) if request.method == "POST" else door.show(request)


def _readable(made: Response) -> Response:
    """An error that says nothing of anybody, for a page of any site: there is no form to ask."""
    return replace(made, headers={**made.headers, "Access-Control-Allow-Origin": "*"})


def form_token(live: "Live", name: str, request: Request) -> Response:
    """A fresh token and challenge; its preflight."""
    try:
        door = _form_door(live, name, request)
    except errors.InletError as error:
        return _readable(http.problem(error, http.language(request)))
    return door.preflight(request) if request.method == "OPTIONS" else door.token(request)


def form_uploads(live: "Live", name: str, request: Request) -> Response:
    """Leave to upload a file; its preflight."""
    try:
        door = _form_door(live, name, request)
    except errors.InletError as error:
        return _readable(http.problem(error, http.language(request)))
    return door.preflight(request) if request.method == "OPTIONS" else door.upload(request)


def form_embed(live: "Live", name: str, request: Request) -> Response:
    """The script that puts a form on any page."""
    return _form_door(live, name, request).embed(request)


def form_thanks(live: "Live", name: str, request: Request) -> Response:
    """The page after a post."""
    return _form_door(live, name, request).thanks(request)


def form_confirm(live: "Live", name: str, request: Request) -> Response:
    """The link that confirms an opt-in."""
    return _linked(live, name, request, "confirm")


def form_unsubscribe(live: "Live", name: str, request: Request) -> Response:
    """The link that takes somebody off every mailing."""
    return _linked(live, name, request, "unsubscribe")


def _linked(live: "Live", name: str, request: Request, what: str) -> Response:
    from chalicelib.doors import opt_in
    from chalicelib.store.suppressions import Ledger

    try:
        if not _NAME.fullmatch(name):
            raise errors.Missing("no such form")
        ledger = Ledger(live.outside.table, live.ring)
        door = opt_in.Door(live.catalogue.form(name), live.outside, ledger)
        return door.confirm(request) if what == "confirm" else door.unsubscribe(request)
    except errors.InletError as error:
        return form_doors.refusal(request, error, http.language(request))


def webhook(live: "Live", provider: str, name: str, request: Request) -> Response:
    """A provider's delivery or probe."""
    # Only here: a form post's cold start must not pay for it.
    from chalicelib.doors import webhook as webhook_doors

    if not _NAME.fullmatch(name):
        raise errors.Missing("no such endpoint")
    if len(request.body) > http.MOST_BYTES:
        raise errors.TooLarge("a delivery has at most 4 MB")
    endpoint = live.catalogue.endpoint(provider, name)
    rules = live.catalogue.endpoint_rules(endpoint, live.settings.region)
    own = live.catalogue.fields().custom
    door = webhook_doors.Door(endpoint, rules, live.outside, live.upsert, own, live.pulse)
    return door.deliver(replace(request, url=_address(live, request, provider, name)))


def _address(live: "Live", request: Request, provider: str, name: str) -> str:
    """The endpoint's public address as its provider knows it: some sign that."""
    query = urlencode(request.query, quote_via=quote, errors="surrogatepass")
    return f"{_own(live, request)}/webhooks/{provider}/{name}" + (f"?{query}" if query else "")


def index(live: "Live", request: Request) -> Response:
    """What there is: the demo form, the console, the API's documentation and its description."""
    places = {
        "form": "/forms/contact",
        "console": "/console",
        "docs": "/docs",
        "api": "/openapi.json",
        "health": "/health",
    }
    own = _own(live, request)
    return http.json_response({name: own + path for name, path in places.items()})


def console(live: "Live", request: Request, *place: str) -> Response:
    """A page of the console; `place` is what follows `/console`."""
    from chalicelib.admin.console import door

    return door.answer(live, request, *place)


def openapi(live: "Live") -> Response:
    """The description of every route."""
    from chalicelib.admin import openapi as described

    return http.json_response(described.document(live.settings.url))


def docs(live: "Live") -> Response:
    """The same description as a page."""
    from chalicelib.admin import described, openapi

    return described.page(openapi.document(live.settings.url))


def health(live: "Live") -> Response:
    """200 while the table answers; locally with the age of the last snapshot in seconds."""
    live.outside.table.get([Key("HEALTH", "H")])
    body: dict[str, object] = {"status": "ok", "stage": live.settings.stage}
    if live.settings.local and live.settings.data:
        body["snapshot_age_seconds"] = _snapshot_age(Path(live.settings.data))
    return http.json_response(body, headers={"Cache-Control": "no-store"})


def _snapshot_age(data: Path) -> float | None:
    try:
        taken = json.loads((data / "aws" / "snapshot.json").read_text())["as_of"]
    except (OSError, ValueError, KeyError):
        return None
    return round(max(0.0, time.time() - float(taken)), 1)


def _form_door(live: "Live", name: str, request: Request) -> form_doors.Door:
    if not _NAME.fullmatch(name):
        raise errors.Missing("no such form")
    definition = live.catalogue.form(name)
    own, local = _own(live, request), live.settings.local
    return form_doors.Door(definition, live.outside, live.upsert, own, local)


def _own(live: "Live", request: Request) -> str:
    """The origin that the caller sees us at."""
    host = request.header("host")
    if live.settings.local and host:
        return f"http://{host}"
    return live.settings.url
