"""The product as its users meet it: `make run`'s machinery with the real application."""

import base64
import hashlib
import hmac
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from local.backend import ROOT
from tests.local.machine import Machine, until

SECRET = base64.b64encode(b"a secret of the tests, 32 bytes!").decode()


@dataclass(frozen=True)
class Answered:
    """An HTTP answer: what a program sees of it."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Stage:
    """One running stage and the calls that tests make of it."""

    def __init__(self, data: Path) -> None:
        self.machine = Machine(data)

    def start(self, **settings: str) -> None:
        self.machine.start(INLET_APP=str(ROOT), INLET_SNAPSHOT_SECONDS="1", **settings)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answered:
        """One request; errors are answers too."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.machine.url + path, body, named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answered(answer.status, dict(answer.headers), answer.read().decode())
        except urllib.error.HTTPError as error:
            return Answered(error.code, dict(error.headers), error.read().decode())

    def api(self, method: str, path: str, body: Any = None, **query: str) -> Answered:
        """One call of the API with the admin key."""
        key = self.machine.environment()["INLET_KEY"]
        content = json.dumps(body).encode() if body is not None else None
        address = f"/api{path}" + (f"?{urlencode(query)}" if query else "")
        return self.ask(method, address, content, Authorization=f"Bearer {key}")

    def answered(self, path: str, **query: str) -> Any:
        """What a reading call of the API answers once AWS answers it."""
        for _ in range(10):
            answer = self.api("GET", path, **query)
            if answer.status != 503:
                break
        assert answer.status == 200, answer.text
        return answer.json

    def post(self, fields: dict[str, Any]) -> Answered:
        """A post of the demo form by a program."""
        body = json.dumps(fields).encode()
        return self.ask(
            "POST",
            "/forms/contact",
            body,
            Content_Type="application/json",
            Accept="application/json",
        )

    def deliver(self, event: str, data: dict[str, Any], timestamp: int) -> Answered:
        """A signed Standard Webhooks delivery to the endpoint `shop`."""
        body = json.dumps({"type": "contact.created", "data": data}).encode()
        signed = f"{event}.{timestamp}.".encode() + body
        mac = hmac.digest(base64.b64decode(SECRET), signed, hashlib.sha256)
        return self.ask(
            "POST",
            "/webhooks/standard/shop",
            body,
            Content_Type="application/json",
            webhook_id=event,
            webhook_timestamp=str(timestamp),
            webhook_signature="v1," + base64.b64encode(mac).decode(),
        )

    def drop(self, key: str, body: bytes) -> dict[str, Any]:
        """Drop a file and wait until its import is at rest; its summary."""
        before = len(self.imports(key))
        bucket = self.machine.environment()["INLET_BUCKET"]
        self.machine.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
        until(lambda: len(self.imports(key)) > before, 30)
        return self.finished(key)

    def finished(self, key: str, seconds: int = 60) -> dict[str, Any]:
        """The newest import of an object, once it is at rest."""
        until(lambda: self.imports(key)[0]["status"] in ("done", "failed"), seconds)
        return self.imports(key)[0]

    def worked(self, key: str, rows: int) -> bool:
        """Whether so many rows of an object's newest import are done."""
        found = self.imports(key)
        return bool(found) and found[0]["rows"] >= rows

    def imports(self, key: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.answered("/imports", key=key)["items"]
        return found

    def file(self, key: str) -> bytes:
        """An object of the bucket."""
        bucket = self.machine.environment()["INLET_BUCKET"]
        body: bytes = self.machine.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def lead(self, **by: str) -> dict[str, Any]:
        """The one lead that a filter finds."""
        (found,) = self.api("GET", "/leads", **by).json["items"]
        lead: dict[str, Any] = found
        return lead

    def balanced(self) -> bool:
        """Whether `verify` has nothing to say."""
        return bool(self.answered("/verify")["balanced"])
