"""Configuration as documents: listed, written as JSON, with every version they have had.

What forms, endpoints, fields and mappings share: one page each, one editor.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib import errors
from chalicelib.admin.call import json_object
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import View
from chalicelib.admin.console.texts import known
from chalicelib.model import Response

_LIMIT = "50"
_MOST_VERSIONS = "20"


@dataclass(frozen=True, slots=True)
class Documents:
    """One kind of document: where the API has it, which template shows one, and with what."""

    path: str
    name: str
    template: str
    around: Callable[[Desk], Mapping[str, Any]] = lambda _desk: {}

    @property
    def one(self) -> str:
        """The path of one."""
        return f"{self.path}/{{{self.name}}}"

    @property
    def views(self) -> dict[str, View]:
        """The views that every kind has beside its list and its own page."""
        return {"POST /{name}/save": self.save, "POST /{name}/roll-back": self.roll_back,
                "POST /{name}/delete": self.delete}  # fmt: skip

    def page(self, desk: Desk) -> dict[str, Any]:
        """A page of the list."""
        return desk.get(self.path, {**desk.asked("cursor"), "limit": _LIMIT})

    def named(self, desk: Desk) -> dict[str, str]:
        """The parameter of the paths of one."""
        return {self.name: desk.name}

    def shown(
        self, desk: Desk, *, status: int = 200, definition: object = None, **values: Any
    ) -> Response:
        """One document with its editor: as it is stored, or as somebody has just written it."""
        got = desk.send("GET", self.one, None, None, "", **self.named(desk))
        earlier = self._versions(desk)
        text = definition if isinstance(definition, str) else written(got.content)
        more: dict[str, Any] = {"problems": [], "wrong": ""}
        return desk.show(
            self.template,
            status=status,
            name=desk.name,
            document=got.content,
            text=text,
            etag=got.etag,
            earlier=earlier,
            path=self.one,
            **{**more, **self.around(desk), **values},
        )

    def _versions(self, desk: Desk) -> list[dict[str, Any]]:
        """What it has been; a standard field that nobody changed has been nothing yet."""
        try:
            query = {"limit": _MOST_VERSIONS}
            page = desk.get(f"{self.one}/versions", query, **self.named(desk))
        except errors.Missing:
            return []
        found: list[dict[str, Any]] = page["items"]
        return found

    def save(self, desk: Desk) -> Response:
        """Make what was written current, unless somebody else was faster."""
        text = desk.field("definition")
        try:
            self.put(desk, desk.name, json_object(text.encode()), desk.field("version"))
        except (errors.Rejected, errors.Unreadable, errors.Conflict) as error:
            return self.refused(desk, error, text)
        return desk.go(desk.page.replace("_", "-"), desk.name, said="done_saved")

    def refused(self, desk: Desk, error: errors.InletError, text: str) -> Response:
        """The editor again, with what is wrong."""
        problems = desk.problems(error)
        key = f"error_{error.code}"
        wrong = "" if problems else desk.say(key) if known(desk.page, key) else error.detail
        return self.shown(
            desk, status=error.status, definition=text, problems=problems, wrong=wrong
        )

    def put(self, desk: Desk, name: str, content: Mapping[str, Any], version: str = "") -> None:
        """Store a document; a version is what must be current, and `*` that there is none."""
        desk.send("PUT", self.one, dict(content), None, version, **{self.name: name})

    def roll_back(self, desk: Desk) -> Response:
        """Make an earlier version current again."""
        number = desk.field("number")
        body = {"version": int(number) if number.isascii() and number.isdigit() else number}
        try:
            desk.post(f"{self.one}/rollback", body, **self.named(desk))
        except errors.Rejected as error:
            return self.refused(desk, error, "")
        return desk.go(desk.page.replace("_", "-"), desk.name, said="done_rolled_back")

    def delete(self, desk: Desk) -> Response:
        """Take one away; its versions stay."""
        desk.send("DELETE", self.one, None, None, desk.field("version"), **self.named(desk))
        return desk.go(desk.page.replace("_", "-"), said="done_deleted")


def written(content: object) -> str:
    """A document as people read and write it."""
    return json.dumps(content, ensure_ascii=False, indent=2)
