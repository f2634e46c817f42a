"""Where a lead comes from, from the page's first visit to what the API shows."""

import json
from datetime import timedelta
from typing import Any

from chalicelib.admin import shapes
from chalicelib.doors import front
from chalicelib.model import Response
from chalicelib.store import submission_items as items
from tests.live import Stage, asked

FIRST = {"page": "https://shop.example/?utm_source=spring&utm_medium=email", "referrer": ""}
LAST = {"page": "https://shop.example/sale?gclid=abc", "referrer": "https://www.google.com/"}


def token(stage: Stage, visits: Any = None) -> dict[str, Any]:
    """The answer of the token's address, told these visits."""
    query = None if visits is None else {"visits": json.dumps(visits)}
    made = front.form_token(
        stage.live, "contact", asked("GET", "/forms/contact/token", query=query)
    )
    found: dict[str, Any] = json.loads(made.body)
    return found


def post(stage: Stage, **fields: str) -> Response:
    """A post of the demo form by one person."""
    content = json.dumps({"email": "ana@example.com", **fields}).encode()
    headers: Any = {"content_type": "application/json", "accept": "application/json"}
    made = front.form(stage.live, "contact", asked("POST", "/forms/contact", content, **headers))
    assert made.status == 200
    return made


def lead(stage: Stage) -> dict[str, Any]:
    """The one lead as the API shows it in full, held against the list's shorter sources."""
    (found,) = stage.stored.leads.values()
    full = shapes.lead(stage.table, found)
    (listed,) = shapes.leads(stage.table, [found])
    for touch in ("first_touch", "last_touch"):
        assert listed[touch]["channel"] == full[touch]["channel"]
    return full


def test_the_token_s_answer_has_an_attribution_only_where_visits_are_told() -> None:
    """Without visits it is as it always was; with unreadable ones it says null."""
    stage = Stage()
    assert set(token(stage)) == {"token", "challenge"}
    assert token(stage, {"first": 7})["attribution"] is None
    assert token(stage, {"first": FIRST, "last": LAST})["attribution"].startswith("v1.")


def test_first_and_last_touch_are_told_apart_from_the_first_post_on() -> None:
    """The first touch is the first visit, the last one the visit that led here; sums balance."""
    stage = Stage()
    post(stage, _attribution=token(stage, {"first": FIRST, "last": LAST})["attribution"])
    shown = lead(stage)
    assert (shown["first_touch"]["channel"], shown["last_touch"]["channel"]) == (
        "Email",
        "Paid Search",
    )
    assert shown["last_touch"]["click_ids"] == {"gclid": "abc"}
    assert shown["touches"] == 1
    assert stage.balance() == []


def test_a_later_post_moves_the_last_touch_alone() -> None:
    """Whatever a later post says of its first visit: the earliest submission's stays the first."""
    stage = Stage()
    post(stage, _attribution=token(stage, {"first": FIRST, "last": LAST})["attribution"])
    stage.moment += timedelta(days=1)
    assistant = {"page": "https://shop.example/", "referrer": "https://chatgpt.com/"}
    post(stage, message="again", _attribution=token(stage, {"last": assistant})["attribution"])
    shown = lead(stage)
    assert (shown["first_touch"]["channel"], shown["last_touch"]["channel"]) == (
        "Email",
        "AI Assistant",
    )
    assert stage.balance() == []


def test_both_visits_survive_being_stored_and_spilled() -> None:
    """What an item or an envelope holds gives the same touch again."""
    stage = Stage()
    post(stage, _attribution=token(stage, {"first": FIRST, "last": LAST})["attribution"])
    (touch,) = stage.stored.touches.values()
    assert touch.first_source is not None
    assert touch.first_source.channel == "Email"
    assert items.unseal(items.seal(touch)).first_source == touch.first_source
