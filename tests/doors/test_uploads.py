"""Files at the form door: leave to upload, what a post may carry, what is kept of it."""

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.doors import front
from chalicelib.intake import uploads
from chalicelib.intake.demo_form import DEMO_FORM
from chalicelib.model import Fate, Response
from chalicelib.store.erase import erase
from chalicelib.store.suppression import Word
from chalicelib.store.suppressions import Ledger
from tests.live import Stage, asked

PDF = b"%PDF-1.7\n% a small one"
CV = {"type": "file", "accept": ["pdf", "txt"], "max_bytes": 1000, "max_files": 2}
ANA = {"email": "ana@example.com"}
FIELDS = {**DEMO_FORM["fields"], "cv": CV}


@pytest.fixture
def stage() -> Stage:
    made = Stage()
    made.put_form("contact", {"fields": FIELDS, "limits": {}})
    return made


def permit(stage: Stage, name: str = "cv.pdf", **more: Any) -> Response:
    """Ask for leave to upload."""
    told = {"field": "cv", "filename": name, "type": "", "size": len(PDF), **more}
    request = asked("POST", "/forms/contact/uploads", json.dumps(told).encode())
    return front.form_uploads(stage.live, "contact", request)


def uploaded(stage: Stage, name: str = "cv.pdf", body: bytes = PDF) -> str:
    """Upload a file as a browser does; its token."""
    told = json.loads(permit(stage, name).body)
    stage.files.write(told["fields"]["key"], body)
    return str(told["upload"])


def post(stage: Stage, cv: Any, **more: Any) -> tuple[int, Any]:
    """A post by a program; its status and what it is told."""
    body = json.dumps({**ANA, "cv": cv, **more}).encode()
    request = asked("POST", "/x", body, content_type="application/json", accept="application/json")
    made = front.form(stage.live, "contact", request)
    return made.status, json.loads(made.body)


def codes(told: Any) -> list[str]:
    return [each["code"] for each in told["errors"]]


def test_a_file_is_uploaded_sent_and_kept(stage: Stage) -> None:
    """The submission names what lies under its own id, a copy that no lifecycle takes away."""
    status, told = post(stage, uploaded(stage, "My CV ü.pdf"))
    assert status == 200
    key = stage.stored.touches[told["receipt"]].values["cv"]
    assert isinstance(key, str)
    assert key.startswith(f"files/contact/{told['receipt']}/")
    assert key.endswith("/My_CV_ü.pdf")
    assert stage.files.held[key] == PDF
    assert stage.balance() == []


def test_the_same_post_again_is_one_submission(stage: Stage) -> None:
    """Also when its upload has been taken away meanwhile: it was kept the first time."""
    token = uploaded(stage)
    first = post(stage, token, _id="one")
    for key in [key for key in stage.files.held if key.startswith("uploads/")]:
        stage.files.delete(key)
    assert post(stage, token, _id="one") == first
    assert len(stage.stored.touches) == 1


def test_leave_says_what_the_bucket_will_take(stage: Stage) -> None:
    """A key of the form with an unguessable part, and the content type that goes with the name."""
    told = json.loads(permit(stage).body)
    assert told["fields"]["key"].startswith("uploads/contact/")
    assert told["fields"]["Content-Type"] == "application/pdf"
    assert set(told) == {"upload", "url", "fields"}


@pytest.mark.parametrize(
    ("asked_for", "code"),
    [
        ({"name": "page.html"}, "file_type_refused"),
        ({"name": "drawing.svg"}, "file_type_refused"),
        ({"name": "run.exe"}, "file_type_refused"),
        ({"name": "cv.php.pdf"}, "file_type_refused"),
        ({"name": "photo.png"}, "file_type_refused"),
        ({"name": "cv.pdf", "type": "text/html"}, "file_type_refused"),
        ({"name": "cv.pdf", "size": 1001}, "file_too_large"),
        ({"name": "cv.pdf", "size": "9"}, "type_invalid"),
        ({"name": "cv.pdf", "size": True}, "type_invalid"),
        ({"name": "cv.pdf", "field": "email"}, "choice_unknown"),
    ],
)
def test_no_leave_for_what_the_field_does_not_take(
    stage: Stage, asked_for: dict[str, Any], code: str
) -> None:
    """Refused by name, type and size, before anything is uploaded."""
    made = permit(stage, **asked_for)
    assert made.status == 422
    assert codes(json.loads(made.body)) == [code]


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("cv.pdf", b"<html><script>", "file_type_refused"),
        ("cv.pdf", b"MZ\x90\x00", "file_type_refused"),
        ("cv.txt", b"\xef\xbb\xbf  <!DOCTYPE html>", "file_type_refused"),
        ("cv.txt", b"hello <svg onload=x>", "file_type_refused"),
        ("cv.txt", b"#!/bin/sh\n", "file_type_refused"),
        ("cv.txt", b"\x7fELF\0\0", "file_type_refused"),
        ("cv.pdf", PDF + b" " * 1000, "file_too_large"),
        ("cv.pdf", b"", "file_missing"),
    ],
)
def test_content_is_not_believed_either(stage: Stage, name: str, body: bytes, code: str) -> None:
    """The first bytes and the size of what lies there; nothing refused is kept."""
    status, told = post(stage, uploaded(stage, name, body))
    assert (status, codes(told)) == (422, [code])
    assert not [key for key in stage.files.held if key.startswith("files/")]
    assert [t.fate for t in stage.stored.touches.values()] == [Fate.REJECTED]


