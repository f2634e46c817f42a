"""A server that answers what a test says, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Asked(NamedTuple):
    """One request that arrived; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Reply:
    """One answer; a status of 0 hangs up instead."""

    status: int = 200
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None


@dataclass
class Scripted:
    """The server: its address, its answers in their order (the last one again and again)."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)


def problem(status: int, code: str, detail: str, **more: Any) -> Reply:
    """A problem as the API tells it."""
    content = {"type": f"urn:inlet:problem:{code}", "title": f"Title of {code}", "status": status}
    return Reply(status, {**content, "code": code, "detail": detail, "errors": [], **more})


@contextmanager
def scripted() -> Iterator[Scripted]:
    """Serve until the block ends."""
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): text for name, text in self.headers.items()}
            script.asked.append(Asked(self.command, self.path, headers, body))
            reply = script.replies.pop(0) if len(script.replies) > 1 else script.replies[0]
            if not reply.status:
                self.close_connection = True
                return
            said = reply.raw
            if said is None:
                said = b"" if reply.content is None else json.dumps(reply.content).encode()
            self.send_response(reply.status)
            for name, text in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, text)
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield script
    server.shutdown()
    server.server_close()
    thread.join()
