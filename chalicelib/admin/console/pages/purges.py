"""Purges: who does not answer, found by rule, looked at one by one, and taken away."""

from typing import Any

from chalicelib import errors
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.model import Response
from chalicelib.privacy.purges import ARCHIVE, ERASE
from chalicelib.privacy.purging import REASONS

_LIMIT = "50"


def list_purges(desk: Desk) -> Response:
    """The purges, the newest first, and a new one to ask for."""
    return _shown(desk)


def ask(desk: Desk) -> Response:
    """Look for who does not answer."""
    days = desk.field("after_days")
    body: dict[str, Any] = {
        "reasons": desk.fields("reasons"),
        "after_days": int(days) if days.isascii() and days.isdigit() and len(days) < 7 else days,
        "reachable": desk.field("reachable") != "no",
        "action": desk.field("what"),
    }
    try:
        made = desk.post("/purges", body)
    except errors.Rejected as error:
        return _shown(desk, desk.problems(error))
    return desk.go("purges", made["purge"])


def show_purge(desk: Desk) -> Response:
    """One purge with those whom it is about."""
    made = desk.get("/purges/{purge}", purge=desk.name)
    query = {**desk.asked("cursor"), "limit": _LIMIT}
    page = desk.get("/purges/{purge}/leads", query, purge=desk.name)
    return desk.show("purges_one.html", made=made, page=page)


def keep(desk: Desk) -> Response:
    """Let one person stay."""
    lead = desk.field("lead")
    desk.send("DELETE", "/purges/{purge}/leads/{lead}", purge=desk.name, lead=lead)
    return desk.go("purges", desk.name, said="done_kept")


def commit(desk: Desk) -> Response:
    """Carry it out."""
    desk.post("/purges/{purge}/commit", purge=desk.name)
    return desk.go("purges", desk.name, said="done_committed")


def cancel(desk: Desk) -> Response:
    """Give it up."""
    desk.post("/purges/{purge}/cancel", purge=desk.name)
    return desk.go("purges", desk.name, said="done_cancelled")


def _shown(desk: Desk, problems: list[dict[str, str]] | None = None) -> Response:
    return desk.show(
        "purges.html",
        status=422 if problems else 200,
        page=desk.get("/purges", {**desk.asked("cursor"), "limit": _LIMIT}),
        problems=problems or [],
        reasons=[(str(reason), desk.say(f"why_{reason}")) for reason in REASONS],
        actions=[(word, desk.say(f"what_{word}")) for word in (ERASE, ARCHIVE)],
    )


PAGE = Page(
    {
        "GET": list_purges,
        "POST /new": ask,
        "GET /{name}": show_purge,
        "POST /{name}/keep": keep,
        "POST /{name}/commit": commit,
        "POST /{name}/cancel": cancel,
    },
    needs="GET /purges",
    group="leads",
    order=70,
)
