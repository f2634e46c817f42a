"""Erasures: who was forgotten, by number, what was done where, and the certificate to hand on."""

import re

from chalicelib import errors, locale
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.model import Response
from chalicelib.privacy import certificate
from chalicelib.privacy.texts import text, texts

_LIMIT = "50"
_ID = re.compile(r"[0-9a-f]{32}")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def list_erasures(desk: Desk) -> Response:
    """The erasures, the newest first."""
    page = desk.get("/erasures", {**desk.asked("cursor"), "limit": _LIMIT})
    return desk.show("erasures.html", page=page)


def erase(desk: Desk) -> Response:
    """Erase a person, and show what becomes of it."""
    lead = desk.field("lead")
    if not _ID.fullmatch(lead):
        raise errors.Missing("no such lead")
    got = desk.send("DELETE", "/leads/{lead}", None, None, desk.field("version"), lead=lead)
    return desk.go("erasures", got.location.rpartition("/")[2], said="done_erased")


def show_erasure(desk: Desk) -> Response:
    """One erasure, place by place."""
    made = desk.get("/erasures/{erasure}", erasure=desk.name)
    places = [
        {
            **each,
            "name": text(f"place.{each['place']}", desk.language),
            "says": _says(each["place"], desk.language),
            "told": [
                text(f"did.{what}", desk.language, count=locale.digits(str(count), desk.language))
                for what, count in sorted(each["done"].items())
            ],
        }
        for each in made["places"]
    ]
    return desk.show("erasures_one.html", made=made, places=places)


def show_certificate(desk: Desk) -> Response:
    """The certificate as a page by itself, to be kept or printed."""
    body = certificate.html(
        desk.get("/erasures/{erasure}", erasure=desk.name), desk.query("in") or desk.language
    )
    kind = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY}
    return Response(200, body, {**kind, "Cache-Control": "no-store"})


def _says(place: str, language: str) -> str:
    name = f"says.{place}"
    return text(name, language) if name in texts() else ""


PAGE = Page(
    {
        "GET": list_erasures,
        "POST /new": erase,
        "GET /{name}": show_erasure,
        "GET /{name}/certificate": show_certificate,
    },
    needs="GET /erasures",
    group="settings",
    order=70,
)
