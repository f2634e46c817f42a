"""Fields: the standard ones, and the stage's own."""

import re

from chalicelib import errors
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.documents import Documents
from chalicelib.admin.console.page import Page
from chalicelib.fields import SHELF
from chalicelib.model import Response

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
FIELDS = Documents("/fields", "field", "fields_one.html")


def list_fields(desk: Desk) -> Response:
    """The fields, the standard ones first."""
    return _listed(desk)


def make(desk: Desk) -> Response:
    """A field of the stage's own."""
    name, label = desk.field("name"), desk.field("label")
    if not _NAME.fullmatch(name):
        return _listed(desk, 422, wrong=desk.say("name_wrong"))
    document = {"type": desk.field("type"), "label": {desk.language: label} if label else {}}
    if choices := [line.strip() for line in desk.field("choices").splitlines() if line.strip()]:
        document["choices"] = choices
    try:
        FIELDS.put(desk, name, document)
    except errors.Rejected as error:
        return _listed(desk, 422, problems=desk.problems(error))
    return desk.go("fields", name, said="done_made")


def _listed(
    desk: Desk, status: int = 200, *, problems: list[dict[str, str]] | None = None, wrong: str = ""
) -> Response:
    return desk.show(
        "fields.html",
        status=status,
        page=FIELDS.page(desk),
        problems=problems or [],
        wrong=wrong,
        types=sorted(
            ((name, desk.say(f"type_{name}")) for name in SHELF.names()), key=lambda each: each[1]
        ),
        given={name: desk.field(name) for name in ("name", "label", "type", "choices")},
    )


PAGE = Page(
    {"GET": list_fields, "POST /new": make, "GET /{name}": FIELDS.shown, **FIELDS.views},
    needs="GET /fields",
    group="settings",
    order=20,
)
