"""Forms: listed, made from the demo form, shown as they are, put on a site, changed."""

import re
from collections.abc import Mapping
from typing import Any

from chalicelib import errors, locale
from chalicelib.admin.call import json_object
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.documents import Documents, written
from chalicelib.admin.console.page import Page
from chalicelib.intake.form import DEMO_FORM
from chalicelib.model import Response

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def list_forms(desk: Desk) -> Response:
    """The forms, by name."""
    return desk.show("forms.html", page=FORMS.page(desk), problems=[], wrong="", given="")


def make(desk: Desk) -> Response:
    """A new form, the demo form under another name."""
    name = desk.field("name")
    if not _NAME.fullmatch(name):
        wrong = desk.say("name_wrong")
        page = FORMS.page(desk)
        return desk.show("forms.html", status=422, page=page, problems=[], wrong=wrong, given=name)
    if any(found["name"] == name for found in FORMS.page(desk)["items"]):
        return desk.go("forms", name)
    FORMS.put(desk, name, {**DEMO_FORM, "region": desk.live.settings.region})
    return desk.go("forms", name, said="done_made")


def fields(desk: Desk) -> Response:
    """Which fields it has, in which order, and which must be filled in."""
    document = json_object(desk.field("definition").encode())
    there = _by_name(document.get("fields", {}))
    kept = [name for name in desk.fields("field") if name and name in there]
    kept = [name for name in kept if name not in desk.fields("remove")]
    needed = set(desk.fields("required"))
    made = {name: {**there[name], "required": name in needed} for name in kept}
    if (new := desk.field("add")) and new not in made:
        made[new] = {"required": False}
    changed = {**document, "fields": made}
    try:
        FORMS.put(desk, desk.name, changed, desk.field("version"))
    except errors.Rejected as error:
        text = written(changed)
        return FORMS.shown(desk, status=422, definition=text, problems=desk.problems(error))
    return desk.go("forms", desk.name, said="done_saved")


def _around(desk: Desk) -> dict[str, Any]:
    address = desk.live.settings.url + f"/forms/{desk.name}"
    return {
        "hosted": desk.outside(f"/forms/{desk.name}"),
        "tag": f'<script src="{address}/embed.js" async></script>',
        "address": address,
        "known": list(desk.live.catalogue.fields().rules),
        "rows": _rows,
        "names": locale.NAMES,
    }


def _rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields in their order, as the table shows them."""
    return [
        {"name": name, "required": bool(rule.get("required")), "type": rule.get("type") or ""}
        for name, rule in _by_name(document.get("fields", {})).items()
    ]


def _by_name(fields: object) -> dict[str, dict[str, Any]]:
    """A form's fields by their names: they may be written as a list."""
    if isinstance(fields, list):
        named = [(str(one.get("name", "")), one) for one in fields if isinstance(one, dict)]
        return {name: {k: v for k, v in one.items() if k != "name"} for name, one in named}
    held = fields if isinstance(fields, dict) else {}
    return {str(name): dict(one or {}) for name, one in held.items() if isinstance(one or {}, dict)}


FORMS = Documents("/forms", "form", "forms_one.html", _around)
PAGE = Page(
    {
        "GET": list_forms,
        "POST /new": make,
        "GET /{name}": FORMS.shown,
        "POST /{name}/fields": fields,
        **FORMS.views,
    },
    needs="GET /forms",
    group="incoming",
    order=30,
)
