"""What a masked caller sees: enough to tell people apart, and nothing to reach them by."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.admin import masking
from chalicelib.admin.routes import ROUTES
from chalicelib.model import Response
from tests.admin.office import Office

PERSON = {
    "email": "ana.lopez@x.org",
    "phone": "+34600123456",
    "first_name": "Anabel",
    "last_name": "Ruizmar",
    "address": "Calle Mayor 17",
    "postal_code": "28013",
    "birth_date": "1980-02-03",
    "message": "call my mother",
    "company": "Acme",
}
SECRETS = ("lopez", "600123", "Anabel", "Ruizmar", "Mayor", "28013", "1980-0", "mother", "hub-4711")


def people(office: Office) -> dict[str, str]:
    """Two people who share a phone, and what names them in a path."""
    known = {"external_ids": {"hubspot": "hub-4711"}}
    made = office.post("/leads", {**PERSON, **known})
    office.later(seconds=1)
    office.post("/leads", {"email": "eva.lopez@x.org", "phone": PERSON["phone"]})
    office.post("/leads", {"email": PERSON["email"], "first_name": "Anabel-2"})
    return {"lead": made["lead"], "receipt": made["receipt"]}


@pytest.mark.parametrize(
    "path", [r.path for r in ROUTES if r.method == "GET" and "viewer" in r.roles]
)
def test_no_route_tells_a_viewer_what_is_personal(office: Office, path: str) -> None:
    """Not one secret in any answer, whatever the shape; whoever may see all of it does."""
    named = {name: text for name, text in people(office).items() if f"{{{name}}}" in path}
    if "{import}" in path:
        office.live.summaries["1"] = {}
        named["import"] = "1"
    if "{form}" in path:
        office.ask("PUT", "/forms/{form}", body={"fields": {"email": {}}}, form="contact")
        named["form"] = "contact"
    if "{field}" in path:
        named["field"] = "pets"
        office.ask("PUT", "/fields/{field}", body={"type": "number"}, field="pets")
    if "{undo}" in path:
        named["undo"] = office.post("/submissions/undo", {"source": "nobody"})["undo"]
    if "{mapping}" in path:
        office.ask(
            "PUT", "/mappings/{mapping}", body={"columns": {"Correo": "email"}}, mapping="fair"
        )
        named["mapping"] = "fair"
    rest: dict[str, Any] = {**named}
    answer = office.ask("GET", path, role="viewer", **rest)
    said = answer.body if isinstance(answer, Response) else answer
    shown = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    assert [secret for secret in SECRETS if secret in shown] == []
    tells = path != "/leads/{lead}/consent"  # words, times and receipts: nobody's data
    if (tells and {"lead", "receipt"} & set(named)) or path in (
        "/leads",
        "/submissions",
        "/duplicates",
    ):
        assert "Anabel" in json.dumps(office.get(path, role="editor", **named))


def test_a_viewers_key_may_say_otherwise(office: Office) -> None:
    """Then everything is shown."""
    people(office)
    office.secrets["viewer"] = office.keys.create("viewer", masked=False)[0]
    assert "Anabel" in json.dumps(office.get("/leads", role="viewer"))


def test_a_cursor_tells_nothing_either(office: Office) -> None:
    """A list by name goes on after a name."""
    people(office)
    office.post("/leads", {"email": "a@b.org", "first_name": "Anabela", "last_name": "Zeta"})
    page = office.get("/leads", role="viewer", query={"name": "an", "limit": "1"})
    assert page["next"]
    assert "anabel" not in repr(page).lower()


@pytest.mark.parametrize(
    ("field", "held", "shown"),
    [
        ("email", "ana@x.org", "a***@x.org"),
        ("email", "@x.org", "***@x.org"),
        ("phone", "+34600123456", "***456"),
        ("full_name", "Ana López Ruiz", "A. L. R."),
        ("company", "Acme", "Acme"),
        ("consent", "true", "true"),
        ("shoe_size", "39", "***"),
        ("shoe_size", ["39", "40"], ["***", "***"]),
        ("external_ids.hubspot", "1", "***"),
        ("message", None, None),
        ("tags.fair", True, True),
    ],
)
def test_each_kind_of_value_is_masked_in_its_way(field: str, held: object, shown: object) -> None:
    """What nobody listed as no personal data is hidden."""
    assert masking.value(field, held) == shown


@given(st.text())
def test_an_address_keeps_neither_user_nor_query(url: str) -> None:
    """Whatever was stored, masking does not fail, and what stands behind `?` is gone."""
    page = f"https://ana:pw@x.org/p?mail={url}#me"
    shown = masking.source({"referrer": url, "landing": page, "click_ids": {"gclid": url}})
    assert shown["click_ids"] == {"gclid": "***"}
    assert shown["landing"] == "https://x.org/p"
    assert "?" not in shown["referrer"]
