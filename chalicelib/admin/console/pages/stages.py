"""The stages of a sale: their order, their words, how likely a sale is there, what they take."""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib import errors
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.intake.stage_document import DEAL_PARTS
from chalicelib.intake.stages import StageKind
from chalicelib.model import Response

_COLUMNS = ("name", "words", "kind", "probability", "required", "opportunity_required", "place")


def show(desk: Desk) -> Response:
    """The list, to change as a whole."""
    got = desk.send("GET", "/stages")
    rows = [_row(desk, stage, place) for place, stage in enumerate(got.content["stages"], 1)]
    return _shown(desk, rows, got.etag.strip('"'))


def _row(desk: Desk, stage: Mapping[str, Any], place: int) -> dict[str, str]:
    words = stage["label"]
    return {
        "name": stage["name"],
        "words": words.get(desk.language) or words.get("en") or "",
        "kind": stage["kind"],
        "probability": str(stage["probability"]),
        "required": ", ".join(stage["required"]),
        "opportunity_required": ", ".join(stage["opportunity_required"]),
        "place": str(place),
    }


def _shown(
    desk: Desk,
    rows: Sequence[Mapping[str, str]],
    version: str,
    problems: Sequence[Mapping[str, str]] = (),
    status: int = 200,
) -> Response:
    blank = {**dict.fromkeys(_COLUMNS, ""), "kind": "open", "place": str(len(rows) + 1)}
    return desk.show(
        "stages.html",
        status=status,
        rows=[*rows, blank] if desk.may("PUT /stages") and not problems else rows,
        version=version,
        kinds=[(str(kind), desk.say(f"kind_{kind}")) for kind in StageKind],
        parts=", ".join(DEAL_PARTS),
        problems=problems,
    )


def save(desk: Desk) -> Response:
    """Put the whole list; a row without a name is none, one that is marked goes."""
    typed = [
        dict(zip(_COLUMNS, row, strict=True))
        for row in zip(*map(desk.fields, _COLUMNS), strict=False)
    ]
    gone = set(desk.fields("gone"))
    rows = [row for row in typed if row["name"] and row["name"] not in gone]
    rows.sort(key=lambda row: int(row["place"]) if row["place"].isdecimal() else 999)
    before = {each["name"]: each for each in desk.get("/stages")["stages"]}
    body = {"stages": [_stage(desk, row, before.get(row["name"], {})) for row in rows]}
    version = desk.field("version")
    try:
        desk.send("PUT", "/stages", body, version="" if version == "0" else version)
    except errors.Rejected as error:
        return _shown(desk, rows, version, desk.problems(error), 422)
    except errors.Conflict:
        return desk.go("stages", said="done_no_stages")
    return desk.go("stages", said="done_stages")


def _stage(desk: Desk, row: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """A stage as the API takes it; its words in other languages stay."""
    label = {**before.get("label", {}), **({desk.language: row["words"]} if row["words"] else {})}
    likely = row["probability"]
    return {
        "name": row["name"],
        "label": label,
        "kind": row["kind"],
        "probability": int(likely) if likely.isdecimal() else likely or 0,
        "required": _names(row["required"]),
        "opportunity_required": _names(row["opportunity_required"]),
    }


def _names(text: str) -> list[str]:
    return [name for part in text.split(",") if (name := part.strip())]


PAGE = Page({"GET": show, "POST": save}, needs="GET /stages", group="settings", order=15)
