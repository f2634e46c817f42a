"""The HTTP side: what reaches the application, and what the gateway answers itself."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any

import pytest

from local.server import MAX_BODY
from tests.local.machine import Machine

pytestmark = pytest.mark.aws


@contextmanager
def connection(machine: Machine) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection("127.0.0.1", machine.port, timeout=20)) as opened:
        yield opened


def ask(
    machine: Machine, method: str, path: str, body: Any = None, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    with connection(machine) as opened:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        opened.request(method, path, body, named)
        answer = opened.getresponse()
        return answer, answer.read()


def raw(machine: Machine, data: bytes) -> bytes:
    """What comes back for bytes as they are, until the server closes."""
    with socket.create_connection(("127.0.0.1", machine.port), timeout=10) as stream:
        stream.sendall(data)
        received = b""
        while part := stream.recv(65536):
            received += part
        return received


def test_env_is_there_before_health_answers(shared: Machine) -> None:
    """`$DATA/env` is written, for its owner alone, before `/health` answers 200."""
    assert json.loads(ask(shared, "GET", "/health")[1]) == {"environment": True}
    assert (shared.data / "env").stat().st_mode & 0o777 == 0o600
    assert shared.environment()["INLET_URL"] == shared.url


def test_a_connection_serves_many_requests(shared: Machine) -> None:
    """Keep-alive: several requests, with bodies and without, go over one connection."""
    with connection(shared) as opened:
        opened.connect()
        stream = opened.sock
        for method, path in [("GET", "/health"), ("POST", "/echo/a"), ("HEAD", "/health")] * 5:
            opened.request(method, path, b"body" if method == "POST" else None)
            answer = opened.getresponse()
            answer.read()
            assert answer.status == 200
            assert opened.sock is stream


def test_head_and_options_reach_own_routes(shared: Machine) -> None:
    """HEAD and OPTIONS are the application's where it has routes for them."""
    for method in ("HEAD", "OPTIONS"):
        assert ask(shared, method, "/own")[0].headers["X-Method"] == method


def test_head_and_options_without_routes(shared: Machine) -> None:
    """HEAD falls back to GET without its body; OPTIONS says what is offered, with CORS."""
    answer, body = ask(shared, "HEAD", "/health")
    assert (answer.status, body) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0
    answer, _ = ask(shared, "OPTIONS", "/cors")
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "OPTIONS,POST"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/echo/a", 405), ("GET", "/broken", 502)],
)
def test_errors_are_problems(shared: Machine, method: str, path: str, status: int) -> None:
    """What the gateway refuses is `application/problem+json`, with no stack trace."""
    answer, body = ask(shared, method, path)
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(json.loads(body)) == {"type", "title", "status", "code", "detail", "errors"}


@pytest.mark.parametrize("kind", ["length", "chunked", "expect"])
def test_a_body_over_the_limit_is_413(shared: Machine, kind: str) -> None:
    """More than 10 MB is 413 however it is sent, and the sender gets to read that."""
    big = bytes(MAX_BODY + 1)
    headers = {"Expect": "100-continue"} if kind == "expect" else {}
    answer, body = ask(
        shared, "POST", "/echo/a", iter([big]) if kind == "chunked" else big, **headers
    )
    assert answer.status == 413
    assert json.loads(body)["status"] == 413


def test_a_body_at_the_limit_arrives(shared: Machine) -> None:
    """10 MB pass, whole, sent with a length or in chunks."""
    most = bytes(MAX_BODY)
    for body in (most, iter([most[:7], most[7:]])):
        answer = json.loads(ask(shared, "POST", "/echo/a", body)[1])
        assert answer["size"] == MAX_BODY


EVERY_BYTE = bytes(range(256))
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n' + EVERY_BYTE + b"\r\n--x--\r\n"
)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=x", MULTIPART),
        ("Multipart/Form-Data;boundary=x", MULTIPART),
        ("application/x-www-form-urlencoded; charset=latin-1", b"name=Jos\xe9"),
        ("application/json", '{"name": "José سلام"}'.encode()),
        ("application/octet-stream", EVERY_BYTE),
    ],
)
def test_bodies_arrive_byte_for_byte(shared: Machine, kind: str, body: bytes) -> None:
    """The application's `raw_body` is what was sent, and its type has its parameters."""
    answer = json.loads(ask(shared, "POST", "/echo/a", body, Content_Type=kind)[1])
    assert bytes.fromhex(answer["hex"]) == body
    assert answer["type"] == kind


def test_paths_and_queries_are_decoded(shared: Machine) -> None:
    """Path parameters and query values arrive decoded; a trailing slash means nothing."""
    answer = json.loads(ask(shared, "POST", "/echo/a%2Fb%20c/?q=%C3%A9&blank=", b"x")[1])
    assert answer["name"] == "a/b c"
    assert answer["query"] == {"q": "é", "blank": ""}


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 4\r\nContent-Length: 5\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 1e3\r\n",
        b"Transfer-Encoding: gzip\r\n",
    ],
)
def test_ambiguous_framing_is_refused(shared: Machine, framing: bytes) -> None:
    """A body whose end can be read in two ways is 400, and the connection ends."""
    answer = raw(shared, b"POST /echo/a HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_bad_chunks_and_bad_requests_are_400(shared: Machine) -> None:
    """Chunks that lie about their size, and lines that are no HTTP, are 400."""
    head = b"POST /echo/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    for body in (b"zz\r\n", b"2\r\nabc\r\n0\r\n\r\n", b"-1\r\n\r\n", b"0x2\r\nab\r\n0\r\n\r\n"):
        assert raw(shared, head + body).startswith(b"HTTP/1.1 400 ")
    assert b"problem" in raw(shared, b"GET / nonsense HTTP/1.1\r\n\r\n")


def test_requests_at_once_do_not_mix(shared: Machine) -> None:
    """Each thread has its own `current_request`."""
    names = [f"n{number}" for number in range(40)]
    with ThreadPoolExecutor(10) as pool:
        answers = pool.map(lambda name: ask(shared, "GET", f"/slow/{name}")[1], names)
        found = [json.loads(answer) for answer in answers]
    assert found == [{"name": name, "seen": name} for name in names]
