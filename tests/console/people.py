"""People for the tests of the console, through the doors that they come by."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from chalicelib.admin.auth import Caller
from chalicelib.admin.serve import serve_to
from chalicelib.doors import front
from chalicelib.intake.form_definition import DEFAULT_HONEYPOT
from chalicelib.model import Request
from chalicelib.privacy import steps
from tests.live import Messages, Stage, asked

SECOND = timedelta(seconds=1)
BOSS = Caller("0" * 32, "admin", label="The shop's importer")


def post(stage: Stage, form: str = "contact", **fields: str) -> None:
    """Somebody sends a form."""
    body = urlencode(
        {name.replace("trap", DEFAULT_HONEYPOT): text for name, text in fields.items()}
    )
    headers = {
        "content_type": "application/x-www-form-urlencoded",
        "accept": "application/json",
    }
    made = front.form(
        stage.live, form, asked("POST", f"/forms/{form}", body.encode(), None, **headers)
    )
    assert made.status == 200, made.body


def api(
    stage: Stage,
    method: str,
    path: str,
    body: object = None,
    query: dict[str, str] | None = None,
    **named: str,
) -> dict[str, Any]:
    """Call the API as an administrator."""
    stage.moment += SECOND
    raw = b"" if body is None else json.dumps(body).encode()
    made = serve_to(BOSS, Request(method, path, {}, query or {}, raw), stage.live, path, **named)
    if isinstance(made, dict):
        return made
    content: dict[str, Any] = json.loads(made.body) if made.body else {}
    return content


def person(stage: Stage, email: str) -> dict[str, Any]:
    """The one lead with an address."""
    (found,) = api(stage, "GET", "/leads", query={"email": email})["items"]
    lead: dict[str, Any] = api(stage, "GET", "/leads/{lead}", lead=found["id"])
    return lead


def held(stage: Stage, fate: str) -> list[dict[str, Any]]:
    """The submissions of a fate."""
    items: list[dict[str, Any]] = api(stage, "GET", "/submissions", query={"fate": fate})["items"]
    return items


def release(stage: Stage, fate: str) -> None:
    """Let everything of a fate through: what looks like an attack is held at first."""
    for each in held(stage, fate):
        api(stage, "POST", "/submissions/{receipt}/release", receipt=each["receipt"])


def work(stage: Stage) -> None:
    """Let the workers run until nothing is announced any more."""
    queue = stage.outside.chunks
    assert isinstance(queue, Messages)
    while queue.sent:
        messages, queue.sent = queue.sent, []
        for message in messages:
            steps.step(json.loads(message), stage.outside, stage.live.upsert, 90)
