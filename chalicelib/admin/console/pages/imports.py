"""Imports: a file dropped, looked at, mapped, tried, committed, watched, mended and taken back."""

import json
from typing import Any

from chalicelib import errors
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.doors.uploads import origin
from chalicelib.imports.texts import of_code, text, why
from chalicelib.imports.totals import COUNTED
from chalicelib.model import Acquisition, Mode, Response

# What may be said about a file before it is read; whatever else there is can be said by API.
_OPTIONS = ("source", "campaign", "acquisition", "mode", "language", "region")
_AT_REST = ("done", "failed", "cancelled", "undone", "review")
_LIMIT = "25"
# What a column is said to be when it is to be left out.
_NOTHING = "-"
_WAYS = ("filled", "changed", "cleared")
_ACTS = ("commit", "cancel", "pause", "resume", "undo", "redo")


def list_imports(desk: Desk) -> Response:
    """The imports, newest first."""
    page = desk.get("/imports", {**desk.asked("cursor"), "limit": _LIMIT})
    return desk.show("imports.html", page=page)


def new(desk: Desk) -> Response:
    """Where a file is dropped, and what may be said of it."""
    return desk.show(
        "imports_new.html",
        connects=[origin(desk.live.outside)],
        acquisitions=[
            (str(word), desk.say(f"acquisition_{word}"))
            for word in Acquisition
            if word is not Acquisition.UNKNOWN
        ],
        modes=[(str(mode), desk.say(f"mode_{mode}")) for mode in Mode],
    )


def begin(desk: Desk) -> Response:
    """Leave to upload one file, for the page's own script."""
    options: dict[str, Any] = {name: text for name in _OPTIONS if (text := desk.field(name))}
    if tags := [tag for part in desk.field("tags").split(",") if (tag := part.strip())]:
        options["tags"] = tags
    options["dry_run"] = desk.field("dry_run") == "yes"
    try:
        made = desk.post("/imports", {"filename": desk.field("filename"), "options": options})
    except errors.Rejected as error:
        told = [f"{problem['field']}: {problem['message']}" for problem in desk.problems(error)]
        return _json({"failed": told or [error.detail]}, 422)
    return _json({**made, "at": desk.link("imports", made["import"])})


def show(desk: Desk) -> Response:
    """One import, as it stands now."""
    return _shown(desk, _found(desk))


def map_again(desk: Desk) -> Response:
    """The same file once more, with what its columns are said to be; always tried first."""
    there = _found(desk)
    mapping: dict[str, str | None] = {}
    for header, field in zip(desk.fields("header"), desk.fields("field"), strict=False):
        if header:
            mapping[header] = None if field == _NOTHING else field or None
    options: dict[str, Any] = {"mapping": mapping, "dry_run": True}
    try:
        made = desk.post("/imports", {"again": desk.name, "options": options})
    except errors.Rejected as error:
        return _shown(desk, there, status=422, problems=desk.problems(error))
    if there["status"] == "review":
        desk.post("/imports/{import}/cancel", **_named(desk))
    if desk.field("keep") and desk.field("mapping_name"):
        body = {"columns": mapping, "header": list(mapping)}
        desk.send("PUT", "/mappings/{mapping}", body, mapping=desk.field("mapping_name"))
    return desk.go("imports", made["import"], said="done_again")


def act(desk: Desk) -> Response:
    """Commit, cancel, pause, resume, undo or redo; what it does is in the address."""
    asked: dict[str, Any] | None = None
    name = desk.action
    if name in ("undo", "redo"):
        asked = {"redo": True} if name == "redo" else {}
        if column := desk.field("column"):
            asked["column"] = column
        if rows := desk.field("rows").replace(",", " ").split():
            asked["rows"] = [int(row) if row.isascii() and row.isdigit() else row for row in rows]
        name = "undo"
    try:
        desk.post(f"/imports/{{import}}/{name}", asked, **_named(desk))
    except errors.Rejected as error:
        there = _found(desk)
        return _shown(desk, there, status=422, problems=desk.problems(error))
    return desk.go("imports", desk.name, said=f"done_{desk.action}")


def errors_csv(desk: Desk) -> Response:
    """The rows to mend."""
    return _left(desk, "/imports/{import}/errors.csv")


def report(desk: Desk) -> Response:
    """The page that tells what became of the file."""
    return _left(desk, "/imports/{import}/report.html")


def template(desk: Desk) -> Response:
    """A workbook with all fields, to fill in."""
    got = desk.send("GET", "/template.xlsx", None, {"language": desk.language})
    return Response(303, "", {"Location": got.location, "Cache-Control": "no-store"})


def _named(desk: Desk) -> dict[str, str]:
    return {"import": desk.name}


def _found(desk: Desk) -> dict[str, Any]:
    return desk.get("/imports/{import}", None, **_named(desk))


def _left(desk: Desk, path: str) -> Response:
    got = desk.send("GET", path, None, None, "", **_named(desk))
    return Response(303, "", {"Location": got.location, "Cache-Control": "no-store"})


def _shown(
    desk: Desk,
    found: dict[str, Any],
    status: int = 200,
    problems: list[dict[str, str]] | None = None,
) -> Response:
    counts = found.get("plan") if found["status"] == "review" else found
    counts = counts or found
    wanted = max(found["expected"] or 0, found["rows"], 1)
    fates = [(str(fate), counts[str(fate)]) for fate in COUNTED if counts[str(fate)]]
    return desk.show(
        "imports_one.html",
        status=status,
        problems=problems or [],
        imp=found,
        file=found["key"].rpartition("/")[2],
        live=found["status"] not in _AT_REST,
        share=min(100, 100 * found["rows"] // wanted),
        fates=fates,
        bars=_bars(fates),
        fields=[(name, desk.label(name)) for name in desk.live.catalogue.fields().rules],
        nothing_said=_NOTHING,
        ways=_WAYS,
        how=lambda code: "" if code == "unmapped" else text(f"how.{code}", desk.language),
        meaning=lambda code: of_code(code, desk.language),
        why=why(found["code"], desk.language, found["detail"] or "") if found["code"] else "",
        undoable=found["status"] in ("done", "cancelled")
        and found["created"] + found["merged"] + found["unchanged"] > 0,
    )


def _bars(fates: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """The parts of one bar: where each begins and how long it is, of a thousand."""
    whole = sum(count for _, count in fates) or 1
    made, start = [], 0.0
    for fate, count in fates:
        length = 1000 * count / whole
        made.append({"fate": fate, "x": f"{start:.1f}", "width": f"{length:.1f}"})
        start += length
    return made


def _json(content: dict[str, Any], status: int = 200) -> Response:
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return Response(status, json.dumps(content, ensure_ascii=False), headers)


PAGE = Page(
    {
        "GET": list_imports,
        "GET /new": new,
        "POST /new": begin,
        "GET /template": template,
        "GET /{name}": show,
        "GET /{name}/errors": errors_csv,
        "GET /{name}/report": report,
        "POST /{name}/map": map_again,
        **{f"POST /{{name}}/{name}": act for name in _ACTS},
    },
    needs="GET /imports",
    group="incoming",
    order=20,
)
