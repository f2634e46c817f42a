"""The pages about sales: the board, one opportunity, the forecast, stages and segments."""

import datetime as dt
import json
import re
from typing import Any

import pytest

from chalicelib.admin.auth import Caller
from chalicelib.admin.console.pages._deals import plain_amount
from chalicelib.admin.serve import serve_to
from tests.admin.office import content
from tests.console.visitor import Visitor
from tests.live import Stage, asked

YEARLY = {"name": "Website", "amount": "12,000", "currency": "EUR", "period": "annual"}


def call(stage: Stage, method: str, path: str, body: object = None, **named: str) -> dict[str, Any]:
    """What the API says to an administrator."""
    raw = b"" if body is None else json.dumps(body).encode()
    request = asked(method, path, raw)
    return content(serve_to(Caller("0" * 32, "admin"), request, stage.live, path, **named))


@pytest.fixture
def lead(stage: Stage) -> str:
    """A lead."""
    body = {"email": "ana@x.org", "first_name": "Ana", "company": "Acme"}
    made: str = call(stage, "POST", "/leads", body)["lead"]
    return made


def deal(stage: Stage) -> dict[str, Any]:
    """The one opportunity."""
    (found,) = call(stage, "GET", "/opportunities")["items"]
    return dict(found)


def test_an_opportunity_is_made_moved_won_and_deleted(stage: Stage, admin: Visitor) -> None:
    """From the form to the board, stage by stage, and away; wrong input comes back as typed."""
    admin.get("/opportunities/new")
    admin.post("/opportunities/new", {**YEARLY, "amount": "a lot", "stage": "new"})
    assert admin.last.status == 422
    assert 'value="a lot"' in admin.text
    assert "Amount" in admin.words
    admin.post("/opportunities/new", {**YEARLY, "stage": "new", "expected_close": "2026-05-31"})
    assert "12,000.00 EUR" in admin.words
    assert "1,000.00 EUR" in admin.words
    made = deal(stage)
    admin.get("/opportunities")
    assert "Move to Contacted" in admin.words
    admin.post(f"/opportunities/{made['id']}/move", stage="contacted")
    assert "Moved on." in admin.words
    assert deal(stage)["stage"] == "contacted"
    admin.get(f"/opportunities/{made['id']}")
    body = {"version": "1", "status": "lost", "reason": "price"}
    admin.post(f"/opportunities/{made['id']}/close", body)
    assert admin.last.status == 409
    assert "changed it meanwhile" in admin.words
    admin.post(f"/opportunities/{made['id']}/close", {**body, "version": "2"})
    assert (deal(stage)["status"], deal(stage)["reason"]) == ("lost", "price")
    admin.post(f"/opportunities/{made['id']}/delete", version="3")
    assert call(stage, "GET", "/opportunities")["items"] == []


def test_a_form_sent_twice_makes_one_opportunity(stage: Stage, admin: Visitor) -> None:
    """The mark in the form sees to it."""
    admin.get("/opportunities/new")
    text = admin.last
    admin.post("/opportunities/new", {**YEARLY, "stage": "new"})
    admin.last = text
    admin.post("/opportunities/new", {**YEARLY, "stage": "new"})
    assert deal(stage)["version"] == 1


def test_a_lead_is_converted(stage: Stage, admin: Visitor, lead: str) -> None:
    """Its company and the opportunity together; the lead moves on with it."""
    admin.get("/opportunities/new", lead=lead)
    assert "Convert the lead" in admin.words
    assert 'value="Acme"' in admin.text
    said = {**YEARLY, "lead": lead, "company": "Acme", "stage": "qualified", "role": "decides"}
    admin.post("/opportunities/new", said)
    assert "The opportunity is there." in admin.words
    assert (deal(stage)["lead"], deal(stage)["stage"]) == (lead, "qualified")
    assert call(stage, "GET", "/leads/{lead}", lead=lead)["stage"] == "qualified"


def test_a_lead_is_put_into_a_stage_and_calls_are_noted(
    stage: Stage, admin: Visitor, lead: str
) -> None:
    """From its sales page, which shows its opportunities; the timeline has it all."""
    call(stage, "POST", "/opportunities", {"name": "Website", "lead": lead})
    assert f'href="/console/sale/{lead}"' in admin.get(f"/leads/{lead}")
    admin.get(f"/sale/{lead}")
    assert "no stage yet" in admin.words
    assert "Website" in admin.words
    stage.moment += dt.timedelta(minutes=1)
    admin.post(f"/sale/{lead}/stage", stage="proposal")
    admin.get(f"/leads/{lead}")
    assert "Proposal" in admin.words
    admin.get(f"/sale/{lead}")
    assert call(stage, "GET", "/leads/{lead}", lead=lead)["stage"] == "proposal"
    stage.moment += dt.timedelta(minutes=1)
    admin.post(f"/sale/{lead}/activity", kind="call", note="wants an offer", campaign="spring")
    assert "Noted." in admin.words
    assert "wants an offer" in admin.words
    admin.post(f"/sale/{lead}/activity", kind="")
    assert admin.last.status == 422
    stage.moment += dt.timedelta(minutes=1)
    admin.get(f"/sale/{lead}")
    admin.post(f"/sale/{lead}/stage", stage="")
    assert call(stage, "GET", "/leads/{lead}", lead=lead)["stage"] == ""


