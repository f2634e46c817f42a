"""The guide: what is done already is ticked."""

import re

from chalicelib.store.config import Kind
from tests.console.people import post
from tests.console.visitor import Visitor, keys
from tests.live import Stage


def test_a_new_stage_has_nothing_done(admin: Visitor) -> None:
    """Five steps in the order of the trade, none ticked."""
    text = admin.get("/first-steps")
    assert len(re.findall(r"<h2>", text)) == 5
    assert 'class="done"' not in text
    assert 'href="/console/first-steps">First steps: how to begin' in admin.get()


def test_what_was_done_is_ticked(stage: Stage, admin: Visitor) -> None:
    """A form of one's own chooses and opens a door; people and a second key put it to use."""
    stage.put_form("fair", {})
    post(stage, email="ana@example.org")
    keys(stage).create("viewer")
    assert _done(admin.get("/first-steps")) == [1, 4, 5]
    stage.live.catalogue.configuration.delete(Kind.FORM, "fair")
    assert _done(admin.get("/first-steps")) == [5]


def test_the_template_is_there_to_be_filled_in(admin: Visitor) -> None:
    """As the API gives it out."""
    text = admin.get("/first-steps/template.csv")
    assert admin.last.headers["Content-Type"].startswith("text/csv")
    assert "E-mail" in text or "email" in text


def _done(text: str) -> list[int]:
    steps = re.findall(r"<li( class=\"done\")?>\s*<div>\s*<h2>", text)
    return [number for number, done in enumerate(steps, 1) if done]
