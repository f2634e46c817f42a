"""What a masked caller sees: enough to tell people apart, and nothing to reach them by."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.admin import masking
from chalicelib.admin.routes import BY_PLACE
from tests.admin.marked import MARKS, mark, told, walk
from tests.admin.office import Office
from tests.admin.test_openapi import calls

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


def people(office: Office) -> dict[str, str]:
    """Two people who share a phone, and what names them in a path."""
    known = {"external_ids": {"hubspot": "hub-4711"}}
    made = office.post("/leads", {**PERSON, **known})
    office.later(seconds=1)
    office.post("/leads", {"email": "eva.lopez@x.org", "phone": PERSON["phone"]})
    office.post("/leads", {"email": PERSON["email"], "first_name": "Anabel-2"})
    return {"lead": made["lead"], "receipt": made["receipt"]}


def masked(office: Office, role: str) -> str:
    """Give a role a key that sees data masked."""
    office.secrets[role] = office.keys.create(role, masked=True)[0]
    return role


@pytest.mark.parametrize("role", ["viewer", "editor", "admin"])
def test_no_readable_route_tells_a_masked_caller_what_is_personal(
    office: Office, role: str
) -> None:
    """Not one mark in any answer, its head or a refusal, over all that lists name; every one of
    them is told to whoever may see all."""
    mark(office)
    whole = "".join(each.text for each in walk(office, "admin"))
    assert [name for name, text in MARKS.items() if text not in whole] == []
    seen = list(walk(office, masked(office, role)))
    assert [
        (each.place, text) for each in seen for text in MARKS.values() if text in each.text
    ] == []
    assert {"GET /leads/{lead}/explain", "GET /submissions/{receipt}"} <= {e.place for e in seen}


def test_no_call_of_any_kind_answers_a_masked_caller_with_what_is_personal(office: Office) -> None:
    """Every route of the table as it succeeds, edits and merges too; what nobody may do masked
    is refused."""
    mark(office)
    asked = calls(office)
    masked(office, "admin")
    masked(office, "viewer")
    for method, path, rest in asked:
        roles = ["admin", *(["viewer"] if "viewer" in BY_PLACE[method, path].roles else [])]
        for role in roles if method == "GET" else ["admin"]:
            said = told(office, method, path, role=role, **rest)
            found = [text for text in MARKS.values() if text in said.text]
            assert found == [], (method, path, said.text)


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
