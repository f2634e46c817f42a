"""The whole file door on fakes: drop a file, let the workers run, look at what came of it."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chalicelib.imports.notification import Notification, announcement, notifications
from chalicelib.imports.split import split
from chalicelib.imports.summary import summary
from chalicelib.imports.work import work
from chalicelib.model import Touch
from chalicelib.ports import Answer, Outgoing, Outside
from chalicelib.store.verify import read, verify
from tests.fakes import MemoryTable
from tests.fakes_files import START, MemoryFiles, MemoryQueue
from tests.store.people import upsert

STAGE: Mapping[str, object] = {"region": "ES"}
COUNTS = ("created", "merged", "unchanged", "repeated", "quarantined", "rejected", "ignored")


class Killed(BaseException):
    """A worker's end at any instruction: no `except` of the product's sees it."""


def _nobody(request: Outgoing) -> Answer:
    raise AssertionError("nothing here talks to anybody")


@dataclass
class FileDoor:
    """One stage's bucket, queues and table, and the workers that read them."""

    table: MemoryTable = field(default_factory=MemoryTable)
    files: MemoryFiles = field(default_factory=MemoryFiles)
    objects: MemoryQueue = field(default_factory=MemoryQueue)
    chunks: MemoryQueue = field(default_factory=MemoryQueue)
    stage: Mapping[str, object] = field(default_factory=lambda: STAGE)
    kills: int = 0
    working: bool = False

    def __post_init__(self) -> None:
        self.outside = Outside(
            table=self.table,
            files=self.files,
            objects=self.objects,
            chunks=self.chunks,
            spill=MemoryQueue(),
            send=_nobody,
            now=lambda: START + timedelta(hours=1),
            secret=b"a secret of the tests",
        )

    def drop(
        self, key: str, body: bytes | str, metadata: Mapping[str, str] | None = None
    ) -> Notification:
        """Drop a file and announce it; nobody has looked at it yet."""
        data = body.encode() if isinstance(body, str) else body
        notification = self.files.drop(key, data, metadata)
        self.objects.messages.append(announcement(notification))
        return notification

    def run(self) -> list[str]:
        """Let the workers run until all queues are empty; the imports that were split.

        A message whose worker is killed is delivered again, as a queue does.
        """
        imports: dict[str, None] = {}
        while messages := [*self.objects.take(), *self.chunks.take()]:
            for message in messages:
                try:
                    if found := self.deliver(message):
                        imports[found] = None
                except Killed:
                    self.kills += 1
                    self.objects.messages.append(message)
        return list(imports)

    def deliver(self, message: str) -> str:
        """Give one message to its worker; the import, where one was split."""
        self.working = True
        try:
            return self._work(json.loads(message))
        finally:
            self.working = False

    def _work(self, message: dict[str, Any]) -> str:
        if "import" in message or "undo" in message:
            work(message, self.outside, upsert(self.table))
            return ""
        found = ""
        for notification in notifications(message):
            found = split(notification, self.outside, self.stage)
        return found

    def import_file(
        self, key: str, body: bytes | str, metadata: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Drop one file, run, and give its summary; its sums balance and so does the store."""
        self.drop(key, body, metadata)
        (import_id,) = self.run()
        assert verify(self.table.items.items()) == []
        return balanced(self.summary(import_id))

    def summary(self, import_id: str) -> dict[str, Any]:
        """What the outside sees of an import."""
        return summary(self.outside, import_id)

    def touches(self) -> list[Touch]:
        """Every stored submission, in the order of its file."""
        touches = read(self.table.items.items()).touches.values()
        return sorted(touches, key=lambda touch: touch.time_key)

    def values(self) -> list[dict[str, Any]]:
        """The values of every lead."""
        leads = read(self.table.items.items()).leads.values()
        found = [dict(lead.view.visible()["values"]) for lead in leads if lead.alive]  # type: ignore[call-overload]
        return sorted(found, key=repr)

    def errors(self, import_id: str, delimiter: str = ",") -> list[list[str]]:
        """The rows of an import's errors.csv, its header first."""
        text = self.files.body(f"reports/{import_id}/errors.csv").decode("utf-8-sig")
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def balanced(content: dict[str, Any]) -> dict[str, Any]:
    """A summary whose rows are the sum of their fates."""
    assert content["rows"] == sum(content[name] for name in COUNTS)
    return content


def people(count: int, start: int = 0) -> str:
    """A file of so many new people, each with an e-mail and a phone."""
    rows = (
        f"Ana {n},Gil,ana{n}@example.org,+346{n:08d},Acme\r\n" for n in range(start, start + count)
    )
    return "First name,Last name,Email,Phone,Company\r\n" + "".join(rows)
