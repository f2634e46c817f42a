"""Campaigns: what they are called where leads come in, whom they brought, what was done for them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from chalicelib import errors
from chalicelib.admin.campaigns import KINDS
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.documents import Documents
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.pages._deals import words_of
from chalicelib.model import Response, from_ms

_LIMIT, _MORE = "25", 11
_TEXTS = ("words", "kind", "sources", "names", "from", "to")
_VIEWS = ("leads", "done")


def list_campaigns(desk: Desk) -> Response:
    """The campaigns by name, and a form for another."""
    return _listed(desk)


def _listed(desk: Desk, problems: Sequence[Mapping[str, str]] = ()) -> Response:
    page = CAMPAIGNS.page(desk)
    for each in page["items"]:
        each["words"] = _words(desk, each["name"], each["definition"])
        each["now"] = _now(desk, each["definition"])
    return desk.show(
        "campaigns.html",
        status=422 if problems else 200,
        page=page,
        problems=problems,
        kinds=_kinds(desk),
        typed={name: desk.field(name) for name in ("campaign", *_TEXTS)},
    )


def make(desk: Desk) -> Response:
    """A new one; a name that there is already is not written over."""
    name = desk.field("campaign")
    try:
        # Version 0: only where there is none of this name.
        CAMPAIGNS.put(desk, name, _said(desk, {}), '"0"')
    except errors.Rejected as error:
        return _listed(desk, desk.problems(error))
    except (errors.Missing, errors.Conflict) as error:
        key = "bad_name" if isinstance(error, errors.Missing) else "name_taken"
        return _listed(desk, [{"field": "campaign", "code": key, "message": desk.say(key)}])
    return desk.go("campaigns", name, said="done_saved")


def show(desk: Desk) -> Response:
    """One campaign: its leads or what was done for it, and the form that changes it."""
    return CAMPAIGNS.shown(desk)


def save(desk: Desk) -> Response:
    """Say it anew, under the version that was shown."""
    got = desk.send("GET", CAMPAIGNS.one, campaign=desk.name)
    try:
        CAMPAIGNS.put(desk, desk.name, _said(desk, got.content), desk.field("version"))
    except (errors.Rejected, errors.Conflict) as error:
        return CAMPAIGNS.refused(desk, error, "")
    return desk.go("campaigns", desk.name, said="done_saved")


def _said(desk: Desk, before: Mapping[str, Any]) -> dict[str, Any]:
    """What the form says; what it is called in other languages stays."""
    label = {**before.get("label", {}), desk.language: desk.field("words")}
    body: dict[str, Any] = {"label": {tag: words for tag, words in label.items() if words}}
    body |= {name: text for name in ("kind", "from", "to") if (text := desk.field(name))}
    return body | {
        name: several
        for name in ("sources", "names")
        if (several := [part for each in desk.field(name).split(",") if (part := each.strip())])
    }


def _around(desk: Desk) -> dict[str, Any]:
    document = desk.get(CAMPAIGNS.one, campaign=desk.name)
    view = desk.query("view") if desk.query("view") in _VIEWS else "leads"
    path = f"{CAMPAIGNS.one}/{'leads' if view == 'leads' else 'touches'}"
    page = desk.get(path, {**desk.asked("cursor"), "limit": _LIMIT}, campaign=desk.name)
    # Of a source in which much else came in, a page may hold nobody: then some more are looked at.
    for _ in range(_MORE):
        if page["items"] or not page["next"]:
            break
        asked = {"cursor": page["next"], "limit": _LIMIT}
        page = desk.get(path, asked, campaign=desk.name)
    kept = {name: ", ".join(document[name]) for name in ("sources", "names")}
    kept |= {name: document[name] or "" for name in ("kind", "from", "to")}
    kept["words"] = document["label"].get(desk.language, "")
    return {
        "called": _words(desk, desk.name, document),
        "now": _now(desk, document),
        "kinds": _kinds(desk),
        "view": view,
        "views": _VIEWS,
        "page": page,
        "stages": words_of(desk),
        "typed": {name: desk.field(name) if name in desk.form else kept[name] for name in _TEXTS},
    }


def _words(desk: Desk, name: str, document: Mapping[str, Any]) -> str:
    """What a campaign is called in the reader's language."""
    label: Mapping[str, str] = document["label"]
    return label.get(desk.language) or label.get("en") or next(iter(label.values()), name)


def _now(desk: Desk, document: Mapping[str, Any]) -> str:
    """Whether it is still to come, runs, or is over, by the days that it says."""
    today = from_ms(desk.now_ms).date()
    if document["from"] and date.fromisoformat(document["from"]) > today:
        return "planned"
    return "over" if document["to"] and date.fromisoformat(document["to"]) < today else "open"


def _kinds(desk: Desk) -> list[tuple[str, str]]:
    return [(kind, desk.say(f"kind_{kind}")) for kind in KINDS]


CAMPAIGNS = Documents("/campaigns", "campaign", "campaigns_one.html", _around)
PAGE = Page(
    {
        "GET": list_campaigns,
        "POST /new": make,
        "GET /{name}": show,
        **CAMPAIGNS.views,
        "POST /{name}/save": save,
    },
    needs="GET /campaigns",
    group="leads",
    order=65,
)
