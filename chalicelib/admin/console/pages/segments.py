"""Segments: filters that are saved under a name, to be looked at and used again."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib import errors
from chalicelib.admin import leads as api
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.pages._deals import stages_of, words_of
from chalicelib.admin.console.pages._filters import acquisitions, channels
from chalicelib.model import Response

_ONE = "/segments/{segment}"


def show(desk: Desk) -> Response:
    """The segments, and a form for another."""
    return _shown(desk)


def _shown(desk: Desk, problems: Sequence[Mapping[str, str]] = ()) -> Response:
    page = desk.get("/segments", desk.asked("cursor"))
    for each in page["items"]:
        label = each["definition"]["label"]
        each["words"] = label.get(desk.language) or label.get("en") or each["name"]
        each["shown"] = _shown_filters(desk, each["definition"]["filters"])
    return desk.show(
        "segments.html",
        status=422 if problems else 200,
        page=page,
        filters=_texts(),
        typed={name: desk.field(name) for name in (*api.FILTERS, "segment", "words")},
        stages=[(stage["name"], stage["words"]) for stage in stages_of(desk)],
        acquisitions=acquisitions(desk),
        channels=channels(desk, desk.field("channel")),
        problems=problems,
        leads_of=lambda filters: _address(desk, filters),
    )


def _shown_filters(desk: Desk, filters: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a segment asks for, its codes as they are called."""
    known = {
        "stage": words_of(desk),
        "channel": dict(channels(desk)),
        "acquisition": dict(acquisitions(desk)),
    }
    return [(name, known.get(name, {}).get(text, text)) for name, text in filters.items()]


def _texts() -> list[str]:
    """The filters that are plain texts here; the others are chosen."""
    others = ("stage", "channel", "acquisition", "created_from", "created_to")
    return [name for name in api.FILTERS if name not in others]


def _address(desk: Desk, filters: Mapping[str, str]) -> str:
    """The list of leads with these filters: what the search box reads goes there."""
    box = next((filters[name] for name in ("email", "phone", "name") if filters.get(name)), "")
    rest: dict[str, Any] = {
        name: text for name, text in filters.items() if name not in ("email", "phone", "name")
    }
    return desk.link("leads", q=box, **rest)


def save(desk: Desk) -> Response:
    """Save a segment under a name; one that is there already changes."""
    filters = {name: text for name in api.FILTERS if (text := desk.field(name))}
    words = desk.field("words")
    body = {"label": {desk.language: words} if words else {}, "filters": filters}
    name = desk.field("segment")
    try:
        desk.send("PUT", _ONE, body, segment=name)
    except errors.Rejected as error:
        return _shown(desk, desk.problems(error))
    except errors.Missing:
        wrong = {"field": "segment", "code": "type_invalid", "message": desk.say("bad_name")}
        return _shown(desk, [wrong])
    return desk.go("segments", said="done_segment")


def delete(desk: Desk) -> Response:
    """Take a segment away; its leads stay."""
    desk.send("DELETE", _ONE, segment=desk.name)
    return desk.go("segments", said="done_segment_gone")


PAGE = Page(
    {"GET": show, "POST": save, "POST /{name}/delete": delete},
    needs="GET /segments",
    group="leads",
    order=60,
)
