"""Retention: what is kept for how long, by rules, and how far each rule is."""

from dataclasses import dataclass

from chalicelib import errors
from chalicelib.admin.call import json_object
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.documents import Documents
from chalicelib.admin.console.page import Page
from chalicelib.model import Response


@dataclass(frozen=True, slots=True)
class _Single(Documents):
    """A document of which there is one: it has no name of its own."""

    @property
    def one(self) -> str:
        """The path itself."""
        return self.path

    def named(self, desk: Desk) -> dict[str, str]:
        """Nothing."""
        del desk
        return {}

    def save(self, desk: Desk) -> Response:
        """Make what was written current, unless somebody else was faster."""
        text = desk.field("definition")
        try:
            document = json_object(text.encode())
            desk.send("PUT", self.path, document, None, desk.field("version"))
        except (errors.Rejected, errors.Unreadable, errors.Conflict) as error:
            return self.refused(desk, error, text)
        return desk.go("retention", said="done_saved")

    def roll_back(self, desk: Desk) -> Response:
        """Make an earlier version current again."""
        number = desk.field("number")
        body = {"version": int(number) if number.isascii() and number.isdigit() else number}
        try:
            desk.post(f"{self.path}/rollback", body)
        except errors.Rejected as error:
            return self.refused(desk, error, "")
        return desk.go("retention", said="done_rolled_back")


def _runs(desk: Desk) -> dict[str, object]:
    return {"runs": {run["rule"]: run for run in desk.get("/retention/runs")["items"]}}


RETENTION = _Single("/retention", "retention", "retention.html", _runs)


def show(desk: Desk) -> Response:
    """The rules as a table, and as the document that they are."""
    return RETENTION.shown(desk)


PAGE = Page(
    {"GET": show, "POST /save": RETENTION.save, "POST /roll-back": RETENTION.roll_back},
    needs="GET /retention",
    group="settings",
    order=60,
)
