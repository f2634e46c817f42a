"""Exports: leads as a file, in a format and a layout, without whom nobody may write to."""

from typing import Any

from chalicelib import errors
from chalicelib.admin import exports as api
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.pages._brands import brand
from chalicelib.admin.console.pages._deals import stages_of
from chalicelib.admin.console.pages._filters import acquisitions, channels, segments
from chalicelib.model import Response
from chalicelib.presets import SHELF

_LIMIT = "25"
_FILTERS = ("source", "segment", "stage", "tag", "account", "campaign", "channel", "acquisition")


def show(desk: Desk) -> Response:
    """The exports, newest first."""
    return _shown(desk)


def make(desk: Desk) -> Response:
    """Ask for one; it is made in the background."""
    body: dict[str, Any] = {"format": desk.field("format"), "layout": desk.field("layout")}
    body["filters"] = {name: text for name in _filters() if (text := desk.field(name))}
    body["suppressed"] = desk.field("suppressed") == "yes"
    if desk.field("incomplete"):
        body["incomplete"] = desk.field("incomplete") == "yes"
    try:
        desk.post("/exports", body)
    except errors.Rejected as error:
        return _shown(desk, 422, desk.problems(error))
    return desk.go("exports", said="done_asked")


def fetch(desk: Desk) -> Response:
    """The file."""
    found = desk.get("/exports/{export}", None, export=desk.name)
    if not found["url"]:
        raise errors.Missing("it is not there, or not yet")
    return Response(303, "", {"Location": found["url"], "Cache-Control": "no-store"})


def delete(desk: Desk) -> Response:
    """Take one away, with its file."""
    desk.send("DELETE", "/exports/{export}", None, None, "", export=desk.name)
    return desk.go("exports", said="done_deleted")


def _filters() -> list[str]:
    return [name for name in _FILTERS if name in api.FILTERS]


def _shown(desk: Desk, status: int = 200, problems: list[dict[str, str]] | None = None) -> Response:
    page = desk.get("/exports", {**desk.asked("cursor"), "limit": _LIMIT})
    return desk.show(
        "exports.html",
        status=status,
        page=page,
        problems=problems or [],
        formats=[(kind, kind.upper()) for kind in api.FORMATS],
        layouts=[(name, brand(name)) for name in SHELF.names()],
        filters=_filters(),
        choices={
            "acquisition": acquisitions(desk),
            "channel": channels(desk),
            "segment": segments(desk),
            "stage": [(stage["name"], stage["words"]) for stage in stages_of(desk)],
        },
        brand=brand,
        waiting=any(each["status"] in ("queued", "running") for each in page["items"]),
    )


PAGE = Page(
    {
        "GET": show,
        "POST /new": make,
        "GET /{name}": fetch,
        "POST /{name}/delete": delete,
    },
    needs="GET /exports",
    group="leads",
    order=70,
)
