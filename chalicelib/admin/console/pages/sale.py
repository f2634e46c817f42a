"""One lead from the sales side: where it stands, its opportunities, and what was done with it."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib import errors
from chalicelib.admin.activities import KINDS
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.pages._deals import money, stages_of, words_of
from chalicelib.model import Response

_LEAD = "/leads/{lead}"
_ACTIVITY = ("kind", "campaign", "note")


def show(desk: Desk) -> Response:
    """Its stage, its opportunities, and a form for what was done."""
    return _shown(desk)


def _shown(desk: Desk, problems: Sequence[Mapping[str, str]] = ()) -> Response:
    lead = desk.get(_LEAD, lead=desk.name)
    stages = stages_of(desk)
    touches = desk.get(f"{_LEAD}/timeline", {"limit": "50"}, lead=lead["id"])["items"]
    return desk.show(
        "sale.html",
        status=422 if problems else 200,
        lead=lead,
        deals=desk.get("/opportunities", {"lead": lead["id"]})["items"],
        done=[each for each in touches if each.get("history")],
        stages=[(stage["name"], stage["words"]) for stage in stages],
        words=words_of(desk),
        kinds=[(kind, desk.say(f"activity_{kind}")) for kind in KINDS],
        typed={name: desk.field(name) for name in _ACTIVITY},
        problems=problems,
        money=lambda amount, currency: money(desk, amount, currency),
    )


def stage(desk: Desk) -> Response:
    """Put the lead somewhere, on or back."""
    return _tried(desk, "PATCH", _LEAD, {"stage": desk.field("stage") or None}, "done_saved")


def activity(desk: Desk) -> Response:
    """Note what was done with it."""
    body: dict[str, Any] = {name: text for name in _ACTIVITY if (text := desk.field(name))}
    return _tried(desk, "POST", f"{_LEAD}/activities", body, "done_noted")


def _tried(desk: Desk, method: str, path: str, body: Mapping[str, Any], said: str) -> Response:
    try:
        desk.send(method, path, dict(body), lead=desk.name)
    except errors.Rejected as error:
        return _shown(desk, desk.problems(error))
    return desk.go("sale", desk.name, said=said)


PAGE = Page(
    {"GET /{name}": show, "POST /{name}/stage": stage, "POST /{name}/activity": activity},
    needs="GET /opportunities",
)
