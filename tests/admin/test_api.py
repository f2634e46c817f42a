"""The API through Chalice itself: what leaves the gateway."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from app import app
from chalicelib import wiring
from tests.admin.office import Office


class Gateway:
    """Sends the app what API Gateway would send it.

    A Blueprint takes its methods with it into the first app that it is registered with, so there
    is one app to a process.
    """

    def __init__(self, office: Office) -> None:
        self.office = office

    def __call__(
        self,
        method: str,
        path: str,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        named: Mapping[str, str] | None = None,
    ) -> Any:
        """Status, headers and JSON of an answer."""
        event = {
            "httpMethod": method,
            "resource": path,
            "path": path,
            "headers": {"Authorization": f"Bearer {self.office.key('admin')}", **(headers or {})},
            "multiValueQueryStringParameters": None,
            "pathParameters": dict(named) if named else None,
            "body": body,
            "isBase64Encoded": False,
            "stageVariables": None,
            "requestContext": {"httpMethod": method, "resourcePath": path, "path": path},
        }
        answer = app(event, None)
        body = answer["body"]
        return answer["statusCode"], answer["headers"], json.loads(body) if body else None


@pytest.fixture
def gateway(office: Office, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    """The API behind a gateway."""
    monkeypatch.setattr(wiring, "live", lambda: office.live)
    return Gateway(office)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/x-unknown", ""])
def test_a_body_is_read_whatever_type_it_claims(gateway: Gateway, kind: str) -> None:
    """Chalice's own check of content types stands in nobody's way."""
    headers = {"Content-Type": kind} if kind else {}
    status, answered, told = gateway("POST", "/api/leads", '{"email": "ana@x.org"}', headers)
    assert (status, answered["Content-Type"], told["fate"]) == (201, "application/json", "created")


def test_every_path_reaches_its_view(gateway: Gateway) -> None:
    """With what its pattern names, and with methods of its own."""
    _, _, made = gateway("POST", "/api/leads", '{"email": "ana@x.org"}')
    for path, name, text in (
        ("/api/leads/{lead}", "lead", made["lead"]),
        ("/api/leads/{lead}/timeline", "lead", made["lead"]),
        ("/api/leads/{lead}/explain", "lead", made["lead"]),
        ("/api/submissions/{receipt}", "receipt", made["receipt"]),
    ):
        assert gateway("GET", path, named={name: text})[0] == 200
    form, contact = '{"fields": {"email": {}}}', {"form": "contact"}
    status, headers, _ = gateway("PUT", "/api/forms/{form}", form, named=contact)
    assert (status, headers["ETag"]) == (201, '"1"')
    assert gateway("DELETE", "/api/forms/{form}", named=contact)[0] == 204
    for path in ("/api/leads", "/api/duplicates", "/api/submissions", "/api/imports", "/api/forms"):
        assert gateway("GET", path)[2] == {**gateway("GET", path)[2], "next": None}
    for path in ("/api/endpoints", "/api/keys", "/api/verify"):
        assert gateway("GET", path)[0] == 200
    assert gateway("GET", "/api/imports/{import}", named={"import": "1"})[0] == 404


def test_an_error_is_problem_json(gateway: Gateway) -> None:
    """With its code and the fields at fault, and never a trace."""
    status, headers, told = gateway("POST", "/api/leads", '{"email": "ana@"}')
    assert (status, headers["Content-Type"]) == (422, "application/problem+json")
    assert told["errors"][0]["code"] == "email_invalid"
    assert gateway("POST", "/api/leads", "{")[0] == 400
    nobody = {"Authorization": ""}
    assert gateway("GET", "/api/leads", headers=nobody)[0] == 401
