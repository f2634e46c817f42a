"""A file with a form, against the running product and its bucket."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.intake.demo_form import DEMO_FORM
from tests.road.stage import Stage

PDF = b"%PDF-1.7\n" + b"x" * 5000
CV = {"type": "file", "accept": ["pdf"], "max_bytes": 10_000}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("files"))
    made.start()
    fields = {**DEMO_FORM["fields"], "cv": {**CV, "label": {"en": "CV"}}}
    document = {**DEMO_FORM, "languages": ["en"], "fields": fields}
    assert made.api("PUT", "/forms/jobs", document).status == 201
    yield made
    made.machine.stop()


def told(stage: Stage, path: str, content: Any) -> tuple[int, Any]:
    """A JSON post to the form's addresses."""
    body = json.dumps(content).encode()
    named = {"Content_Type": "application/json", "Accept": "application/json"}
    made = stage.ask("POST", f"/forms/jobs{path}", body, **named)
    return made.status, made.json


def upload(leave: dict[str, Any], body: bytes, **other: str) -> int:
    """What a browser does with leave; the bucket's status."""
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in {**leave["fields"], **other}.items()
    ]
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    content = ("".join(parts) + head).encode() + body + b"\r\n--x--\r\n"
    kind = {"Content-Type": "multipart/form-data; boundary=x", "Origin": "https://shop.example"}
    request = urllib.request.Request(leave["url"], content, kind)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def leave(stage: Stage, name: str = "Lebenslauf ü.pdf") -> dict[str, Any]:
    """Leave to upload a file."""
    status, made = told(stage, "/uploads", {"field": "cv", "filename": name, "size": len(PDF)})
    assert status == 200
    return dict(made)


def test_a_file_goes_all_the_way(stage: Stage) -> None:
    """Leave, upload, post, and the link in the API gives it back to be saved under its name."""
    permitted = leave(stage)
    assert upload(permitted, PDF) in (200, 201, 204)
    status, made = told(stage, "", {"email": "ana@example.com", "cv": permitted["upload"]})
    assert status == 200
    (file,) = stage.api("GET", f"/submissions/{made['receipt']}").json["files"]
    assert (file["name"], file["type"]) == ("Lebenslauf_ü.pdf", "application/pdf")
    with urllib.request.urlopen(file["url"], timeout=30) as answer:
        assert answer.read() == PDF
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_bucket_takes_nothing_larger_than_leave_says(stage: Stage) -> None:
    """And what it refused is missed by the form."""
    permitted = leave(stage)
    assert upload(permitted, b"%PDF-" + b"x" * 10_001) == 400
    status, made = told(stage, "", {"email": "ana@example.com", "cv": permitted["upload"]})
    assert (status, made["errors"][0]["code"]) == (422, "file_missing")


def test_what_is_not_what_its_name_says_is_refused(stage: Stage) -> None:
    """By the first bytes of what lies in the bucket; an empty file is none."""
    for body, code in ((b"<html>", "file_type_refused"), (b"", "file_missing")):
        permitted = leave(stage)
        upload(permitted, body)
        status, made = told(stage, "", {"email": "ana@example.com", "cv": permitted["upload"]})
        assert (status, made["errors"][0]["code"]) == (422, code)
