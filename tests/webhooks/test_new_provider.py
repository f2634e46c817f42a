"""Adding a provider is one module and one recording; its page is made of the module."""

import hashlib
import hmac
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

MODULE = '''
"""Acme signs the body in hexadecimal and wants to hear `ok`."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.model import Outcome, Request, Response, Verified
from chalicelib.webhooks import _body, _signing, _taming
from chalicelib.webhooks._provider import Endpoint, Event

NEEDS_SECRET = True
SCHEME = _signing.Scheme(header="x-acme-signature")


def verify(request: Request, endpoint: Endpoint, now: datetime) -> Verified:
    return _signing.prove(SCHEME, request, endpoint.secrets, now)


def parse(verified: Verified, endpoint: Endpoint) -> Sequence[Event]:
    body = _body.object_of(verified)
    return [Event(key=_taming.text(body.get("nr")), fields={"email": _taming.text(body.get("to"))})]


def answer(outcomes: Sequence[Outcome]) -> Response:
    return Response(201, "ok", {"content-type": "text/plain"})
'''


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project's part that matters, with the new provider in it."""
    ignored = shutil.ignore_patterns("__pycache__")
    for part in ("chalicelib", "tests/webhooks", "docs/webhooks"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests" / "__init__.py").touch()
    (tmp_path / "chalicelib" / "webhooks" / "acme.py").write_text(MODULE)
    # Its page: made by what makes all of them.
    made = [sys.executable, "-m", "chalicelib.webhooks._page"]
    ran = subprocess.run(made, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout == "acme.md\n", "no other page was touched"
    return tmp_path


def record(checkout: Path, *, status: int = 201) -> None:
    """Put the recording of one delivery into the copy."""
    body = '{"nr":"A-1","to":"a@example.com"}'
    recording = {
        "request": {
            "method": "POST",
            "headers": {"X-Acme-Signature": hmac.digest(b"s", body.encode(), hashlib.sha256).hex()},
            "body": body,
        },
        "endpoint": {"id": "acme-1", "document": {"provider": "acme", "secrets": ["s"]}},
        "now": "2026-06-09T12:00:00Z",
        "signed": {"body": True, "headers": ["x-acme-signature"]},
        "expect": {
            "events": [{"key": "A-1", "kind": "lead", "fields": {"email": "a@example.com"}}],
            "answer": {"status": status, "content_type": "text/plain", "body": "ok"},
        },
    }
    examples = checkout / "tests" / "webhooks" / "examples"
    (examples / "acme.json").write_text(json.dumps(recording))


def contract(checkout: Path) -> str:
    """Run the contract tests of the new provider in the copy; what pytest printed."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command += [
        "tests/webhooks/test_contract.py",
        "tests/webhooks/test_hostile.py",
        "tests/webhooks/test_pages.py",
        "-k",
        "acme",
        "-rfE",
        "-vv",
    ]
    ran = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    return ran.stdout


def test_the_contract_tests_pick_up_a_new_provider(checkout: Path) -> None:
    """They run for it, and pass, without a line changed anywhere else."""
    record(checkout)
    printed = contract(checkout)
    assert printed.count("[acme] PASSED") > 15, printed
    assert "FAILED" not in printed


def test_a_provider_without_a_recording_is_found_out(checkout: Path) -> None:
    """A module alone is no provider."""
    failed = (
        "FAILED tests/webhooks/test_contract.py::test_every_provider_has_a_recorded_example[acme]"
    )
    assert failed in contract(checkout)


def test_a_provider_that_does_not_keep_the_contract_is_found_out(checkout: Path) -> None:
    """A scheme that proves nothing fails where it matters."""
    record(checkout)
    module = checkout / "chalicelib" / "webhooks" / "acme.py"
    proof = "_signing.prove(SCHEME, request, endpoint.secrets, now)"
    module.write_text(MODULE.replace(proof, "Verified(request)"))
    printed = contract(checkout)
    for name in ("a_changed_body", "a_changed_header", "another_secret", "no_secret_at_all"):
        assert f"FAILED tests/webhooks/test_contract.py::test_{name}_is_refused[acme]" in printed
