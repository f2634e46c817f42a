"""What every paid verifier keeps to; one gets these tests by lying on the shelf."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import errors
from chalicelib.ports import Answer, Outgoing
from chalicelib.verifiers import SHELF, verifier
from tests.live import Sent

EXAMPLES = Path(__file__).parent / "examples"
WORDS = {"deliverable", "undeliverable", "unknown"}


def example(name: str) -> dict[str, Any]:
    """The recorded example of a service."""
    recorded: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return recorded


def test_every_service_has_a_recorded_example() -> None:
    """A new service is one module and one file of examples."""
    assert set(SHELF.names()) == {file.stem for file in EXAMPLES.glob("*.json")}


@pytest.mark.parametrize("name", SHELF.names())
def test_answers_are_read_as_recorded(name: str) -> None:
    """The question goes to the service over TLS with address and key; each answer has its verdict."""
    asked: list[Outgoing] = []
    for answer in example(name)["answers"]:
        sent = Sent(Answer(answer["status"], json.dumps(answer["body"]).encode()), asked)
        assert verifier(name, "the-key", sent)("a+b&c@x.test") == tuple(answer["verdict"])
    for request in asked:
        parts = urlsplit(request.url)
        assert (parts.scheme, parts.hostname) == ("https", example(name)["host"])
        whole = request.url + request.body.decode() + str(request.headers)
        assert "a%2Bb%26c%40x.test" in whole
        assert "the-key" in whole
        assert 0 < request.timeout <= 10


@pytest.mark.parametrize("name", SHELF.names())
def test_a_service_that_does_not_answer_knows_nothing(name: str) -> None:
    """Nobody is condemned for its outage."""

    def send(request: Outgoing) -> Answer:
        raise errors.Unavailable("nobody answers")

    assert verifier(name, "k", send)("a@x.test") == ("unknown", "no_answer")


@pytest.mark.parametrize("name", SHELF.names())
@given(status=st.integers(100, 599), body=st.binary(max_size=60))
def test_any_answer_is_a_verdict(name: str, status: int, body: bytes) -> None:
    """Whatever comes back is one of the three words, never an exception."""
    verdict, reason = SHELF.get(name).read(Answer(status, body))
    assert verdict in WORDS
    assert len(reason) <= 40
