"""The access log: who saw and changed whose data."""

import re
from collections.abc import Mapping
from typing import Any

from chalicelib import errors
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.model import Response

_FILTERS = ("from", "to", "key", "lead")
_LIMIT = "50"
# What leaves as a file: whoever looks through the log looks for these.
_TAKEN = ("POST /exports", "POST /leads/{lead}/bundle")
_CALLER = re.compile(r"key:([0-9a-f]{32})")


def list_access(desk: Desk) -> Response:
    """The latest calls, or those of a time, a key, a lead."""
    page: Mapping[str, Any] = {"items": [], "next": None}
    problems: list[dict[str, str]] = []
    asked = desk.asked(*_FILTERS)
    try:
        page = desk.get("/access", {**asked, **desk.asked("cursor"), "limit": _LIMIT})
    except errors.Rejected as error:
        problems = desk.problems(error)
    return desk.show(
        "access.html",
        page=page,
        calls=[_told(entry) for entry in page["items"]],
        problems=problems,
        filtered=bool(asked),
        query={**asked, **desk.asked("cursor")},
    )


def _told(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry with the key that a page shows, and whether data was seen, changed or taken out."""
    key = _CALLER.fullmatch(entry["by"])
    kind = "seen" if entry["route"].startswith("GET ") else "changed"
    kind = "taken" if entry["route"] in _TAKEN else kind
    return {**entry, "key": key[1] if key else "", "kind": kind}


PAGE = Page({"GET": list_access}, needs="GET /access", group="settings", order=90)
