"""The application behind its gateway, over stages in memory that have one of everything."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

import app
from chalicelib import wiring
from local.gateway import Gateway
from local.requests import HttpRequest
from tests.admin.office import Bucket, Office
from tests.admin.test_openapi import in_turn
from tests.live import Stage

ENDPOINT = "Zk3vQ9x7RtLm2WpYc8NdFa"


@dataclass(frozen=True)
class Place:
    """Where an operation can be asked: what its path's names are, and who is let in."""

    gateway: Gateway
    names: Mapping[str, str]
    key: str = ""

    def call(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and bytes of an answer."""
        asked = HttpRequest(method, target, tuple(headers.items()), body, "192.0.2.1")
        answer = self.gateway.answer(asked)
        return answer.status, dict(answer.headers), answer.body


def place_of(patch: pytest.MonkeyPatch, method: str, path: str) -> tuple[Place, Office | None]:
    """Where an operation can be asked so that it can succeed; the API's with its office."""
    if path.startswith("/api/"):
        office = Office()
        place = _office(patch, office, method, path.removeprefix("/api"))
        return place, office
    stage = Stage()
    stage.put_endpoint(ENDPOINT, {"provider": "generic", "mapping": {"email": "mail"}})
    stage.live.outside = replace(stage.live.outside, files=cast("Any", Bucket()))
    patch.setattr(wiring, "live", lambda: stage.live)
    known = {"form": "contact", "provider": "generic", "endpoint": ENDPOINT}
    inside = re.findall(r"{(\w+)}", path)
    return Place(Gateway(app.app), {name: known[name] for name in inside}), None


def _office(patch: pytest.MonkeyPatch, office: Office, method: str, path: str) -> Place:
    """An office in which all is done that comes before a call of this operation."""
    # A Lambda's log lines would drown what a test says.
    office.live.settings = replace(office.live.settings, stage="local")
    patch.setattr(wiring, "live", lambda: office.live)
    for each, where, rest in in_turn(office):
        if (each, where) == (method, path):
            inside = re.findall(r"{(\w+)}", path)
            return Place(Gateway(app.app), {n: rest[n] for n in inside}, office.key("admin"))
        office.ask(each, where, **rest)
    raise AssertionError(f"tests/admin/test_openapi.py has no call of {method} {path}")
