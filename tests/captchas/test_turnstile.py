"""What is Turnstile's own: the body of the request, the idempotency key, the action."""

import json

import pytest

from chalicelib.captchas import turnstile
from tests.captchas.stubs import StubSender, check, example, recorded_answer

RECORDED = example("turnstile")


def test_the_request() -> None:
    """The request carries secret, response, address, and a UUID that stands for the submission."""
    body = json.loads(turnstile.request(check(RECORDED)).body)
    key = body.pop("idempotency_key")
    assert body == {
        "secret": RECORDED["secret"],
        "response": RECORDED["response"],
        "remoteip": "203.0.113.9",
    }
    again = json.loads(turnstile.request(check(RECORDED)).body)
    other = json.loads(turnstile.request(check(RECORDED, submission="another")).body)
    assert again["idempotency_key"] == key
    assert other["idempotency_key"] != key


@pytest.mark.parametrize(("action", "passed"), [("login", True), ("signup", False), ("", True)])
def test_action(action: str, passed: bool) -> None:
    """Where the form names its widget's action, a pass for another one is none."""
    sender = StubSender(recorded_answer(RECORDED, "pass"))
    assert turnstile.verify(check(RECORDED, action=action), sender).passed == passed


@pytest.mark.parametrize(
    ("hosts", "passed"),
    [
        (("WWW.example.com",), True),
        (("*.example.com",), True),
        (("example.com",), False),
        (("*.ample.com",), False),
    ],
)
def test_hosts(hosts: tuple[str, ...], passed: bool) -> None:
    """Hosts are compared whole, case aside; `*.` stands for what is below a host."""
    sender = StubSender(recorded_answer(RECORDED, "pass"))
    assert turnstile.verify(check(RECORDED, hosts=hosts), sender).passed == passed
