"""Do not contact: whom nobody writes to or calls any more, and why."""

from typing import Any

from chalicelib import errors
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.model import Response
from chalicelib.store.suppression import Reason

_LIMIT = "50"


def show(desk: Desk) -> Response:
    """The suppressions, the latest first, or what is known of one address."""
    try:
        page = desk.get("/suppressions", {**_wanted(desk), "limit": _LIMIT})
    except errors.Rejected as error:
        page = {"items": [], "next": None}
        return _shown(desk, page, status=422, problems=desk.problems(error))
    return _shown(desk, page)


def add(desk: Desk) -> Response:
    """Suppress one address."""
    body = {**_address(desk.field("address")), "reason": desk.field("reason")}
    if note := desk.field("note"):
        body["note"] = note
    try:
        desk.post("/suppressions", body)
    except errors.Rejected as error:
        page = desk.get("/suppressions", {"limit": _LIMIT})
        return _shown(desk, page, status=422, problems=desk.problems(error))
    return desk.go("suppressions", said="done_suppressed")


def lift(desk: Desk) -> Response:
    """Take one word back, with a reason."""
    names = ("reason", "note")
    query = {**_address(desk.field("address")), **{name: desk.field(name) for name in names}}
    try:
        desk.send("DELETE", "/suppressions", None, query)
    except (errors.Rejected, errors.Missing, errors.Conflict) as error:
        page = desk.get("/suppressions", {"limit": _LIMIT})
        problems = desk.problems(error)
        code = f"error_{error.code}"
        wrong = desk.say(code) if error.code in ("opt_in_required", "erased") else error.detail
        return _shown(
            desk, page, status=error.status, problems=problems, wrong="" if problems else wrong
        )
    return desk.go("suppressions", said="done_lifted")


def _wanted(desk: Desk) -> dict[str, str]:
    text = desk.query("q")
    return {**desk.asked("reason", "cursor"), **(_address(text) if text else {})}


def _address(text: str) -> dict[str, str]:
    return {"email" if "@" in text else "phone": text}


def _shown(
    desk: Desk,
    page: dict[str, Any],
    *,
    status: int = 200,
    problems: list[dict[str, str]] | None = None,
    wrong: str = "",
) -> Response:
    reasons = [(str(reason), desk.say(f"why_{reason}")) for reason in Reason]
    entered = [pair for pair in reasons if pair[0] != Reason.ERASED or desk.caller.role == "admin"]
    return desk.show(
        "suppressions.html",
        status=status,
        page=page,
        problems=problems or [],
        wrong=wrong,
        reasons=reasons,
        entered=entered,
        q=desk.query("q"),
    )


PAGE = Page(
    {"GET": show, "POST /new": add, "POST /lift": lift},
    needs="GET /suppressions",
    group="leads",
    order=60,
)
