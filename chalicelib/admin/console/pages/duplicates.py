"""Who may be one person: looked at side by side, merged field by field, or kept apart."""

from collections.abc import Mapping
from typing import Any

from chalicelib import errors
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.pages._lead import APART, LEAD, fields, text_of
from chalicelib.admin.console.pages._search import searched
from chalicelib.admin.leads import ID
from chalicelib.model import Response
from chalicelib.store.explain import CLASSES

_LIMIT = "25"
# A field's choice in the form: what is to be kept of it.
_KEEP = "keep_"


def show(desk: Desk) -> Response:
    """The pairs, those that share a key first."""
    page = desk.get("/duplicates", {"limit": _LIMIT, **desk.asked("cursor")})
    return desk.show("duplicates.html", page=page)


def compare(desk: Desk) -> Response:
    """Two leads side by side; what differs is chosen, as the rules would have it unless said."""
    return _compare(desk, _other(desk, desk.query("with")))


def merge(desk: Desk) -> Response:
    """The two are one person; where a choice differs from the rules', it becomes a touch."""
    other, version = desk.field("with"), desk.field("_version")
    path = "/leads/{lead}/merge"
    try:
        desk.send("POST", path, {"with": other}, version=version, lead=desk.name)
    except errors.Conflict as error:
        # Sent again after it was merged: what is left to do are the choices.
        if error.code != "same_lead":
            return _compare(desk, desk.get(LEAD, lead=other), error.code)
    merged = desk.get(LEAD, lead=desk.name)
    if chosen := {} if desk.caller.masked else _chosen(desk, merged):
        desk.send("PATCH", LEAD, {"values": chosen}, lead=merged["id"])
    return desk.go("leads", merged["id"], said="done_merged")


def dismiss(desk: Desk) -> Response:
    """They are two people, and no rule will make them one."""
    desk.post("/duplicates/dismiss", {"leads": [desk.name, desk.field("with")]})
    return desk.go("duplicates", said="done_apart")


def _other(desk: Desk, text: str) -> Mapping[str, Any]:
    """The other lead: by its id, or by an address or name that one alone has."""
    if ID.fullmatch(text):
        return desk.get(LEAD, lead=text)
    found = desk.get("/leads", {**searched(text), "limit": "3"})["items"] if text else []
    others = [lead for lead in found if lead["id"] != desk.name]
    if len(others) != 1:
        code = "several_found" if others else "nobody_found"
        raise errors.Missing("not one other lead has this", code=code)
    return desk.get(LEAD, lead=others[0]["id"])


def _compare(desk: Desk, right: Mapping[str, Any], code: str = "") -> Response:
    got = desk.send("GET", LEAD, lead=desk.name)
    left = got.content
    if left["id"] == right["id"]:
        return desk.go("leads", left["id"])
    return desk.show(
        "compare.html",
        status=409 if code else 200,
        left=left,
        right=right,
        version=got.etag,
        rows=[row for name in fields(desk) if (row := _row(name, left, right))],
        kept=_kept(desk, left, right),
        code=code,
    )


def _row(name: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any] | None:
    here, there = (text_of(lead["values"].get(name)) for lead in (left, right))
    if name == "consent" or not (here or there):
        return None
    choice = bool(here and there and here != there and name not in APART)
    return {"name": name, "left": here, "right": there, "choice": choice, "same": here == there}


def _kept(desk: Desk, left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, str]:
    """By field the side whose value the rules would keep: by class, then the latest."""
    ends = {}
    for side, lead in (("left", left), ("right", right)):
        explained = desk.get("/leads/{lead}/explain", lead=lead["id"])["fields"]
        ends[side] = {
            name: (CLASSES.index(told["class"]), told["time"]) for name, told in explained.items()
        }
    names = ends["left"].keys() & ends["right"].keys()
    return {n: "left" if ends["left"][n] >= ends["right"][n] else "right" for n in names}


def _chosen(desk: Desk, merged: Mapping[str, Any]) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for name in fields(desk):
        held, text = merged["values"].get(name), desk.field(_KEEP + name)
        if text and name not in APART and text != text_of(held):
            chosen[name] = text.split(", ") if isinstance(held, list) else text
    return chosen


PAGE = Page(
    {
        "GET": show,
        "GET /{name}": compare,
        "POST /{name}/merge": merge,
        "POST /{name}/dismiss": dismiss,
    },
    needs="GET /duplicates",
    group="leads",
    order=30,
)
