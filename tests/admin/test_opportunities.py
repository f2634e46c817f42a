"""Opportunities over the API: made, moved, won; leads converted; what it all comes to."""

import datetime as dt
from typing import Any

import pytest

from chalicelib.model import Response
from chalicelib.store.verify import verify
from tests.admin.office import Office, content, refusal
from tests.admin.test_stages import entered, lead_of, listed, put

YEARLY = {"name": "Website", "amount": "12000", "currency": "eur", "period": "annual"}
SOURCES = ("name", "channel", "campaign")


@pytest.fixture(autouse=True)
def balanced(office: Office) -> Any:
    """Whatever a test did, the counters and leads say so."""
    yield
    assert verify(office.table.items.items()) == []


def made(office: Office, **more: Any) -> dict[str, Any]:
    """A new opportunity."""
    return office.post("/opportunities", {**YEARLY, **more})


def edited(office: Office, deal: dict[str, Any], **body: Any) -> dict[str, Any]:
    """The opportunity after an edit."""
    office.moment += dt.timedelta(minutes=1)
    path = "/opportunities/{opportunity}"
    return content(office.ask("PATCH", path, opportunity=deal["id"], body=body))


def ids(office: Office, **query: str) -> list[str]:
    """The opportunities of a list."""
    return [each["id"] for each in office.get("/opportunities", query=query)["items"]]


def test_an_opportunity_says_what_it_is_worth(office: Office) -> None:
    """An amount has the places of its currency; what it brings by month and year is derived."""
    lead = entered(office)
    deal = made(office, lead=lead, role="decides", expected_close="2026-06-30")
    assert (deal["amount"], deal["currency"], deal["period"]) == ("12000.00", "EUR", "annual")
    assert (deal["mrr"], deal["arr"], deal["weighted"]) == ("1000.00", "12000.00", "600.00")
    assert (deal["stage"], deal["probability"], deal["status"]) == ("new", 5, "open")
    assert (deal["lead"], deal["role"], deal["version"]) == (lead, "decides", 1)
    once = made(office, period="one_off")
    assert (once["mrr"], once["arr"]) == (None, None)
    assert made(office, amount=1500, currency="JPY", period="monthly")["arr"] == "18000"


