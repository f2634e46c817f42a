"""Mappings: what the columns of files are, kept under a name and chosen by their header."""

from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.documents import Documents
from chalicelib.admin.console.page import Page
from chalicelib.model import Response

MAPPINGS = Documents("/mappings", "mapping", "mappings_one.html")


def list_mappings(desk: Desk) -> Response:
    """The mappings, by name."""
    return desk.show("mappings.html", page=MAPPINGS.page(desk))


PAGE = Page(
    {"GET": list_mappings, "GET /{name}": MAPPINGS.shown, **MAPPINGS.views},
    needs="GET /mappings",
    group="settings",
    order=30,
)