def test_a_token_is_good_for_its_form_and_field_only(stage: Stage) -> None:
    """Made up, another field's, another form's, a plain key: as if no file had come."""
    token = uploaded(stage)
    random, signature, name = token.split(".", 2)
    other = uploads.token(stage.outside.secret, "contact", "photo", random, name)
    third = uploads.token(stage.outside.secret, "other", "cv", random, name)
    key = uploads.source_of(stage.outside.secret, "contact", "cv", token)
    forged = f"{random}.{'0' * len(signature)}.{name}"
    for bad in (other, third, forged, key, f"{random}.{signature}.other.pdf", "x", {"a": "b"}):
        status, told = post(stage, bad)
        assert (status, codes(told)) == (422, ["file_missing"])


def test_what_was_never_uploaded_is_missed(stage: Stage) -> None:
    """Leave alone is no file."""
    status, told = post(stage, json.loads(permit(stage).body)["upload"])
    assert (status, codes(told)) == (422, ["file_missing"])


def test_more_files_than_the_field_takes(stage: Stage) -> None:
    """Two are two values in one; three are refused."""
    tokens = [uploaded(stage, f"{n}.pdf") for n in range(3)]
    assert codes(post(stage, tokens)[1]) == ["file_too_many"]
    status, told = post(stage, tokens[:2])
    assert status == 200
    assert str(stage.stored.touches[told["receipt"]].values["cv"]).count("\n") == 1


def test_what_changes_between_look_and_copy_is_not_kept(stage: Stage) -> None:
    """The copy is of the bytes that were looked at: another upload under the same key is refused."""
    token = uploaded(stage)
    peek = stage.files.peek

    def swapped(key: str, count: int) -> Any:
        found = peek(key, count)
        stage.files.write(key, b"<html>")
        return found

    stage.files.peek = swapped  # type: ignore[method-assign]
    status, told = post(stage, token)
    assert (status, codes(told)) == (422, ["file_missing"])
    assert b"<html>" not in [v for k, v in stage.files.held.items() if k.startswith("files/")]


def test_uploads_are_counted_by_the_forms_limits(stage: Stage) -> None:
    """As many as its posts may carry, in a window of their own, and readable from another site."""
    limits = {"form": {"count": 1, "seconds": 60}}
    stage.put_form("contact", {"fields": FIELDS, "limits": limits})
    assert [permit(stage).status for _ in range(3)] == [200, 200, 429]
    assert post(stage, uploads_token(stage))[0] == 422, "posts are counted apart"


def uploads_token(stage: Stage) -> str:
    return uploads.token(stage.outside.secret, "contact", "cv", "0" * 32, "a.pdf")


def multipart(name: str, body: bytes, **fields: str) -> bytes:
    """What a browser sends of a form with a file."""
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--x\r\nContent-Disposition: form-data; name="cv"; filename="{name}"\r\n'
    return (
        b"".join(parts)
        + head.encode()
        + b"Content-Type: x/y\r\n\r\n".replace(b"x/y", b"application/octet-stream")
        + body
        + b"\r\n--x--\r\n"
    )


def direct(stage: Stage, name: str, body: bytes, **fields: str) -> Response:
    """A browser without JavaScript posts the page."""
    request = asked(
        "POST",
        "/forms/contact",
        multipart(name, body, **fields),
        content_type="multipart/form-data; boundary=x",
        accept="text/html",
    )
    return front.form(stage.live, "contact", request)


