"""Configuration at the console: made, written as documents, brought back, and what is wrong told."""

import json
import re
from html import unescape
from typing import Any

import pytest

from chalicelib.store.config import Kind
from tests.console.visitor import Visitor
from tests.live import Stage


def document(visitor: Visitor) -> tuple[Any, str]:
    """What the editor of the page holds, and the version that it is of."""
    (text,) = re.findall(
        r"<textarea[^>]*name=\"definition\"[^>]*>(.*?)</textarea>", visitor.text, re.S
    )
    (version,) = set(re.findall(r'name="version" value="([^"]*)"', visitor.text))
    return json.loads(unescape(text)), unescape(version)


def test_a_form_is_made_changed_and_brought_back(stage: Stage, admin: Visitor) -> None:
    """From the demo form, by its table and by its document; an earlier version is a click away."""
    admin.get("/forms")
    admin.post("/forms/new", name="call-back")
    assert "embed.js" in admin.text
    first, version = document(admin)
    admin.post(
        "/forms/call-back/fields",
        {
            "field": ["email", "phone"],
            "required": ["phone"],
            "remove": ["email"],
            "add": "job_title",
        },
        definition=json.dumps(first),
        version=version,
    )
    assert "Saved." in admin.words
    made, version = document(admin)
    assert [each["name"] for each in made["fields"]] == ["phone", "job_title"]
    admin.post(
        "/forms/call-back/save", definition=json.dumps({**made, "fields": 3}), version=version
    )
    assert admin.last.status == 422
    assert "<textarea" in admin.text
    admin.post("/forms/call-back/roll-back", number="1")
    assert document(admin)[0]["fields"] == first["fields"]
    stored = stage.live.catalogue.configuration.get(Kind.FORM, "call-back")
    assert stored is not None
    assert stored.version == 3


def test_who_was_slower_is_told(admin: Visitor) -> None:
    """Two at one form: the second sees that, and nothing is lost."""
    admin.get("/forms/contact")
    made, version = document(admin)
    admin.post("/forms/contact/save", definition=json.dumps(made), version=version)
    admin.post("/forms/contact/save", definition=json.dumps(made), version=version)
    assert admin.last.status == 412
    assert "changed this meanwhile" in admin.words
    assert document(admin) == (made, '"2"')


@pytest.mark.parametrize("text", ["{", "[1]", '{"fields": {"x": {"type": "nope"}}}'])
def test_what_is_wrong_with_a_document_is_told_beside_it(admin: Visitor, text: str) -> None:
    """And stays to be mended."""
    admin.get("/forms/contact")
    admin.post("/forms/contact/save", definition=text, version="")
    assert 400 <= admin.last.status < 500
    assert 'role="alert"' in admin.text
    assert text[:3].replace('"', "&#34;") in admin.text


def test_a_webhook_is_connected_and_tried(admin: Visitor) -> None:
    """Its address cannot be guessed; the trial says what would become of a delivery."""
    admin.get("/endpoints")
    admin.post("/endpoints/new", provider="generic", source="webinar", secrets="", name="")
    name = admin.at.rpartition("/")[2]
    assert len(name) >= 20
    assert f"https://inlet.test/webhooks/generic/{name}" in admin.text
    admin.post(
        f"/endpoints/{name}/try",
        headers="Content-Type: application/json",
        body='{"email": "zoe@example.org", "colour": "<b>red</b>"}',
        unsigned="yes",
        receipt="",
    )
    assert "zoe@example.org" in admin.words
    assert "&lt;b&gt;red" in admin.text
    admin.get("/endpoints")
    assert "webinar" in admin.words


def test_a_signing_provider_needs_its_secret_and_never_shows_it(admin: Visitor) -> None:
    """What is missing is named; what was given is masked."""
    admin.get("/endpoints")
    admin.post("/endpoints/new", provider="typeform", secrets="", name="t1", source="")
    assert admin.last.status == 422
    admin.post(
        "/endpoints/new", provider="typeform", secrets="a very secret one", name="t1", source=""
    )
    assert admin.last.status == 200
    assert "a very secret one" not in admin.text


def test_a_field_of_ones_own(admin: Visitor) -> None:
    """Made, shown among the others, deleted; a standard one says that it is one."""
    admin.get("/fields")
    admin.post(
        "/fields/new", name="team_size", label="Team size", type="choice", choices="1-5\n6-20"
    )
    assert "Team size" in admin.words
    admin.get("/fields")
    assert "1-5, 6-20" in admin.words
    admin.get("/fields/email")
    assert "A standard field" in admin.words
    admin.get("/fields/team_size")
    admin.post("/fields/team_size/delete", version="")
    assert "Team size" not in admin.words


def test_nobody_is_contacted_again_and_a_bounce_is_taken_back(admin: Visitor) -> None:
    """With a reason; what only the person may take back stays."""
    admin.get("/suppressions")
    admin.post("/suppressions/new", address="ana@example.org", reason="bounced", note="by phone")
    assert "a***@example.org" in admin.words
    admin.post("/suppressions/new", address="eva@example.org", reason="unsubscribed", note="")
    admin.get("/suppressions", q="ana@example.org")
    assert "Mail bounced" in admin.words
    admin.post("/suppressions/lift", address="ana@example.org", reason="bounced", note="it works")
    assert "may be contacted again" in admin.words
    admin.post("/suppressions/lift", address="eva@example.org", reason="unsubscribed", note="hm")
    assert admin.last.status == 409
    assert "own confirmed opt-in" in admin.words
    admin.get("/suppressions", q="leo@example.org")
    assert "This address may be contacted." in admin.words


def test_an_export_is_asked_for_and_taken_away(admin: Visitor) -> None:
    """What cannot be asked is told."""
    admin.get("/exports")
    admin.post("/exports/new", format="csv", layout="", source="fair")
    assert "The file is being made." in admin.words
    (name,) = re.findall(r'action="/console/exports/([0-9a-f]{32})/delete"', admin.text)
    admin.post(f"/exports/{name}/delete")
    assert "Nothing has been exported yet." in admin.words
    admin.post("/exports/new", format="pdf", layout="")
    assert admin.last.status == 422


def test_an_editor_makes_forms_and_sees_no_endpoint(stage: Stage) -> None:
    """As at the API: an endpoint's address may be all that keeps strangers out."""
    editor = Visitor.signed_in(stage, "editor")
    assert 'href="/console/endpoints"' not in editor.get()
    editor.get("/endpoints")
    assert editor.last.status == 403
    editor.get("/forms")
    editor.post("/forms/new", name="mine")
    assert editor.last.status == 200
    viewer = Visitor.signed_in(stage, "viewer")
    viewer.get("/forms/mine")
    assert "<textarea" not in viewer.text


def test_a_webhook_says_what_is_done_with_its_leads(admin: Visitor) -> None:
    """A stage, an owner and tags, said where it is made and shown on its page."""
    admin.get("/endpoints")
    admin.post(
        "/endpoints/new",
        provider="generic",
        source="webinar",
        secrets="",
        name="",
        stage="contacted",
        owner="eva@we.example",
        tags="paid, webinar",
    )
    assert admin.last.status == 200
    for text in ("eva@we.example", "paid", "webinar", "Contacted"):
        assert text in admin.words
    admin.get("/endpoints")
    admin.post(
        "/endpoints/new", provider="generic", secrets="", name="", source="", stage="nowhere"
    )
    assert admin.last.status == 422
