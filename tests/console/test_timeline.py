"""A lead's timeline in words: what each touch changed, and what stood there before."""

import re

import pytest

from chalicelib.admin.console.pages._changes import before
from tests.console.people import api, person, post
from tests.console.visitor import Visitor
from tests.live import Stage


@pytest.fixture
def ana(stage: Stage) -> str:
    """Ana's lead."""
    post(stage, email="ana@example.org", first_name="Ana", company="Lumbre")
    return str(person(stage, "ana@example.org")["id"])


def said(visitor: Visitor, lead: str) -> str:
    """The latest entry."""
    visitor.get(f"/leads/{lead}")
    entry = re.findall(r"<li>\s*<p class=\"timeline-head\">(.*?)\n</li>", visitor.text, re.DOTALL)[
        0
    ]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", entry)).strip()


def test_a_value_stands_beside_what_it_took_the_place_of(
    stage: Stage, admin: Visitor, ana: str
) -> None:
    """Old and new, for an edit; a new field has no old one, and the first touch none at all."""
    api(stage, "PATCH", "/leads/{lead}", {"company": "Lumbre Luz", "city": "Vigo"}, lead=ana)
    told = said(admin, ana)
    assert "Company was Lumbre Lumbre Luz" in told
    assert "City Vigo" in told
    assert admin.text.count("<del>") == 1


def test_stage_and_tags_are_told(stage: Stage, admin: Visitor, ana: str) -> None:
    """In the words of the stage; put on and off, on and back to nowhere."""
    api(stage, "PATCH", "/leads/{lead}", {"stage": "qualified"}, lead=ana)
    assert "Stage: Qualified" in said(admin, ana)
    api(stage, "PATCH", "/leads/{lead}", {"stage": None}, lead=ana)
    assert "Stage: none" in said(admin, ana)
    api(stage, "PATCH", "/leads/{lead}", {"tags": {"vip": True}}, lead=ana)
    assert "Tag added: vip" in said(admin, ana)
    api(stage, "PATCH", "/leads/{lead}", {"tags": {"vip": False}}, lead=ana)
    assert "Tag removed: vip" in said(admin, ana)
    receipt = api(stage, "GET", "/leads/{lead}/timeline", lead=ana)["items"][0]["receipt"]
    admin.get(f"/submissions/{receipt}")
    assert "Tag removed: vip" in admin.words
    admin.get("/submissions")
    assert "Tag added: vip" in admin.words
    persian = Visitor.signed_in(stage, "admin", language="fa")
    assert "برچسب برداشته شد: vip" in said(persian, ana)


def test_a_word_that_only_moves_on_says_so(stage: Stage, admin: Visitor, ana: str) -> None:
    """An entry of another system cannot move a lead back."""
    body = {"email": "ana@example.org", "stage": "contacted"}
    api(stage, "POST", "/leads", body)
    assert "unless further already: Contacted" in said(admin, ana)


def test_owner_and_consent_are_told(stage: Stage, admin: Visitor, ana: str) -> None:
    """Consent in words, not as a field that says yes."""
    for owner in ("eva@x.org", "leo@x.org"):
        api(stage, "PATCH", "/leads/{lead}", {"owner": owner}, lead=ana)
    assert "Owner was eva@x.org leo@x.org" in said(admin, ana)
    api(stage, "POST", "/leads/{lead}/consent", {"given": True, "note": "Signed"}, lead=ana)
    assert "Consent given" in said(admin, ana)
    api(stage, "POST", "/leads", {"email": "ana@example.org", "consent": "no"})
    assert "Consent withdrawn" in said(admin, ana)


def told(receipt: str, time: str, value: str) -> dict[str, str]:
    return {"submission": receipt, "time": time, "value": value}


@pytest.mark.parametrize(
    ("receipt", "time", "value", "was"),
    [
        ("own", "2026-03", "C", {"company": "B"}),
        ("late", "2026-02", "B", {"company": "A"}),
        ("list", "2026-01", "A", {}),
        ("none", "2026-03", "D", {}),
        ("weak", "2026-04", "W", {}),
    ],
)
def test_only_what_won_took_the_place_of_anything(
    receipt: str, time: str, value: str, was: dict[str, str]
) -> None:
    """By the explanation's order, among what was there by then: a bought list's word changes none."""
    ranked = [
        told("own", "2026-03", "C"),
        told("late", "2026-02", "B"),
        told("list", "2026-01", "A"),
    ]
    ranked.append(told("weak", "2026-04", "W"))
    explained = {"company": {**ranked[0], "won_against": ranked[1:]}}
    touch = {"receipt": receipt, "submitted_at": time, "values": {"company": value}}
    assert before(touch, explained) == was
