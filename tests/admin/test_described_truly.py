"""The whole API against its description, by schemathesis: whatever is sent, what comes is described.

Each operation is asked where it can succeed, with what its description allows and what it does not,
and with names that nobody gave: through the gateway and the application as they are.
"""

from copy import deepcopy
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chalicelib.admin import openapi
from tests.admin.seeded import Place, place_of

BASE = "http://inlet.test"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Of each kind: as described, not as described, with names that nobody gave.
EXAMPLES = (8, 6, 2)
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in openapi.document(BASE)["paths"].items()
    for method, operation in methods.items()
]
NAMES = [f"{method} {path}" for method, path, _ in OPERATIONS]


def described(path: str, method: str) -> Any:
    """One operation as schemathesis reads it."""
    document = deepcopy(openapi.document(BASE))
    document["paths"] = {path: {method.lower(): document["paths"][path][method.lower()]}}
    return schemathesis.openapi.from_dict(document)[path][method]


def few(count: int) -> Any:
    """So many examples, the same ones every time."""
    return settings(
        max_examples=count,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def sent(place: Place, case: Case[Any], **headers: str) -> Response:
    """What the application answers to a case."""
    asked = case.as_transport_kwargs(base_url=BASE)
    asked["headers"] = {**dict(asked.get("headers") or {}), **headers}
    known = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
    request = requests.Request(**{n: v for n, v in asked.items() if n in known}).prepare()
    parts = urlsplit(str(request.url))
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    body = request.body or b""
    said = {str(name): str(text) for name, text in request.headers.items()}
    raw = body.encode() if isinstance(body, str) else body
    assert isinstance(raw, bytes)
    status, got, content = place.call(str(request.method), target, said, raw)
    return Response(status, {n: [text] for n, text in got.items()}, content, request, 0.0, False)


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_no_answer_is_one_that_is_not_described(
    monkeypatch: pytest.MonkeyPatch, method: str, path: str, operation: dict[str, Any]
) -> None:
    """No 500; status, type, headers and body as the description has them."""
    place, _ = place_of(monkeypatch, method, path)
    found, names = described(path, method), dict(place.names) or None
    cases = [found.as_strategy(GenerationMode.POSITIVE, path_parameters=names)]
    beside = [each for each in operation["parameters"] if each["in"] != "path"]
    if beside or "requestBody" in operation:
        cases.append(found.as_strategy(GenerationMode.NEGATIVE, path_parameters=names))
    if names:
        cases.append(found.as_strategy(GenerationMode.POSITIVE))

    def ask(case: Case[Any]) -> None:
        answer = sent(place, case, Authorization=f"Bearer {place.key}")
        case.validate_response(answer, checks=CHECKS)

    for case, count in zip(cases, EXAMPLES, strict=False):
        few(count)(given(case=case)(ask))()


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, path) for method, path, _ in OPERATIONS if path.startswith("/api/")],
    ids=[name for name in NAMES if "/api/" in name],
)
def test_nothing_is_read_without_a_key(
    monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    """401 whatever is asked, with no key, a wrong one, one in another place or one that is over."""
    place, office = place_of(monkeypatch, method, path)
    assert office
    over, key = office.keys.create("admin")
    office.keys.revoke(key.id)
    before = {each: dict(item) for each, item in office.table.items.items()}
    wrong = ("", "Bearer", "Bearer wrong", f"Basic {place.key}", place.key, f"Bearer {over}")
    found = described(path, method)
    cases = found.as_strategy(GenerationMode.POSITIVE, path_parameters=dict(place.names) or None)

    def ask(case: Case[Any]) -> None:
        for said in wrong:
            answer = sent(place, case, Authorization=said)
            assert answer.status_code == 401
            assert answer.headers["content-type"] == ["application/problem+json"]

    few(2)(given(case=cases)(ask))()
    assert {p: i for p, i in office.table.items.items() if before.get(p) != i} == {}
