"""First steps: from choosing what to keep to daily use, with what is done already ticked."""

from typing import Any

from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.intake.form import DEMO_NAME
from chalicelib.model import Response

# Fields are listed whole; of what else there is, the first that counts is enough.
_ALL, _PAGE, _MOST_PAGES = "100", "10", 10


def show(desk: Desk) -> Response:
    """The five steps in their order; a step is done when the stage shows that it was."""
    imports = _statuses(desk)
    forms = [each for each in _listed(desk, "/forms", "2") if each["name"] != DEMO_NAME]
    own = [each for each in _listed(desk, "/fields", _ALL) if each.get("version")]
    endpoints = _listed(desk, "/endpoints", "1")
    people = desk.may("GET /leads") and bool(desk.get("/leads", {"limit": "1"})["items"])
    keys = desk.may("GET /keys") and len(desk.get("/keys", {"limit": "2"})["items"]) > 1
    done = {
        "choose": bool(own or forms),
        "clean": bool(imports & {"review", "done"}),
        "import": "done" in imports,
        "configure": bool(forms or endpoints),
        "use": people and keys,
    }
    return desk.show("first_steps.html", done=done)


def _statuses(desk: Desk) -> set[str]:
    """How far the latest imports are, back to the first that is done: each costs a read."""
    seen: set[str] = set()
    cursor: str | None = ""
    for _ in range(_MOST_PAGES):
        page = desk.get("/imports", {"limit": _PAGE} | ({"cursor": cursor} if cursor else {}))
        seen |= {each["status"] for each in page["items"]}
        cursor = page["next"]
        if "done" in seen or not cursor:
            break
    return seen


def _listed(desk: Desk, path: str, limit: str) -> list[dict[str, Any]]:
    """The first items of a list; none of what whoever looks may not see."""
    if not desk.may(f"GET {path}"):
        return []
    found: list[dict[str, Any]] = desk.get(path, {"limit": limit})["items"]
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
