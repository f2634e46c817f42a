"""First steps: from choosing what to keep to daily use, with what is done already ticked."""

from typing import Any

from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.intake.form import DEMO_NAME
from chalicelib.model import Response

_SOME = "100"


def show(desk: Desk) -> Response:
    """The five steps in their order; a step is done when the stage shows that it was."""
    imports = desk.get("/imports", {"limit": _SOME})["items"]
    forms = [each for each in _listed(desk, "/forms") if each["name"] != DEMO_NAME]
    own = [each for each in _listed(desk, "/fields") if each.get("version")]
    endpoints = _listed(desk, "/endpoints")
    people = desk.may("GET /leads") and bool(desk.get("/leads", {"limit": "1"})["items"])
    keys = desk.may("GET /keys") and len(desk.get("/keys", {"limit": "2"})["items"]) > 1
    done = {
        "choose": bool(own or forms),
        "clean": any(each["status"] in ("review", "done") for each in imports),
        "import": any(each["status"] == "done" for each in imports),
        "configure": bool(forms or endpoints),
        "use": people and keys,
    }
    return desk.show("first_steps.html", done=done)


def _listed(desk: Desk, path: str) -> list[dict[str, Any]]:
    """The first page of a list; none of what whoever looks may not see."""
    if not desk.may(f"GET {path}"):
        return []
    found: list[dict[str, Any]] = desk.get(path, {"limit": _SOME})["items"]
    return found


def template_csv(desk: Desk) -> Response:
    """The fields of this stage as a CSV file to fill in."""
    return desk.download("/template.csv", {"language": desk.language})


def template_xlsx(desk: Desk) -> Response:
    """The same as a workbook."""
    return desk.download("/template.xlsx", {"language": desk.language})


PAGE = Page(
    {"GET": show, "GET /template.csv": template_csv, "GET /template.xlsx": template_xlsx},
    needs="GET /imports",
    group="leads",
    order=90,
)
