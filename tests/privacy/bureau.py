"""A stage with files, queues and its API, on fakes: what the law asks for, from end to end."""

import datetime as dt
import json
from dataclasses import replace
from typing import Any

from chalicelib.admin.serve import serve
from chalicelib.imports.notification import announcement, notifications
from chalicelib.imports.split import split
from chalicelib.imports.sweep import sweep as sweep_imports
from chalicelib.imports.work import work
from chalicelib.model import Request, Response
from chalicelib.privacy import steps
from chalicelib.store.api_keys import ApiKeys
from chalicelib.wiring import Live
from tests.admin.office import content
from tests.fakes_files import BUCKET, MemoryFiles, MemoryQueue
from tests.live import Stage


class Bureau(Stage):
    """A stage whose workers run when the test says so; `kill` ends them ahead of a request."""

    def __init__(self) -> None:
        super().__init__()
        self.bucket, self.objects, self.chunks = MemoryFiles(), MemoryQueue(), MemoryQueue()
        self.bucket.now = self.moment
        outside = replace(self.outside, files=self.bucket, objects=self.objects, chunks=self.chunks)
        self.outside = outside
        self.live = Live(replace(self.live.settings, mail_from="forms@example.org"), outside)
        self.live.upsert.pause = lambda _attempt: None
        self.admin = ApiKeys(self.table, outside.now).create("admin")[0]

    def ask(self, method: str, path: str, body: object = None, **named: str) -> Any:
        """What the API answers an administrator; named parts that start with `q_` are the query."""
        query = {k.removeprefix("q_"): v for k, v in named.items() if k.startswith("q_")}
        rest = {k: v for k, v in named.items() if not k.startswith("q_")}
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.admin}"}
        return serve(Request(method, path, headers, query, raw), self.live, path, **rest)

    def get(self, path: str, **named: str) -> dict[str, Any]:
        """The JSON of a GET."""
        return content(self.ask("GET", path, **named))

    def post(self, path: str, body: object = None, **named: str) -> dict[str, Any]:
        """The JSON of a POST."""
        return content(self.ask("POST", path, body, **named))

    def erase(self, lead: str) -> str:
        """Erase a person; the erasure's number."""
        answer = self.ask("DELETE", "/leads/{lead}", lead=lead)
        assert isinstance(answer, Response)
        assert answer.status == 204
        return answer.headers["Location"].rpartition("/")[2]

    def drop(self, key: str, body: str, **options: str) -> None:
        """Drop a file; nobody has looked at it yet."""
        said = {f"inlet-{name.replace('_', '-')}": value for name, value in options.items()}
        notification = self.bucket.drop(key, body.encode(), said)
        self.objects.messages.append(announcement(notification))

    def run(self) -> None:
        """Let the workers run until all queues are empty."""
        while messages := [*self.objects.take(), *self.chunks.take()]:
            for message in messages:
                self.deliver(json.loads(message))

    def deliver(self, message: dict[str, Any]) -> None:
        """Give one message to its worker, as `queues.work` does."""
        if "export" in message:
            from chalicelib.exports.run import run

            run(message, self.outside)
        elif {"erasure", "bundle", "retention", "purge"} & set(message):
            steps.step(message, self.outside, self.live.upsert, self.live.settings.raw_days)
        elif {"import", "undo"} & set(message):
            work(message, self.outside, self.live.upsert)
        else:
            for notification in notifications(message):
                split(notification, self.outside, {"region": "ES"})

    def later(self, **delta: int) -> None:
        """Let time pass."""
        self.moment += dt.timedelta(**delta)
        self.bucket.now = self.moment
        now, old = int(self.moment.timestamp()), self.moment - dt.timedelta(days=90)
        for key in [
            k for k, item in self.table.items.items() if int(str(item.get("ttl", now))) < now
        ]:
            del self.table.items[key]
        for held in (self.bucket.objects, self.bucket.kept_back):
            for name in [n for n, kept in held.items() if kept[-1][0].modified < old]:
                if name.startswith("work/"):
                    del held[name]

    def sweep(self) -> dict[str, int]:
        """What the schedule does."""
        sweep_imports(self.outside, self.moment, BUCKET)
        return steps.sweep(self.outside, self.live.upsert)

    def lead_of(self, email: str) -> str:
        """The lead that an address identifies."""
        (lead,) = self.get("/leads", q_email=email)["items"]
        return str(lead["id"])

    def traces(self, *words: str) -> list[str]:
        """Where any of some words still stands: in an item, or in any version of an object."""
        found = [
            f"{key.pk} {key.sk}"
            for key, item in self.table.items.items()
            if any(word in repr((key, item)) for word in words)
        ]
        for held in (self.bucket.objects, self.bucket.kept_back):
            for key, versions in held.items():
                for _, body in versions:
                    text = body.decode("utf-8", "replace")
                    wide = body.decode("utf-16-le", "replace")
                    if any(word in text or word in wide or word in key for word in words):
                        found.append(key)
        return found
