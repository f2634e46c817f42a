"""A stage with all of its doors, workers and ways out, on fakes."""

from dataclasses import replace
from typing import Any, cast

from chalicelib.doors import front
from chalicelib.model import Response
from chalicelib.wiring import Live
from tests.admin.office import KeysOnlyTable, Office
from tests.imports.door import FileDoor
from tests.live import Messages, Sent, asked


class Town(Office):
    """A stage with all of its doors, workers and ways out, on fakes."""

    def __init__(self, table: KeysOnlyTable | None = None) -> None:
        super().__init__(table)
        self.door = FileDoor(table=self.table)
        self.mails = Messages()
        outside = replace(
            self.live.outside,
            files=self.door.files,
            chunks=self.door.chunks,
            objects=self.door.objects,
            send=Sent(),
            mail=self.mails,
            secret=self.door.outside.secret,
        )
        self.door.outside = replace(outside, now=self.door.outside.now)
        # Local: one address may post as often as it likes.
        local = replace(self.live.settings, stage="local", url="https://inlet.test")
        live: Any = Live(local, outside)
        live.upsert.pause = lambda _attempt: None
        live.dump = self.table.items.items
        self.live = live

    def form(self, method: str, name: str, body: bytes = b"", **rest: Any) -> Response:
        """A call of a form's address."""
        request = asked(method, f"/forms/{name}", body, rest.pop("query", None), **rest)
        return front.form(cast("Any", self.live), name, request)
