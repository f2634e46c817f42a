"""Webhooks: who delivers where, how each fares, and a delivery tried out."""

import re
import secrets
from typing import Any

from chalicelib import errors, webhooks
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.documents import Documents
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.pages._brands import brand
from chalicelib.admin.console.pages._deals import stages_of, words_of
from chalicelib.model import Response

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_ONE = "/endpoints/{endpoint}"
_GIVEN = ("provider", "name", "secrets", "source", "stage", "owner", "tags")


def list_endpoints(desk: Desk) -> Response:
    """The endpoints with their health."""
    return _listed(desk)


def make(desk: Desk) -> Response:
    """A new endpoint, under a name that nobody guesses unless one is given."""
    name = desk.field("name") or secrets.token_urlsafe(16).lstrip("-_")
    document: dict[str, Any] = {"provider": desk.field("provider")}
    if given := [line for line in desk.field("secrets").splitlines() if line.strip()]:
        document["secrets"] = [line.strip() for line in given]
    if source := desk.field("source"):
        document["source"] = {"name": source}
    if response := _response(desk):
        document["response"] = response
    if not _NAME.fullmatch(name):
        return _listed(desk, 422, wrong=desk.say("name_wrong"))
    try:
        ENDPOINTS.put(desk, name, document)
    except errors.Rejected as error:
        return _listed(desk, 422, problems=desk.problems(error))
    return desk.go("endpoints", name, said="done_made")


def _response(desk: Desk) -> dict[str, Any]:
    """What is to be done with its leads, as far as it is said; tags stand apart by commas."""
    said: dict[str, Any] = {name: desk.field(name) for name in ("stage", "owner")}
    said["tags"] = [tag.strip() for tag in desk.field("tags").split(",") if tag.strip()]
    return {name: value for name, value in said.items() if value}


def try_out(desk: Desk) -> Response:
    """What would become of a delivery: a pasted one, or one that came; nothing is written."""
    body: dict[str, Any] = {"receipt": desk.field("receipt")}
    if not desk.field("receipt"):
        lines = [line.partition(":") for line in desk.field("headers").splitlines() if line.strip()]
        headers = {name.strip(): text.strip() for name, _, text in lines}
        body = {"headers": headers, "body": desk.field("body")}
        body["unsigned"] = desk.field("unsigned") == "yes"
    try:
        trial = desk.post(f"{_ONE}/try", body, endpoint=desk.name)
    except (errors.Rejected, errors.Missing) as error:
        wrong = "" if error.problems else error.detail
        return ENDPOINTS.shown(
            desk, status=error.status, problems=desk.problems(error), wrong=wrong
        )
    return ENDPOINTS.shown(desk, trial=trial)


def _listed(
    desk: Desk, status: int = 200, *, problems: list[dict[str, str]] | None = None, wrong: str = ""
) -> Response:
    return desk.show(
        "endpoints.html",
        status=status,
        page=ENDPOINTS.page(desk),
        problems=problems or [],
        wrong=wrong,
        providers=sorted(
            ((name, brand(name)) for name in webhooks.SHELF.names()),
            key=lambda each: each[1].lower(),
        ),
        brand=brand,
        stages=[(each["name"], each["words"]) for each in stages_of(desk)],
        given={name: desk.field(name) for name in _GIVEN},
    )


def _around(desk: Desk) -> dict[str, Any]:
    got = desk.get(_ONE, None, endpoint=desk.name)
    provider = str(got["provider"])
    address = f"{desk.live.settings.url}/webhooks/{provider}/{desk.name}"
    pasted = {name: desk.field(name) for name in ("headers", "body", "receipt")}
    shown = {"address": address, "provider": brand(provider), "trial": None, "pasted": pasted}
    return {**shown, "stages": words_of(desk)}


ENDPOINTS = Documents("/endpoints", "endpoint", "endpoints_one.html", _around)
PAGE = Page(
    {
        "GET": list_endpoints,
        "POST /new": make,
        "GET /{name}": ENDPOINTS.shown,
        "POST /{name}/try": try_out,
        **ENDPOINTS.views,
    },
    needs="GET /endpoints",
    group="incoming",
    order=40,
)
