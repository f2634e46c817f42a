"""What the captcha tests share: a sender that never leaves the house, and the recorded examples."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from chalicelib.captchas import Captcha, Check
from chalicelib.errors import Unavailable
from chalicelib.ports import Answer, Outgoing
from chalicelib.shelf import Shelf

SHELF = Shelf("chalicelib.captchas")
EXAMPLES = Path(__file__).parent / "examples"
KEY = b"a secret of the stage"


@dataclass
class StubSender:
    """Answers every request with one answer, or with silence, and remembers what was asked."""

    answer: Answer | None = None
    asked: list[Outgoing] = field(default_factory=list)

    def __call__(self, request: Outgoing) -> Answer:
        """Answer like the sender does: `Unavailable` where nobody answers in time."""
        self.asked.append(request)
        if self.answer is None:
            raise Unavailable("timed out")
        return self.answer


def service(name: str) -> Captcha:
    """A module of the shelf."""
    return cast(Captcha, SHELF.get(name))


def example(name: str) -> dict[str, Any]:
    """The recorded example of one service."""
    loaded: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return loaded


def check(recorded: dict[str, Any], **changes: Any) -> Check:
    """The check of a recorded example's response, with some members replaced."""
    given = {
        "response": recorded["response"],
        "now": datetime.fromisoformat(recorded["now"]) if "now" in recorded else datetime.now(UTC),
        "form": "contact",
        "submission": "0123456789abcdef0123456789abcdef",
        "secret": recorded["secret"],
        "key": KEY,
        "site_key": recorded.get("site_key", ""),
        "action": recorded.get("action", ""),
        "project": recorded.get("project", ""),
        "score": Decimal(recorded.get("score", 0)),
        "hosts": tuple(recorded["hosts"]),
        "ip": "203.0.113.9",
    }
    return Check(**{**given, **changes})


def recorded_answer(recorded: dict[str, Any], case: str) -> Answer:
    """One of a recorded example's answers."""
    answer = recorded["answers"][case]
    return Answer(answer["status"], json.dumps(answer["body"]).encode())
