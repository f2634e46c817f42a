"""Submissions at the console: listed by fate, looked at, let through."""

import re

import pytest

from tests.console.people import api, held, person, post
from tests.console.visitor import Visitor
from tests.live import Stage


@pytest.fixture
def spam(stage: Stage) -> list[str]:
    """Two that fell into the trap, and one that did not."""
    for name in ("bo", "cy"):
        post(stage, email=f"{name}@example.org", first_name=name, trap="x")
    post(stage, email="ana@example.org")
    return [each["receipt"] for each in held(stage, "spam")]


def test_they_are_listed_by_fate_and_door(admin: Visitor, spam: list[str]) -> None:
    """With their reason; only what is held can be ticked."""
    text = admin.get("/submissions")
    assert "a hidden field was filled in" in admin.words
    assert set(re.findall(r'name="receipt" value="(\w+)"', text)) == set(spam)
    text = admin.get("/submissions", fate="created")
    assert "ana@example.org" in text
    assert "bo@example.org" not in text
    assert 'name="receipt"' not in text
    assert "There is nothing here yet" in admin.get("/submissions", door="webhook")
    assert "cannot be listed" in admin.get("/submissions", fate="lost")


def test_one_is_looked_at_and_let_through(stage: Stage, admin: Visitor, spam: list[str]) -> None:
    """It becomes a lead, and twice pressed is once done."""
    admin.get(f"/submissions/{spam[0]}")
    assert "held back" in admin.words
    form = admin.last
    admin.post(f"/submissions/{spam[0]}/release")
    assert "It was let through" in admin.words
    lead = re.findall(r'/console/leads/(\w{32})"', admin.text)[0]
    assert api(stage, "GET", "/leads/{lead}", lead=lead)["touches"] == 1
    admin.last = form
    admin.post(f"/submissions/{spam[0]}/release")
    assert admin.last.status == 200
    assert api(stage, "GET", "/leads/{lead}", lead=lead)["touches"] == 1
    assert stage.balance() == []


def test_several_are_let_through_at_once(stage: Stage, admin: Visitor, spam: list[str]) -> None:
    """And the list stays as it was filtered."""
    admin.get("/submissions", fate="spam")
    admin.post("/submissions/release", {"receipt": spam, "fate": "spam"})
    assert "It was let through" in admin.words
    assert held(stage, "spam") == []
    assert person(stage, "bo@example.org")
    assert person(stage, "cy@example.org")


def test_what_cannot_be_let_through_is_told_and_the_rest_is(
    stage: Stage, admin: Visitor, spam: list[str]
) -> None:
    """A receipt of nothing among others stops none of them."""
    admin.get("/submissions", fate="spam")
    admin.post("/submissions/release", {"receipt": ["0" * 32, *spam], "fate": "spam"})
    assert admin.last.status == 409
    assert "could not be let through" in admin.words
    assert held(stage, "spam") == []


def test_a_viewer_lets_nothing_through(stage: Stage, spam: list[str]) -> None:
    """There is nothing to tick, and asking for it is refused."""
    viewer = Visitor.signed_in(stage, "viewer")
    assert 'name="receipt"' not in viewer.get("/submissions")
    viewer.post("/submissions/release", {"receipt": spam})
    assert viewer.last.status == 409
    viewer.get(f"/submissions/{spam[0]}")
    viewer.post(f"/submissions/{spam[0]}/release")
    assert viewer.last.status == 403
    assert len(held(stage, "spam")) == 2
