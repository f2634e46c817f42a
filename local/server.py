"""The HTTP/1.1 server in front of the gateway: parses, bounds, keeps connections alive."""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from local.gateway import Answer, Gateway, Refused, problem
from local.requests import HttpRequest

# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
MAX_BODY = 10 * 1024 * 1024
# A client that is still sending when it is refused would meet a reset before it reads why.
_DISCARD = 64 * 1024 * 1024
_DISCARD_SECONDS = 5.0
_IDLE_SECONDS = 75
_HEXADECIMAL = re.compile(rb"[0-9a-fA-F]{1,8}")
_STOPPING = problem(
    Refused(HTTPStatus.SERVICE_UNAVAILABLE, "The server is stopping.", {"Retry-After": "5"})
)


class GatewayServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """HTTP/1.1 over a socket that was bound before; it listens from `start` on."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, bound: socket.socket, gateway: Gateway) -> None:
        super().__init__(bound.getsockname()[:2], _Connection, bind_and_activate=False)
        self.socket.close()
        self.socket = bound
        self.gateway = gateway
        self.stopping = False
        self._busy = 0
        self._idle = threading.Condition()
        self._loop = threading.Thread(target=self.serve_forever, args=(0.1,), daemon=True)

    def start(self) -> None:
        """Listen and answer, in threads."""
        self.server_activate()
        self._loop.start()

    def stop(self, timeout: float) -> bool:
        """Take no more requests, and wait for those at work; False if some remain."""
        self.stopping = True
        if self._loop.is_alive():  # else `shutdown` would wait for ever
            self.shutdown()
        self.server_close()
        with self._idle:
            return self._idle.wait_for(lambda: self._busy == 0, timeout)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answers leave at once instead of waiting for the client's acknowledgement."""
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().process_request(request, client_address)

    @contextlib.contextmanager
    def working(self) -> Any:
        """Marks a request as being at work, for `stop`."""
        with self._idle:
            self._busy += 1
        try:
            yield
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nobody's error."""


class _Connection(BaseHTTPRequestHandler):
    """One connection: parses, bounds and answers request after request."""

    server: GatewayServer
    protocol_version = "HTTP/1.1"
    server_version = "inlet"
    sys_version = ""
    wbufsize = -1
    timeout = _IDLE_SECONDS

    def __getattr__(self, name: str) -> Any:
        """Every method is the gateway's business; `http.server` asks for `do_<METHOD>`."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def handle_expect_100(self) -> bool:
        """Refuse before the body is sent where its length already says so."""
        try:
            self._length()
        except Refused as refused:
            self.close_connection = True
            self._send(problem(refused))
            self._discard()
            return False
        return super().handle_expect_100()

    def send_error(self, code: int, message: str | None = None, _: str | None = None) -> None:
        """What `http.server` itself refuses gets the same shape as everything else."""
        self.close_connection = True
        self._send(problem(Refused(HTTPStatus(code), message or HTTPStatus(code).phrase)))

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: addresses hold secrets (endpoints) and personal data (redirects)."""

    def _serve(self) -> None:
        with self.server.working():
            try:
                body = self._body()
            except Refused as refused:
                self.close_connection = True
                self._send(problem(refused))
                self._discard()
                return
            self.close_connection |= self.server.stopping
            self._send(_STOPPING if self.server.stopping else self._answer(body))

    def _answer(self, body: bytes) -> Answer:
        headers = tuple((name, str(value)) for name, value in self.headers.items())
        return self.server.gateway.answer(
            HttpRequest(self.command, self.path, headers, body, self.client_address[0])
        )

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding"):
            return self._chunked()
        length = self._length()
        body = self.rfile.read(length)
        if len(body) < length:
            raise Refused(HTTPStatus.BAD_REQUEST, "The body is shorter than announced.")
        return body

    def _length(self) -> int:
        """The announced length. Without one there is no body (RFC 9112, 6.3)."""
        announced = set(self.headers.get_all("Content-Length") or ["0"])
        text = announced.pop()
        # `isdecimal` alone would take digits of other scripts.
        if announced or not (text.isascii() and text.isdecimal()):
            raise Refused(HTTPStatus.BAD_REQUEST, "The Content-Length is not a number.")
        return _bounded(int(text))

    def _chunked(self) -> bytes:
        encoding = self.headers["Transfer-Encoding"].strip().lower()
        # Both at once is how requests are smuggled past a proxy.
        if encoding != "chunked" or self.headers.get("Content-Length"):
            raise Refused(HTTPStatus.BAD_REQUEST, "The body's framing is not understood.")
        body = bytearray()
        while size := self._chunk_size():
            _bounded(len(body) + size)
            body += self.rfile.read(size)
            if self.rfile.readline(3).strip():
                raise Refused(HTTPStatus.BAD_REQUEST, "A chunk is longer than announced.")
        while self.rfile.readline(65537).strip():
            pass  # trailers carry nothing for us
        return bytes(body)

    def _chunk_size(self) -> int:
        line = self.rfile.readline(1025).partition(b";")[0].strip()
        # `int` alone would take signs, underscores and `0x`.
        if not _HEXADECIMAL.fullmatch(line):
            raise Refused(HTTPStatus.BAD_REQUEST, "A chunk has no length.")
        return _bounded(int(line, 16))

    def _send(self, answer: Answer) -> None:
        if self.request_version == "HTTP/0.9":
            self.close_connection = True
        self.send_response_only(answer.status)
        self.send_header("Date", self.date_time_string())
        for name, value in answer.headers:
            self.send_header(name, value)
        bodiless = answer.status in {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
        if not bodiless:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and not bodiless:
            self.wfile.write(answer.body)
        self.wfile.flush()

    def _discard(self) -> None:
        """Read on a while after refusing, so that the client gets to read the answer."""
        deadline = time.monotonic() + _DISCARD_SECONDS
        left = _DISCARD
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(1)
            while left > 0 and time.monotonic() < deadline:
                data = self.rfile.read1(65536)
                if not data:
                    break
                left -= len(data)


def _bounded(size: int) -> int:
    if size > MAX_BODY:
        raise Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is larger than {MAX_BODY} bytes."
        )
    return size