def test_without_javascript_the_post_carries_the_file(stage: Stage) -> None:
    """Into the bucket by way of the door; the same post again is the same object."""
    fields = {**ANA, "_id": "one"}
    assert [direct(stage, "cv.pdf", PDF, **fields).status for _ in range(2)] == [303, 303]
    (touch,) = stage.stored.touches.values()
    assert stage.files.held[str(touch.values["cv"])] == PDF
    assert len(stage.files.held) == 2, "the upload and its copy"


def test_without_javascript_a_file_is_kept_while_the_rest_is_mended(stage: Stage) -> None:
    """The page comes again with the file's token in it, and the address to mend."""
    made = direct(stage, "cv.pdf", PDF, email="nobody")
    assert made.status == 422
    token = str(made.body).split('name="cv" value="')[1].split('"')[0]
    assert uploads.token_name(token) == "cv.pdf"
    assert post(stage, token)[0] == 200


@pytest.mark.parametrize(
    ("name", "body"), [("cv.html", b"<html>"), ("cv.pdf", b"<html>"), ("cv.pdf", PDF * 99)]
)
def test_without_javascript_a_bad_file_is_said_beside_its_field(
    stage: Stage, name: str, body: bytes
) -> None:
    """The page again, what was typed kept, and nothing put into the bucket."""
    made = direct(stage, name, body, **ANA)
    assert made.status == 422
    assert 'id="contact-cv-error"' in str(made.body)
    assert "ana@example.com" in str(made.body)
    assert stage.files.held == {}


def test_a_form_without_file_fields_takes_none(stage: Stage) -> None:
    """404 for leave, 415 for a file in a post, as before."""
    stage.put_form("contact", {})
    assert permit(stage).status == 404
    assert direct(stage, "cv.pdf", PDF, **ANA).status == 415


@pytest.mark.parametrize("origin", ["https://ok.example", "https://evil.example"])
def test_pages_of_other_sites(stage: Stage, origin: str) -> None:
    """Preflight, leave and token: readable for a site that may post, whatever is answered; 403 else."""
    stage.put_form(
        "contact",
        {
            "fields": FIELDS,
            "origins": ["https://ok.example"],
            "limits": {"form": {"count": 1, "seconds": 60}},
        },
    )
    told = json.dumps({"field": "cv", "filename": "a.pdf", "size": 1}).encode()
    views = (front.form_uploads, front.form_token, front.form)
    made = [
        view(stage.live, "contact", replace(asked(method, "/x", told, origin=origin)))
        for view in views
        for method in ("OPTIONS", *(("GET",) if view is front.form_token else ("POST",) * 4))
    ]
    allowed = origin == "https://ok.example"
    shown = {answer.headers.get("Access-Control-Allow-Origin") for answer in made}
    assert shown == ({origin} if allowed else {None})
    statuses = {answer.status for answer in made}
    assert statuses == ({204, 200, 422, 429} if allowed else {204, 403})
    assert all("Origin" in answer.headers["Vary"] for answer in made)


def test_erasing_a_person_deletes_their_files(stage: Stage) -> None:
    """Theirs only: the same upload in another person's submission is another copy."""
    token = uploaded(stage)
    post(stage, token)
    _, other = post(stage, token, email="eva@example.com")
    (lead,) = (
        lead
        for lead in stage.stored.leads.values()
        if lead.view.values["email"][1] == "ana@example.com"
    )
    ledger = Ledger(stage.table, stage.live.ring)
    erase(stage.live.upsert, ledger, lead, Word(1, "api", "somebody"), stage.files.delete)
    (key,) = (key for key in stage.files.held if key.startswith("files/"))
    assert other["receipt"] in key


def test_errors_without_a_form_are_readable_too(stage: Stage) -> None:
    """No such form, no table: a page of another site sees more than a failure."""
    for view in (front.form, front.form_token, front.form_uploads):
        made = view(stage.live, "none", asked("POST", "/x", origin="https://a.example"))
        assert (made.status, made.headers["Access-Control-Allow-Origin"]) == (404, "*")


def test_the_script_is_light_with_files_and_somebody_elses_captcha(stage: Stage) -> None:
    """Under 10 kB gzipped at level 6, as gateways do it."""
    captcha = {"service": "turnstile", "site_key": "site", "secret": "hush"}
    stage.put_form("contact", {"fields": FIELDS, "captcha": captcha})
    script = str(front.form_embed(stage.live, "contact", asked("GET", "/x")).body)
    assert len(gzip.compress(script.encode(), 6)) < 10_000
