"""The product behind a real socket, on fakes, and a shop of another origin that embeds its forms."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import app
from chalicelib import wiring
from local.gateway import Gateway
from local.server import GatewayServer
from tests.live import Stage


class Served(Stage):
    """A stage that answers at `url`; `shop` is another site, whose pages a test writes."""

    url: str
    shop: str
    pages: dict[str, str]

    def person(self, email: str) -> dict[str, Any]:
        """The values of the one lead with this address."""
        found: list[dict[str, Any]] = []
        for lead in self.stored.leads.values():
            values: Any = lead.view.visible()["values"]
            found += [dict(values)] if values.get("email") == email else []
        (person,) = found
        return person

    def fates(self) -> list[str]:
        """The fates of all submissions, sorted; a repetition is no submission of its own."""
        return sorted(str(touch.fate) for touch in self.stored.touches.values())


@contextmanager
def served() -> Iterator[Served]:
    """Serve a fresh stage until the block ends."""
    stage = Served()
    # A browser has the time of the day: a challenge from another day is none to it.
    stage.live.outside = replace(stage.live.outside, now=lambda: datetime.now(UTC))
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    stage.url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    stage.live.settings = replace(stage.live.settings, url=stage.url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "live", lambda: stage.live)
        server = GatewayServer(bound, Gateway(app.app))
        server.start()
        with _shop(stage):
            yield stage
        server.stop(5)


@contextmanager
def _shop(stage: Served) -> Iterator[None]:
    stage.pages = {}

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            text = stage.pages.get(path)
            self.send_response(200 if text is not None else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((text or "").encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    # By another name: another origin, and by its name one that may use cryptography.
    stage.shop = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield
    server.shutdown()
    server.server_close()
    thread.join()
