"""A copy of all that is held of one person: asked for from their page, and handed out here."""

import re

from chalicelib import errors
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.model import Response

_ID = re.compile(r"[0-9a-f]{32}")


def ask(desk: Desk) -> Response:
    """Have a copy made of what is held of a lead."""
    lead = desk.field("lead")
    if not _ID.fullmatch(lead):
        raise errors.Missing("no such lead")
    body = {"language": language} if (language := desk.field("language")) else {}
    made = desk.post("/leads/{lead}/bundle", body, lead=lead)
    return desk.go("bundles", made["bundle"])


def show(desk: Desk) -> Response:
    """How far it is, and where to download it."""
    return desk.show("bundles.html", made=desk.get("/bundles/{bundle}", bundle=desk.name))


PAGE = Page({"POST /new": ask, "GET /{name}": show}, needs="GET /bundles/{bundle}", order=0)
