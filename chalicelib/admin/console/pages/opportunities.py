"""Opportunities: on a board by stage, as a list, one by one; a lead becomes one here."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from chalicelib import errors
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.pages._deals import money, plain_amount, stages_of
from chalicelib.model import Response
from chalicelib.store.opportunity import Period, Status

_ONE = "/opportunities/{opportunity}"
_FIELDS = (
    "name", "amount", "currency", "period", "expected_close", "stage", "role", "campaign", "owner",
)  # fmt: skip
# So many of a stage stand on the board; the list has them all.
_ON_BOARD = "30"


def show(desk: Desk) -> Response:
    """The board of what is open, or the list of everything."""
    stages = stages_of(desk)
    if desk.query("view") != "list":
        lanes = [_lane(desk, stage) for stage in stages if stage["kind"] == Status.OPEN]
        return desk.show("opportunities.html", lanes=lanes, board=True, **_shared(desk, stages))
    wanted = desk.asked("status", "cursor")
    page = desk.get("/opportunities", wanted)
    statuses = [(str(word), desk.say(f"status_{word}")) for word in Status]
    return desk.show(
        "opportunities.html", page=page, statuses=statuses, board=False, **_shared(desk, stages)
    )


def _lane(desk: Desk, stage: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {"stage": stage["name"], "status": "open", "limit": _ON_BOARD}
    page = desk.get("/opportunities", wanted)
    sums: dict[str, Decimal] = {}
    for each in page["items"]:
        if each["amount"] is not None:
            held = sums.get(each["currency"], Decimal())
            sums[each["currency"]] = held + Decimal(each["amount"])
    return {
        "stage": stage,
        "deals": page["items"],
        "more": bool(page["next"]),
        "sums": [money(desk, str(held), code) for code, held in sorted(sums.items())],
    }


def one(desk: Desk) -> Response:
    """One opportunity, to read and to change."""
    return _one(desk, desk.get(_ONE, opportunity=desk.name))


def _one(
    desk: Desk,
    deal: Mapping[str, Any],
    *,
    problems: Sequence[Mapping[str, str]] = (),
    changed: bool = False,
    status: int = 200,
) -> Response:
    lead = None
    if deal["lead"] and desk.may("GET /leads/{lead}"):
        lead = desk.get("/leads/{lead}", lead=deal["lead"])
    typed = {name: desk.field(name) for name in _FIELDS} if problems else deal
    return desk.show(
        "opportunity.html",
        status=status,
        deal=deal,
        typed=typed,
        lead=lead,
        problems=problems,
        changed=changed,
        **_shared(desk, stages_of(desk)),
    )


def edit(desk: Desk) -> Response:
    """Save what was changed."""
    return _changed(desk, _said(desk), "done_saved")


def move(desk: Desk) -> Response:
    """Into another stage, from the board."""
    desk.send("PATCH", _ONE, {"stage": desk.field("stage")}, opportunity=desk.name)
    return desk.go("opportunities", said="done_moved")


def close(desk: Desk) -> Response:
    """Won, lost with a reason, or open again."""
    status = desk.field("status")
    body = {"status": status} | ({"reason": desk.field("reason")} if status == "lost" else {})
    return _changed(desk, body, "done_saved")


def _changed(desk: Desk, body: Mapping[str, Any], said: str) -> Response:
    version = desk.field("version")
    try:
        desk.send("PATCH", _ONE, dict(body), version=version, opportunity=desk.name)
    except errors.Rejected as error:
        there = desk.get(_ONE, opportunity=desk.name)
        return _one(desk, there, problems=_problems(desk, error), status=422)
    except errors.Conflict:
        there = desk.get(_ONE, opportunity=desk.name)
        return _one(desk, there, changed=True, status=409)
    return desk.go("opportunities", desk.name, said=said)


def delete(desk: Desk) -> Response:
    """Take it away."""
    desk.send("DELETE", _ONE, version=desk.field("version"), opportunity=desk.name)
    return desk.go("opportunities", said="done_deal_gone")


def new(desk: Desk) -> Response:
    """A form to fill in; with a lead, it is converted."""
    return _new(desk, desk.query("lead"), {"stage": "", "period": Period.ONE_OFF})


def _new(
    desk: Desk,
    lead: str,
    typed: Mapping[str, Any],
    problems: Sequence[Mapping[str, str]] = (),
) -> Response:
    person = desk.get("/leads/{lead}", lead=lead) if lead else None
    shown = {**dict.fromkeys(_FIELDS, ""), **typed}
    if person and not problems:
        shown["name"] = person["values"].get("company") or ""
    return desk.show(
        "opportunity_new.html",
        status=422 if problems else 200,
        person=person,
        typed=shown,
        company=desk.field("company") or (person or {}).get("values", {}).get("company") or "",
        problems=problems,
        **_shared(desk, stages_of(desk)),
    )


def create(desk: Desk) -> Response:
    """A new opportunity, or the conversion of a lead."""
    lead, deal = desk.field("lead"), _said(desk)
    try:
        if lead:
            body = {"company": desk.field("company") or None, "opportunity": deal}
            made = desk.post("/leads/{lead}/convert", body, lead=lead)["opportunity"]
        else:
            made = desk.post("/opportunities", deal)
    except errors.Rejected as error:
        typed = {name: desk.field(name) for name in _FIELDS}
        return _new(desk, lead, typed, _problems(desk, error))
    return desk.go("opportunities", made["id"], said="done_deal")


def _said(desk: Desk) -> dict[str, Any]:
    """The fields of the form; an empty one clears."""
    given = {name: desk.field(name) or None for name in _FIELDS if name in desk.form}
    if given.get("amount"):
        given["amount"] = plain_amount(str(given["amount"]))
    return given


def _problems(desk: Desk, error: errors.InletError) -> list[dict[str, str]]:
    """Problems with the names that this page gives its fields."""
    named = {"expected_close": "expected_close", "amount": "amount", "currency": "currency"}
    found = desk.problems(error)
    for each in found:
        if each["field"] in (*_FIELDS, *named, "account", "lead", "reason"):
            each["label"] = desk.say(f"deal_{each['field']}")
    return found


def _shared(desk: Desk, stages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = [stage["name"] for stage in stages if stage["kind"] == Status.OPEN]
    return {
        "stages": [(stage["name"], stage["words"]) for stage in stages],
        "words": {stage["name"]: stage["words"] for stage in stages},
        "after": dict(pairwise(names)),
        "periods": [(str(word), desk.say(f"period_{word}")) for word in Period],
        "money": lambda amount, currency: money(desk, amount, currency),
    }


PAGE = Page(
    {
        "GET": show,
        "GET /new": new,
        "POST /new": create,
        "GET /{name}": one,
        "POST /{name}/edit": edit,
        "POST /{name}/move": move,
        "POST /{name}/close": close,
        "POST /{name}/delete": delete,
    },
    needs="GET /opportunities",
    group="leads",
    order=40,
)