def test_the_forecast_is_drawn(stage: Stage, admin: Visitor, lead: str) -> None:
    """Bars with their amounts, a table beside them, and what brought the won ones."""
    body = {"name": "A", "amount": "100", "currency": "EUR", "lead": lead}
    call(stage, "POST", "/opportunities", {**body, "expected_close": "2026-05-31", "stage": "new"})
    call(stage, "POST", "/opportunities", {**body, "stage": "won"})
    call(stage, "POST", "/opportunities", {**body, "currency": "USD"})
    text = admin.get("/forecast")
    assert text.count('class="bar-likely"') >= 1
    assert "May 2026: Open 100.00 EUR" in admin.words
    assert "Won, by first touch" in admin.words
    assert "manual" in admin.words
    assert 'aria-current="true">EUR' in text
    admin.get("/forecast", currency="USD", by="channel")
    assert "No date yet" in admin.words


def row(name: str, place: int, kind: str = "open", words: str = "") -> dict[str, str]:
    """A row of the table of stages."""
    usual = {"required": "", "opportunity_required": "", "probability": "10"}
    return {"name": name, "words": words, "kind": kind, "place": str(place), **usual}


def test_stages_are_changed_as_a_list(stage: Stage, admin: Visitor) -> None:
    """Another order, one more, one fewer, and words in the language of whoever writes."""
    rows = [
        row("contacted", 2, words="Called"), row("new", 1), row("won", 3, "won"),
        row("lost", 4, "lost"), row("demo", 2), row("", 9),
    ]  # fmt: skip
    admin.get("/stages")
    data: dict[str, Any] = {name: [each[name] for each in rows] for name in rows[0]}
    admin.post("/stages", {**data, "version": "0", "gone": ["new"]})
    assert "The stages are saved." in admin.words
    stages = call(stage, "GET", "/stages")["stages"]
    assert [each["name"] for each in stages] == ["contacted", "demo", "won", "lost"]
    assert stages[0]["label"]["en"] == "Called"
    assert stages[0]["label"]["es"] == "Contactado"
    admin.post("/stages", {**data, "version": "7"})
    assert "nothing was saved" in admin.words
    wrong = {name: [each[name] for each in rows[:2]] for name in rows[0]}
    admin.post("/stages", {**wrong, "version": "1"})
    assert admin.last.status == 422


def test_a_segment_is_saved_seen_and_deleted(stage: Stage, admin: Visitor) -> None:
    """Its name leads to the leads with its filters."""
    admin.get("/segments")
    admin.post("/segments", {"segment": "warm", "words": "Warm ones", "stage": "qualified"})
    assert "Warm ones" in admin.words
    assert 'href="/console/leads?stage=qualified"' in admin.text
    admin.post("/segments", {"segment": "both", "source": "a", "stage": "b"})
    assert admin.last.status == 422
    admin.post("/segments", {"segment": "no name", "source": "a"})
    assert "A name has letters" in admin.words
    admin.get("/segments")
    admin.post("/segments/warm/delete")
    assert call(stage, "GET", "/segments")["items"] == []


def test_whoever_may_only_read_changes_nothing(stage: Stage, lead: str) -> None:
    """No buttons, and no way around them."""
    call(stage, "POST", "/opportunities", {"name": "A", "lead": lead})
    viewer = Visitor.signed_in(stage, "viewer")
    made = deal(stage)
    for place in ("/opportunities", f"/opportunities/{made['id']}", "/stages", "/segments"):
        text = viewer.get(place)
        assert viewer.last.status == 200, place
        forms = text.partition("<main")[2].count('method="post"')
        assert forms <= (1 if place == "/stages" else 0), place
    viewer.get("/opportunities")
    viewer.post(f"/opportunities/{made['id']}/move", stage="won")
    assert viewer.last.status == 403
    assert deal(stage)["stage"] == "new"


def test_amounts_and_months_are_written_as_the_reader_does(stage: Stage, lead: str) -> None:
    """Digits, thousands and decimals of the language; a month by its name, time from the right."""
    body = {"name": "A", "amount": "1234.50", "currency": "EUR", "lead": lead}
    call(stage, "POST", "/opportunities", {**body, "expected_close": "2026-05-31", "stage": "new"})
    places = []
    for language, told in (
        ("es", "may 2026: Abierto 1.234,50 EUR"),
        ("zh", "2026年5月: 进行中 1,234.50 EUR"),
        ("fa", "مه ۲۰۲۶: باز ۱٬۲۳۴٫۵۰ EUR"),
    ):
        reader = Visitor.signed_in(stage, "admin", language=language)
        reader.get("/forecast")
        assert told in reader.words
        places += re.findall(r'<rect x="([\d.]+)"[^>]*class="bar-open"', reader.text)
    spanish, chinese, persian = map(float, places)
    assert spanish == chinese
    assert spanish + persian + 30 == pytest.approx(960)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1200.50", "1200.50"),
        ("1200,50", "1200.50"),
        ("1.200,50", "1200.50"),
        ("1,200.50", "1200.50"),
        ("1,200", "1200"),
        ("12 345,5", "12345.5"),
        ("۱٬۲۰۰٫۵۰", "1200.50"),
        ("1.200", "1.200"),
        ("much", "much"),
    ],
)
def test_an_amount_is_read_as_people_type_it(typed: str, read: str) -> None:
    """A decimal comma is never taken for thousands: 1200,50 is not 120050."""
    assert plain_amount(typed) == read


def test_a_decimal_comma_stays_one(stage: Stage, admin: Visitor) -> None:
    """From the form of an opportunity to what is stored."""
    admin.get("/opportunities/new")
    admin.post("/opportunities/new", name="A", amount="1.200,50", currency="EUR", stage="new")
    (made,) = call(stage, "GET", "/opportunities")["items"]
    assert made["amount"] == "1200.50"
