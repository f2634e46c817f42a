"""A newsletter on the local stack: asked, confirmed, left, and asked again."""

import base64
import email
import email.policy
import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import altcha
import pytest

from local.backend import ROOT
from tests.local.machine import until
from tests.road.stage import Stage

pytestmark = [pytest.mark.aws, pytest.mark.slow]

ANA = "ana@example.com"
FORM = json.loads((ROOT / "docs" / "forms" / "newsletter.json").read_text())
WORDS = {field["name"]: field["label"] for field in FORM["fields"] if "label" in field}
POSTED = "application/x-www-form-urlencoded"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path / "data")
    made.start()
    try:
        assert made.api("PUT", "/forms/newsletter", FORM).status in (200, 201)
        yield made
    finally:
        made.machine.stop(signal.SIGINT)


def test_only_the_clicked_link_makes_somebody_mailable(stage: Stage) -> None:
    """Looking at a link does nothing; leaving holds against every post until the next click."""
    subscribe(stage)
    first = consent(stage)
    said = (first["state"], first["text"], first["language"], first["version"], first["door"])
    assert said == ("pending", WORDS["consent"]["es"], "es", "1", "form")

    link = confirmation(stage, 1)
    assert stage.ask("GET", link).status == 200
    assert consent(stage)["state"] == "pending"
    assert click(stage, link) == 200
    assert consent(stage)["state"] == "confirmed"
    assert consent(stage)["confirmed_at"]

    assert leave(stage) == 200
    assert standing(stage) == ("withdrawn", ["unsubscribed"])

    subscribe(stage)
    assert standing(stage) == ("pending", ["unsubscribed"])
    again = confirmation(stage, 2)
    assert stage.ask("GET", again).status == 200
    assert standing(stage) == ("pending", ["unsubscribed"])
    assert click(stage, again) == 200
    assert standing(stage) == ("confirmed", [])

    lead = stage.lead(email=ANA)["id"]
    told = stage.api("GET", f"/leads/{lead}/consent").json["history"]
    assert [word["what"] for word in told] == ["confirmed", "given", "withdrawn", "given"]
    assert stage.balanced()


def subscribe(stage: Stage) -> None:
    """A post by a program in Spanish, its proof of work done."""
    made = stage.ask("GET", "/forms/newsletter/token").json
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(made["challenge"]))
    assert solution is not None
    proof = {"challenge": made["challenge"], "solution": solution.to_dict()}
    told = {"email": ANA, "consent": True, "topics": ["news"], "_language": "es"}
    told |= {"altcha": base64.b64encode(json.dumps(proof).encode()).decode()}
    kind = "application/json"
    body = json.dumps({**told, "_token": made["token"]}).encode()
    answer = stage.ask("POST", "/forms/newsletter", body, Content_Type=kind, Accept=kind)
    assert answer.status == 200, answer.text


def confirmation(stage: Stage, number: int) -> str:
    """The path of the link in the newest of so many letters."""
    box = stage.machine.data / "mail"
    until(lambda: len(list(box.glob("*.eml"))) >= number, 30)
    newest = max(box.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
    letter = email.message_from_bytes(newest.read_bytes(), policy=email.policy.default)
    part = letter.get_body(("plain",))
    assert part is not None
    assert letter["To"] == ANA
    found = re.search(r"(/forms/newsletter/confirm\?c=[\w.]+)", part.get_content())
    assert found is not None
    return found[1]


def click(stage: Stage, link: str) -> int:
    """The status of the page's button."""
    return stage.ask("POST", link, b"", Content_Type=POSTED).status


def leave(stage: Stage) -> int:
    """The status of what a mail service tells: they unsubscribed, just now."""
    document = {"provider": "brevo", "secrets": ["a-long-random-text"]}
    assert stage.api("PUT", "/endpoints/letters", document).status == 201
    event = {"event": "unsubscribed", "email": ANA, "ts_epoch": int(time.time() * 1000)}
    body, token = json.dumps(event).encode(), "Bearer a-long-random-text"
    kind = "application/json"
    place = "/webhooks/brevo/letters"
    return stage.ask("POST", place, body, Content_Type=kind, Authorization=token).status


def consent(stage: Stage) -> dict[str, Any]:
    return dict(full(stage)["consent"])


def standing(stage: Stage) -> tuple[str, list[str]]:
    lead = full(stage)
    return lead["consent"]["state"], lead["suppressed"]


def full(stage: Stage) -> dict[str, Any]:
    """The lead in full: a list shows only what it can without further reads."""
    lead: dict[str, Any] = stage.api("GET", f"/leads/{stage.lead(email=ANA)['id']}").json
    return lead
