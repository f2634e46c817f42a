"""Submissions: what came in, what became of it, and letting through what was held."""

from collections.abc import Mapping
from typing import Any

from chalicelib import errors
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.pages._deals import words_of
from chalicelib.admin.routes import BY_PLACE
from chalicelib.model import Door, Fate, Response
from chalicelib.store.release import HELD

_LIMIT, MOST_RELEASED = "50", 100
_FILTERS = ("fate", "door", "from", "to")
# A repetition has no item of its own: nothing is found by it.
_FATES = [str(fate) for fate in Fate if fate is not Fate.REPEATED]
RELEASE = "/submissions/{receipt}/release"


def show(desk: Desk) -> Response:
    """Submissions by fate, door and time, the newest first."""
    return _list(desk, desk.asked(*_filters(), "cursor"))


def _filters() -> tuple[str, ...]:
    known = BY_PLACE["GET", "/submissions"].query
    return tuple(name for name in (*_FILTERS, "endpoint") if name in known)


def _list(
    desk: Desk, asked: Mapping[str, str], failed: Mapping[str, str] | None = None
) -> Response:
    problems: list[dict[str, str]] = []
    page: Mapping[str, Any] = {"items": [], "next": None}
    try:
        page = desk.get("/submissions", {**asked, "limit": _LIMIT})
    except errors.Rejected as error:
        problems = desk.problems(error)
    return desk.show(
        "submissions.html",
        status=409 if failed else 200,
        page=page,
        problems=problems,
        failed=failed or {},
        asked=asked,
        fates=[(fate, desk.say(f"fate_{fate}")) for fate in _FATES],
        doors=[(str(door), desk.say(f"door_{door}")) for door in Door],
        endpoints="endpoint" in _filters(),
        held=HELD,
        stages=words_of(desk),
    )


def release_several(desk: Desk) -> Response:
    """Let those through that were ticked; what could not be is said, the rest is done."""
    failed: dict[str, str] = {}
    for receipt in list(dict.fromkeys(desk.fields("receipt")))[:MOST_RELEASED]:
        try:
            desk.post(RELEASE, receipt=receipt)
        except errors.InletError as error:
            # Sent twice, the second finds it let through already: that is what was wanted.
            if error.code != "not_held":
                failed[receipt] = error.code
    asked = {name: text for name in _filters() if (text := desk.field(name))}
    if failed:
        return _list(desk, asked, failed)
    return desk.go("submissions", said="done_released", **asked)


def one(desk: Desk) -> Response:
    """One submission with all that is known of it."""
    touch = desk.get("/submissions/{receipt}", receipt=desk.name)
    return desk.show("submission.html", touch=touch, held=HELD, stages=words_of(desk))


def release(desk: Desk) -> Response:
    """Let one through."""
    try:
        desk.post(RELEASE, receipt=desk.name)
    except errors.Conflict as error:
        if error.code != "not_held":
            raise
    return desk.go("submissions", desk.name, said="done_released")


PAGE = Page(
    {
        "GET": show,
        "POST /release": release_several,
        "GET /{name}": one,
        "POST /{name}/release": release,
    },
    needs="GET /submissions",
    group="incoming",
    order=10,
)
