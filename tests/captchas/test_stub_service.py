"""Every service asked over real HTTP, with a stub on loopback in its place: answers, slow, down."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib.aws.sender import HttpSender
from chalicelib.captchas import FAILED, REUSED, CaptchaVerdict
from chalicelib.ports import Answer, Outgoing
from tests.captchas.stubs import SHELF, check, example, service

HOSTED = [name for name in SHELF.names() if not service(name).SERVICE.self_hosted]
PATIENCE = 0.5


class Stub:
    """A server that answers every request with one recorded answer, after a delay."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = {"status": 200, "body": {}}
        self.delay = 0.0
        self.asked: list[bytes] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                stub.asked.append(self.rfile.read(int(self.headers["content-length"])))
                time.sleep(stub.delay)
                body = json.dumps(stub.answer["body"]).encode()
                self.send_response(stub.answer["status"])
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(BrokenPipeError):  # who asked has gone
                    self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def stub() -> Iterator[Stub]:
    made = Stub()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


class Detour:
    """The real sender, with the stub's address in the place of the service's."""

    def __init__(self, url: str) -> None:
        self.url, self.send = url, HttpSender()

    def __call__(self, request: Outgoing) -> Answer:
        address = self.url + urlsplit(request.url).path
        return self.send(replace(request, url=address, timeout=min(request.timeout, PATIENCE)))


def verdict(name: str, stub: Stub, case: str) -> CaptchaVerdict:
    """What the module says when the stub gives one of the recorded answers."""
    recorded = example(name)
    stub.answer = recorded["answers"][case]
    return service(name).verify(check(recorded), Detour(stub.url))


@pytest.mark.parametrize("name", HOSTED)
def test_the_whole_contract_over_http(name: str, stub: Stub) -> None:
    """Pass, fail, replay, wrong host, low score, down: each as it should be, one request each."""
    assert verdict(name, stub, "pass").passed
    assert verdict(name, stub, "fail").code == FAILED
    assert verdict(name, stub, "replay").code == REUSED
    assert verdict(name, stub, "wrong_host").code == FAILED
    assert verdict(name, stub, "down").unavailable
    asked = 5
    if service(name).SERVICE.scored:
        assert verdict(name, stub, "low_score").code == FAILED
        asked += 1
    assert len(stub.asked) == asked
    assert all(example(name)["response"].encode() in body for body in stub.asked)


@pytest.mark.parametrize("name", HOSTED)
def test_a_slow_service_is_not_waited_for(name: str, stub: Stub) -> None:
    """A service that takes longer than a person waits is unavailable."""
    stub.delay = PATIENCE * 8
    began = time.monotonic()
    assert verdict(name, stub, "pass").unavailable
    assert time.monotonic() - began < stub.delay


@pytest.mark.parametrize("name", HOSTED)
def test_a_service_that_refuses_to_talk_is_unavailable(name: str) -> None:
    """Nobody listens at its address."""
    assert service(name).verify(check(example(name)), Detour("http://127.0.0.1:1")).unavailable
