"""Leads: found, entered, looked at, corrected, merged, parted and erased."""

from collections.abc import Mapping
from typing import Any

from chalicelib import errors
from chalicelib.admin import leads as api
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.pages import _lead, _new_lead
from chalicelib.admin.console.pages._filters import acquisitions, channels
from chalicelib.admin.console.pages._search import companies, searched
from chalicelib.model import Response

# What leads the search, where the API has it; one of these at a time, or the box.
_LEADING = ("source", "stage", "account", "tag")
_NARROWING = (*api.NARROWING, "created_from", "created_to")
_LIMIT = "50"


def list_leads(desk: Desk) -> Response:
    """The newest leads, or those that a search and filters find."""
    wanted = _wanted(desk)
    page: Mapping[str, Any] = {"items": [], "next": None}
    problems: list[dict[str, str]] = []
    try:
        page = desk.get("/leads", {**wanted, "limit": _LIMIT})
    except errors.Rejected as error:
        problems = desk.problems(error)
    return desk.show(
        "leads.html",
        page=page,
        companies=[] if problems or desk.query("cursor") else companies(desk, desk.query("q")),
        problems=problems,
        filters=_filters(),
        stages=_stages(desk),
        channels=channels(desk, desk.query("channel")),
        acquisitions=acquisitions(desk),
        filtered=bool(wanted.keys() - {"cursor"}),
        narrowed=bool(desk.asked(*_filters(), *_NARROWING)),
        q=desk.query("q"),
    )


def _wanted(desk: Desk) -> dict[str, str]:
    """The API's filters of what was asked for."""
    names = (*_filters(), *_NARROWING, "cursor")
    return {**searched(desk.query("q")), **desk.asked(*names)}


def _filters() -> list[str]:
    return [name for name in _LEADING if name in api.LEADING]


def _stages(desk: Desk) -> list[tuple[str, str]]:
    """The stages to choose from, by name and what they are called."""
    if not desk.may("GET /stages"):
        return []
    return [
        (each["name"], each["label"].get(desk.language) or each["label"].get("en") or each["name"])
        for each in desk.get("/stages")["stages"]
    ]


PAGE = Page(
    {
        "GET": list_leads,
        "GET /new": _new_lead.form,
        "POST /new": _new_lead.add,
        "GET /{name}": _lead.show,
        "GET /{name}/edit": _lead.edit,
        "POST /{name}/edit": _lead.save,
        "POST /{name}/merge": _lead.merge,
        "POST /{name}/unmerge": _lead.unmerge,
        "POST /{name}/consent": _lead.consent,
        "POST /{name}/erase": _lead.erase,
    },
    needs="GET /leads",
    group="leads",
    order=20,
)