def test_it_is_found_by_lead_account_stage_and_status(office: Office) -> None:
    """Also under the id of a lead that was merged into another."""
    ana = entered(office, company="Acme")
    eva = entered(office, email="eva@gmail.com", company="ACME")
    account = lead_of(office, ana)["account"]
    one = made(office, lead=ana, stage="proposal", expected_close="2026-07-01")
    two = made(office, account=account, lead=eva, stage="proposal", expected_close="2026-06-01")
    assert (one["account"], one["account_name"]) == (account, "Acme")
    assert sorted(ids(office, account=account)) == sorted([one["id"], two["id"]])
    assert ids(office, stage="proposal") == [two["id"], one["id"]]
    assert ids(office, lead=ana) == [one["id"]]
    office.post("/leads/{lead}/merge", {"with": eva}, lead=ana)
    assert sorted(ids(office, lead=eva)) == sorted([one["id"], two["id"]])
    edited(office, two, status="lost", reason="price")
    assert ids(office, status="lost") == [two["id"]]
    assert ids(office, status="open", account=account) == [one["id"]]


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ({"amount": "-1"}, "amount", "number_invalid"),
        ({"amount": "NaN"}, "amount", "number_invalid"),
        ({"amount": "1e40"}, "amount", "number_invalid"),
        ({"amount": True}, "amount", "number_invalid"),
        ({"amount": "1.005"}, "amount", "number_invalid"),
        ({"currency": "EURO"}, "currency", "choice_unknown"),
        ({"currency": None}, "currency", "currency_missing"),
        ({"period": "weekly"}, "period", "choice_unknown"),
        ({"expected_close": "31/12/2026"}, "expected_close", "date_invalid"),
        ({"stage": "nowhere"}, "stage", "choice_unknown"),
        ({"status": "maybe"}, "status", "choice_unknown"),
        ({"stage": "new", "status": "won"}, "status", "choice_unknown"),
        ({"probability": 101}, "probability", "number_invalid"),
        ({"name": "x" * 201}, "name", "too_long"),
        ({"lead": "0" * 32}, "lead", "not_found"),
        ({"account": "0" * 32}, "account", "not_found"),
        ({"colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_what_is_no_opportunity_is_refused(
    office: Office, body: dict[str, Any], place: str, code: str
) -> None:
    """By the name of the member, on making and on editing."""
    deal = made(office)
    path = "/opportunities/{opportunity}"
    for method, where, rest in (
        ("POST", "/opportunities", {"body": {**YEARLY, **body}}),
        ("PATCH", path, {"body": body, "opportunity": deal["id"]}),
    ):
        refused = refusal(office, method, where, **rest)
        assert refused.status == 422
        assert (place, code) in [(each.field, each.code) for each in refused.problems]


def test_a_repetition_makes_no_second_one(office: Office) -> None:
    """The same under the same idempotency key; other content is another."""
    named = {"idempotency-key": "one"}
    first = office.ask("POST", "/opportunities", body=YEARLY, headers=named)
    again = office.ask("POST", "/opportunities", body=YEARLY, headers=named)
    assert isinstance(first, Response)
    assert isinstance(again, Response)
    assert (first.status, again.status) == (201, 200)
    assert content(first)["id"] == content(again)["id"]
    other = office.ask("POST", "/opportunities", body={**YEARLY, "name": "B"}, headers=named)
    assert content(other)["id"] != content(first)["id"]


def test_an_edit_holds_against_the_version_that_was_read(office: Office) -> None:
    """412 where somebody changed it; the same edit twice is one."""
    deal = made(office)
    assert edited(office, deal, amount="100")["version"] == 2
    assert edited(office, deal, amount="100")["version"] == 2
    path = "/opportunities/{opportunity}"
    for method in ("PATCH", "DELETE"):
        refused = refusal(
            office, method, path, opportunity=deal["id"], body={"name": "B"},
            headers={"if-match": '"1"'},
        )  # fmt: skip
        assert (refused.status, refused.code) == (412, "version_changed")
    office.ask("DELETE", path, opportunity=deal["id"], headers={"if-match": '"2"'})
    assert refusal(office, "GET", path, opportunity=deal["id"]).status == 404
    assert office.get("/forecast", query={"month_to": "2026-03"})["items"] == []


def test_a_stage_and_a_status_mean_one_another(office: Office) -> None:
    """Into a won stage is won, reopened is open again; the probability follows the stage."""
    deal = edited(office, made(office), stage="negotiation")
    assert (deal["probability"], deal["status"]) == (75, "open")
    assert edited(office, deal, probability=60)["probability"] == 60
    assert edited(office, deal, name="Other")["probability"] == 60
    won = edited(office, deal, stage="won")
    assert (won["status"], won["probability"], bool(won["closed_at"])) == ("won", 100, True)
    lost = edited(office, deal, status="lost", reason="price")
    assert (lost["stage"], lost["probability"], lost["reason"]) == ("lost", 0, "price")
    back = edited(office, deal, status="open")
    assert (back["stage"], back["closed_at"], back["reason"]) == ("new", None, "")


def test_a_stage_may_demand_parts_of_an_opportunity(office: Office) -> None:
    """422 `stage_requires` names what is missing; the stage is entered once it is there."""
    stages = listed(office)
    stages[3]["opportunity_required"] = ["lead", "expected_close"]
    put(office, stages)
    deal = made(office)
    refused = refusal(
        office, "PATCH", "/opportunities/{opportunity}",
        opportunity=deal["id"], body={"stage": "proposal", "expected_close": "2026-05-01"},
    )  # fmt: skip
    assert [(each.field, each.code) for each in refused.problems] == [("lead", "stage_requires")]
    lead = entered(office)
    told = edited(office, deal, stage="proposal", lead=lead, expected_close="2026-05-01")
    assert told["stage"] == "proposal"


def test_the_forecast_adds_up_by_month_currency_and_stage(office: Office) -> None:
    """Open ones where they are expected, weighted; won ones where they were, by first and last touch."""
    source = {"name": "fair", "channel": "event", "campaign": "spring"}
    ana = entered(office, source=source)
    entered(office, source={"name": "newsletter", "channel": "email"})
    made(office, stage="proposal", expected_close="2026-05-31")
    made(office, stage="proposal", expected_close="2026-05-01", amount="0.01", period="one_off")
    made(office, stage="new", expected_close="2026-05-01", currency="USD")
    made(office)
    deal = made(office, lead=ana, period="monthly", amount="100", expected_close="2026-09-01")
    edited(office, deal, status="won")
    items = office.get("/forecast")["items"]
    by = {(each["month"], each["currency"]): each for each in items}
    assert list(by) == [
        ("2026-03", "EUR"), ("2026-05", "EUR"), ("2026-05", "USD"), (None, "EUR")
    ]  # fmt: skip
    may = by["2026-05", "EUR"]
    assert [each["stage"] for each in may["stages"]] == ["proposal"]
    assert (may["open"]["count"], may["open"]["amount"]) == (2, "12000.01")
    assert (may["open"]["weighted"], may["open"]["arr"]) == ("6000.005", "12000.00")
    assert (may["open"]["mrr"], may["open"]["weighted_mrr"]) == ("1000.00", "500.00")
    won = by["2026-03", "EUR"]
    assert (won["won"]["count"], won["won"]["arr"], won["open"]["count"]) == (1, "1200.00", 0)
    first, last = won["won_by"]["first_touch"], won["won_by"]["last_touch"]
    assert [(each["value"], each["share"]) for each in first["campaign"]] == [("spring", "1.0000")]
    assert [each["value"] for each in first["name"]] == ["fair"]
    assert [each["value"] for each in last["channel"]] == ["email"]
    only = office.get("/forecast", query={"currency": "usd", "month_from": "2026-05"})["items"]
    assert [each["currency"] for each in only] == ["USD"]
    assert refusal(office, "GET", "/forecast", query={"month_from": "May"}).status == 422


def test_a_won_opportunity_moves_its_lead_on(office: Office) -> None:
    """The contact is a customer then, unless a person puts them elsewhere."""
    lead = entered(office)
    deal = made(office, lead=lead)
    edited(office, deal, status="won")
    assert lead_of(office, lead)["stage"] == "won"
    touches = lead_of(office, lead)["touches"]
    edited(office, deal, status="won")
    assert lead_of(office, lead)["touches"] == touches


def test_a_lead_is_converted_in_one_step_and_once(office: Office) -> None:
    """Company, stage and opportunity together; asked again it is the same conversion."""
    lead = entered(office, stage="contacted")
    office.moment += dt.timedelta(minutes=1)
    body = {
        "company": "Acme", "stage": "qualified",
        "opportunity": {**YEARLY, "role": "decides"},
    }  # fmt: skip
    first = office.ask("POST", "/leads/{lead}/convert", lead=lead, body=body)
    again = office.ask("POST", "/leads/{lead}/convert", lead=lead, body=body)
    assert isinstance(first, Response)
    assert isinstance(again, Response)
    assert (first.status, again.status) == (201, 200)
    told = content(first)
    assert (told["lead"]["stage"], told["lead"]["values"]["company"]) == ("qualified", "Acme")
    deal = told["opportunity"]
    assert (deal["lead"], deal["stage"], deal["role"]) == (lead, "qualified", "decides")
    assert content(again)["opportunity"] == deal
    assert ids(office) == [deal["id"]]
    office.moment += dt.timedelta(minutes=1)
    bare = content(office.ask("POST", "/leads/{lead}/convert", lead=lead, body={}))
    assert (bare["opportunity"], bare["lead"]["stage"]) == (None, "qualified")


def test_a_conversion_that_is_refused_leaves_nothing(office: Office) -> None:
    """Neither a stage nor an opportunity, nor a part of it."""
    lead = entered(office)
    before = dict(office.table.items)
    for body, place in (
        ({"opportunity": {"amount": "1"}}, "currency"),
        ({"stage": "nowhere"}, "stage"),
        ({"opportunity": {"lead": lead}}, "opportunity.lead"),
        ({"opportunity": []}, "opportunity"),
        ({"company": 7}, "company"),
        ({"colour": "red"}, "colour"),
    ):
        refused = refusal(office, "POST", "/leads/{lead}/convert", lead=lead, body=body)
        assert [each.field for each in refused.problems] == [place]
    now = {
        key: item for key, item in office.table.items.items() if key.pk[:2] in ("L#", "O#", "S#")
    }
    assert now == {key: item for key, item in before.items() if key.pk[:2] in ("L#", "O#", "S#")}


def test_an_erased_person_is_named_by_no_opportunity(office: Office) -> None:
    """What the deal is worth stays; whom it was with is gone."""
    lead = entered(office)
    deal = made(office, lead=lead, name="Ana's website", role="decides")
    office.ask("DELETE", "/leads/{lead}", lead=lead)
    path = "/opportunities/{opportunity}"
    there = content(office.ask("GET", path, opportunity=deal["id"]))
    assert (there["lead"], there["name"], there["role"]) == (None, "", "")
    assert there["amount"] == "12000.00"


def test_whoever_sees_masked_data_reads_no_names(office: Office) -> None:
    """What people wrote freely is hidden; amounts and stages are not."""
    made(office, name="Ana's website", role="decides")
    (there,) = office.get("/opportunities", role="viewer")["items"]
    assert (there["name"], there["role"], there["amount"]) == ("***", "***", "12000.00")
