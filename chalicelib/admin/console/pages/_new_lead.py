"""A lead typed in by hand, with a look first at who is known already."""

from collections.abc import Iterator
from typing import Any

from chalicelib import errors
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.pages._lead import APART, fields
from chalicelib.model import Acquisition, Response

_SHOWN = ("email", "phone", "first_name", "last_name", "company", "job_title")
_SOURCE = ("name", "campaign", "acquisition")
_MOST_LIKE = "5"


def form(desk: Desk) -> Response:
    """The empty form."""
    return _form(desk)


def add(desk: Desk) -> Response:
    """Store it, unless somebody like it is known already: then first ask."""
    known = list(_known(desk)) if desk.field("_sure") != "yes" else []
    if known:
        return _form(desk, known=known)
    try:
        made = desk.post("/leads", _body(desk))
    except errors.Rejected as error:
        return _form(desk, problems=desk.problems(error))
    if not made["lead"]:
        return desk.go("submissions", made["receipt"])
    return desk.go("leads", made["lead"], said="done_added")


def _body(desk: Desk) -> dict[str, Any]:
    values = {name: desk.field(name) for name in _names(desk) if desk.field(name)}
    source = {
        name: desk.field(f"source_{name}") for name in _SOURCE if desk.field(f"source_{name}")
    }
    tags = [tag for part in desk.field("tags").split(",") if (tag := part.strip())]
    return {"values": values, "source": source} | ({"tags": tags} if tags else {})


def _known(desk: Desk) -> Iterator[dict[str, Any]]:
    """Who has this address, this number or this name: each once, with the reason."""
    seen = set()
    name = desk.field("full_name") or f"{desk.field('first_name')} {desk.field('last_name')}"
    for reason, text in (
        ("email", desk.field("email")),
        ("phone", desk.field("phone")),
        ("name", name),
    ):
        if not text.strip():
            continue
        try:
            found = desk.get("/leads", {reason: text.strip(), "limit": _MOST_LIKE})["items"]
        except errors.Rejected:
            continue  # what is wrong with it is said when it is stored
        for lead in found:
            if lead["id"] not in seen:
                seen.add(lead["id"])
                yield {"lead": lead, "reason": reason}


def _names(desk: Desk) -> list[str]:
    return [name for name in fields(desk) if name not in APART or name == "notes"]


def _form(
    desk: Desk,
    *,
    problems: list[dict[str, str]] | None = None,
    known: list[dict[str, Any]] | None = None,
) -> Response:
    names = _names(desk)
    return desk.show(
        "lead_new.html",
        status=422 if problems else 409 if known else 200,
        problems=problems or [],
        known=known or [],
        shown=[name for name in names if name in _SHOWN],
        more=[name for name in names if name not in _SHOWN],
        typed={
            name: desk.field(name) for name in [*names, "tags", *(f"source_{s}" for s in _SOURCE)]
        },
        acquisitions=[(str(word), desk.say(f"acquisition_{word}")) for word in Acquisition],
    )
