"""The first page: what came in lately in figures and pictures, and what waits for somebody."""

from typing import Any

from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.figures import figures
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.pages._brands import brand
from chalicelib.admin.console.pages._deals import words_of
from chalicelib.model import Response

_NEWEST, _WAITING = 8, 25


def show(desk: Desk) -> Response:
    """Figures, the newest leads and what is to be looked at, as far as whoever looks may see them."""
    return desk.show(
        "overview.html",
        figures=figures(desk),
        leads=_newest(desk),
        waiting=_waiting(desk),
        most=_WAITING,
        stages=words_of(desk),
        brand=brand,
    )


def _newest(desk: Desk) -> list[dict[str, Any]] | None:
    if not desk.may("GET /leads"):
        return None
    found: list[dict[str, Any]] = desk.get("/leads", {"limit": str(_NEWEST)})["items"]
    return found


def _waiting(desk: Desk) -> int | None:
    """How many submissions wait for a person; never more than are counted."""
    if not desk.may("GET /submissions"):
        return None
    query = {"fate": "quarantined", "limit": str(_WAITING)}
    return len(desk.get("/submissions", query)["items"])


PAGE = Page({"GET": show}, needs="GET /imports", group="leads", order=10)
