"""Accounts through the API: found, made, described, made one and parted, with their contacts."""

from datetime import date
from typing import Any

import pytest

from chalicelib.admin.accounts import recurring
from chalicelib.intake.company import account_id
from chalicelib.model import Response
from tests.admin.office import Office, content, refusal

ACCOUNT, LEADS = "/accounts/{account}", "/accounts/{account}/leads"
CONTACT = "/accounts/{account}/leads/{lead}"
ACME, ACME_ES, BY_NAME = account_id("d:acme.com"), account_id("d:acme.es"), account_id("n:acme")


@pytest.fixture
def office() -> Office:
    """A stage with three people: two at addresses of a company, one who only says its name."""
    made = Office()
    for email in ("ana@acme.com", "eva@acme.es", "leo@gmail.com"):
        made.post("/leads", {"email": email, "company": "Acme"})
    return made


def emails(page: dict[str, Any]) -> set[str]:
    return {lead["values"]["email"] for lead in page["items"]}


def asked(office: Office, method: str, path: str, **rest: Any) -> tuple[int, dict[str, Any], str]:
    """Status, content and version of an answer."""
    told = office.ask(method, path, **rest)
    assert isinstance(told, Response)
    return told.status, content(told), told.headers.get("ETag", "")


def test_a_lead_names_its_account_and_is_found_by_it(office: Office) -> None:
    """Alone, in a list, by the filter; an account shows its leads."""
    [lead] = office.get("/leads", query={"account": ACME})["items"]
    assert (lead["account"], lead["account_name"]) == (ACME, "Acme")
    assert office.get("/leads/{lead}", lead=lead["id"])["account"] == ACME
    assert emails(office.get(LEADS, account=BY_NAME)) == {"leo@gmail.com"}


def test_accounts_are_listed_newest_by_name_domain_and_status(office: Office) -> None:
    """A page at a time; a domain is that of an address too; one filter at a time."""
    pages = list(office.pages("/accounts", 2))
    assert [len(page) for page in pages] == [2, 1]
    named = office.get("/accounts", query={"name": "ac"})["items"]
    assert {each["id"] for each in named} == {ACME, ACME_ES, BY_NAME}
    for domain in ("acme.com", "mail.acme.com", "ana@acme.com"):
        [found] = office.get("/accounts", query={"domain": domain})["items"]
        assert (found["id"], found["status"], found["by"]) == (ACME, "prospect", "")
    assert office.get("/accounts", query={"domain": "gmail.com"})["items"] == []
    assert office.get("/accounts", query={"status": "customer"})["items"] == []
    for query, code in (
        ({"status": "friend"}, "choice_unknown"),
        ({"name": "#"}, "type_invalid"),
        ({"name": "a", "domain": "acme.com"}, "filter_conflict"),
    ):
        assert refusal(office, "GET", "/accounts", query=query).problems[0].code == code


def test_an_account_is_described_under_its_version(office: Office) -> None:
    """Money is exact text; what is not named stays, null clears; a stale version is refused."""
    paid = {"product": "Seats", "amount": 99.5, "currency": "eur", "period": "monthly"}
    status, told, etag = asked(
        office,
        "PATCH",
        ACCOUNT,
        account=ACME,
        body={
            "status": "customer",
            "website": "acme.com",
            "industry": "Anvils",
            "employees": 250,
            "annual_revenue": {"amount": "1234567.89", "currency": "USD"},
            "current_revenue": [paid, {**paid, "period": "annual", "to": "2020-01-01"}],
        },
    )
    assert status == 200
    assert (told["name"], told["status"], told["employees"]) == ("Acme", "customer", 250)
    assert told["annual_revenue"] == {"amount": "1234567.89", "currency": "USD"}
    assert told["current_revenue"][0]["amount"] == "99.50"
    assert told["recurring"] == [{"currency": "EUR", "mrr": "99.50", "arr": "1194.00"}]
    assert told["website"].startswith("https://")
    old = {"if-match": '"1"'}
    error = refusal(office, "PATCH", ACCOUNT, account=ACME, body={"name": "A"}, headers=old)
    assert (error.status, error.code) == (412, "version_changed")
    body = {"employees": None, "industry": None, "name": "Acme Inc"}
    _, after, _ = asked(
        office, "PATCH", ACCOUNT, account=ACME, body=body, headers={"if-match": etag}
    )
    assert (after["employees"], after["industry"], after["name"]) == (None, "", "Acme Inc")
    assert after["website"] == told["website"]
    [listed] = office.get("/accounts", query={"status": "customer"})["items"]
    assert (listed["id"], listed["version"]) == (ACME, after["version"])


def test_the_same_again_under_one_idempotency_key_is_one_write(office: Office) -> None:
    """Making and describing; without a key a second making is a conflict that names the account."""
    once = {"idempotency-key": "1"}
    body = {"name": "Beta Corp", "domain": "beta.com"}
    first = asked(office, "POST", "/accounts", body=body, headers=once)
    again = asked(office, "POST", "/accounts", body=body, headers=once)
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    error = refusal(office, "POST", "/accounts", body=body)
    assert (error.status, error.code) == (409, "account_exists")
    assert account_id("d:beta.com") in str(error)
    said = {"account": account_id("d:beta.com"), "body": {"employees": 3}}
    one = asked(office, "PATCH", ACCOUNT, **said, headers={**once, "if-match": first[2]})
    two = asked(office, "PATCH", ACCOUNT, **said, headers={**once, "if-match": first[2]})
    assert one == two


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "name", "required_missing"),
        ({"domain": "gmail.com"}, "domain", "domain_shared"),
        ({"name": "n/a"}, "name", "type_invalid"),
        ({"name": "A" * 201}, "name", "too_long"),
        ({"name": "Beta", "colour": "red"}, "colour", "unknown_field"),
        ({"name": "Beta", "employees": -1}, "employees", "number_invalid"),
        ({"name": "Beta", "website": "no site"}, "website", "url_invalid"),
        ({"name": "Beta", "status": "friend"}, "status", "choice_unknown"),
        (
            {"name": "Beta", "annual_revenue": {"amount": "NaN", "currency": "EUR"}},
            "annual_revenue.amount",
            "number_invalid",
        ),
        (
            {"name": "Beta", "annual_revenue": {"amount": "1", "currency": "XXX"}},
            "annual_revenue.currency",
            "currency_missing",
        ),
        (
            {"name": "Beta", "annual_revenue": {"amount": "1.5", "currency": "JPY"}},
            "annual_revenue.amount",
            "number_invalid",
        ),
        (
            {"name": "Beta", "current_revenue": [{"amount": "1", "currency": "EUR"}]},
            "current_revenue[0].product",
            "required_missing",
        ),
        (
            {
                "name": "Beta",
                "current_revenue": [
                    {
                        "product": "A",
                        "amount": "1",
                        "currency": "EUR",
                        "from": "2026-02-01",
                        "to": "2026-01-01",
                    }
                ],
            },
            "current_revenue[0].to",
            "date_invalid",
        ),
        ({"name": "Beta", "current_revenue": [{}] * 51}, "current_revenue", "too_long"),
        ({"name": ["Beta"]}, "name", "type_invalid"),
    ],
)
def test_what_is_no_account_is_refused_with_its_place(
    office: Office, body: dict[str, Any], field: str, code: str
) -> None:
    """422, the member named; nothing is made."""
    error = refusal(office, "POST", "/accounts", body=body)
    assert error.status == 422
    assert (field, code) in [(each.field, each.code) for each in error.problems]
    assert len(office.get("/accounts")["items"]) == 3


def test_accounts_that_are_one_company_are_merged_by_a_person_and_parted(office: Office) -> None:
    """Their names only suggest it; either id then stands for both, and lists the leads of both."""
    told = office.get(ACCOUNT, account=ACME)
    assert {each["id"] for each in told["namesakes"]} == {ACME_ES, BY_NAME}
    merged = office.post(ACCOUNT + "/merge", {"with": BY_NAME}, account=ACME)
    assert [each["id"] for each in merged["merged"]] == [BY_NAME]
    assert {each["id"] for each in merged["namesakes"]} == {ACME_ES}
    for account in (ACME, BY_NAME):
        assert office.get(ACCOUNT, account=account)["id"] == ACME
        both = office.get("/leads", query={"account": account})
        assert emails(both) == {"ana@acme.com", "leo@gmail.com"}
        assert {lead["account"] for lead in both["items"]} == {ACME}
    assert refusal(
        office, "POST", ACCOUNT + "/merge", account=ACME, body={"with": BY_NAME}
    ).code == ("same_account")
    assert (
        refusal(office, "POST", ACCOUNT + "/merge", account=ACME, body={"with": "x"}).status == 422
    )
    parted = office.post(ACCOUNT + "/unmerge", {"account": BY_NAME}, account=ACME)
    assert parted["merged"] == []
    assert emails(office.get(LEADS, account=BY_NAME)) == {"leo@gmail.com"}
    error = refusal(office, "POST", ACCOUNT + "/unmerge", account=ACME, body={"account": ACME_ES})
    assert error.code == "not_merged"
    assert office.balance() == []


def test_a_contact_has_a_role_that_a_person_says(office: Office) -> None:
    """A touch of our own: on the timeline, taken back with null, and gone with the company."""
    [lead] = office.get(LEADS, account=ACME)["items"]
    named = {"account": ACME, "lead": lead["id"]}
    office.later(seconds=1)
    told = content(office.ask("PUT", CONTACT, body={"role": "champion"}, **named))
    assert told["account_role"] == "champion"
    assert "account_role" not in told["values"]
    [touch, _] = office.get("/leads/{lead}/timeline", lead=lead["id"])["items"]
    assert touch["values"] == {"account_role": "champion"}
    assert office.get(LEADS, account=ACME)["items"][0]["account_role"] == "champion"
    assert refusal(office, "PUT", CONTACT, body={"role": "boss"}, **named).status == 422
    elsewhere = {"account": ACME_ES, "lead": lead["id"]}
    assert refusal(office, "PUT", CONTACT, body={"role": "user"}, **elsewhere).code == (
        "not_at_account"
    )
    office.later(seconds=1)
    office.ask("PATCH", "/leads/{lead}", lead=lead["id"], body={"email": "ana@beta.com"})
    moved = office.get("/leads/{lead}", lead=lead["id"])
    assert (moved["account"], moved["account_role"]) == (account_id("d:beta.com"), "")
    named["account"] = account_id("d:beta.com")
    office.later(seconds=1)
    office.ask("PUT", CONTACT, body={"role": "user"}, **named)
    office.later(seconds=1)
    told = content(office.ask("PUT", CONTACT, body={"role": None}, **named))
    assert told["account_role"] == ""
    assert office.balance() == []


def test_an_account_with_leads_stays_and_one_without_goes(office: Office) -> None:
    """409 while somebody is at it; 404 for one that nobody knows."""
    assert refusal(office, "DELETE", ACCOUNT, account=ACME).code == "account_has_leads"
    made = office.post("/accounts", {"name": "Empty"})
    deal = office.post("/opportunities", {"name": "Deal", "account": made["id"]})
    assert refusal(office, "DELETE", ACCOUNT, account=made["id"]).code == (
        "account_has_opportunities"
    )
    office.ask("DELETE", "/opportunities/{opportunity}", opportunity=deal["id"])
    _, _, _ = asked(office, "DELETE", ACCOUNT, account=made["id"])
    assert refusal(office, "GET", ACCOUNT, account=made["id"]).status == 404
    assert refusal(office, "GET", ACCOUNT, account="x").status == 404


def test_a_masked_reader_sees_companies_and_no_person(office: Office) -> None:
    """As the company and the mail domain of a lead; the contacts are masked."""
    [lead] = office.get(LEADS, account=ACME, role="viewer")["items"]
    assert lead["values"]["email"] == "a***@acme.com"
    assert office.get(ACCOUNT, account=ACME, role="viewer")["name"] == "Acme"


def test_what_comes_in_regularly_is_counted_on_a_day() -> None:
    """By the month and by the year, each currency for itself; what is over or to come is not."""
    paid = {"product": "A", "amount": "1200", "currency": "EUR", "period": "annual"}
    monthly = {"product": "B", "amount": "10", "currency": "EUR", "period": "monthly"}
    yen = {"product": "C", "amount": "1000", "currency": "JPY", "period": "annual"}
    entries = [
        paid,
        {**monthly, "from": "2026-03-01", "to": "2026-03-31"},
        {**monthly, "from": "2026-04-01"},
        {**monthly, "to": "2026-02-28"},
        {**monthly, "period": "one_off"},
        yen,
    ]
    assert recurring(entries, date(2026, 3, 31)) == [
        {"currency": "EUR", "mrr": "110.00", "arr": "1320.00"},
        {"currency": "JPY", "mrr": "83", "arr": "1000"},
    ]
    assert recurring([], date(2026, 3, 31)) == []


@pytest.mark.parametrize("limit", [10, 50])
def test_a_list_of_accounts_costs_reads_by_its_items(office: Office, limit: int) -> None:
    """The caller's key, four queries, the accounts: whatever the table holds."""
    for n in range(200):
        office.post("/accounts", {"domain": f"company{n}.com"})
    office.table.requests.clear()
    assert len(office.get("/accounts", query={"limit": str(limit)})["items"]) == limit
    assert office.table.requests.total() <= 9


def test_an_account_that_nobody_is_at_any_more_is_in_no_list(office: Office) -> None:
    """Whoever moves its last lead, merges or parts them; with somebody there it is back."""

    def shown() -> set[str]:
        return {each["id"] for each in office.get("/accounts")["items"]}

    assert shown() == {ACME, ACME_ES, BY_NAME}
    [leo] = office.get("/leads", query={"account": BY_NAME})["items"]
    office.later(minutes=1)
    office.ask("PATCH", "/leads/{lead}", body={"company": "Zeta"}, lead=leo["id"])
    zeta = account_id("n:zeta")
    assert shown() == {ACME, ACME_ES, zeta}
    assert refusal(office, "GET", ACCOUNT, account=BY_NAME).status == 404
    deal = {"name": "Deal", "account": BY_NAME}
    assert refusal(office, "POST", "/opportunities", body=deal).code == "not_found"
    [eva] = office.get("/leads", query={"account": ACME_ES})["items"]
    [ana] = office.get("/leads", query={"account": ACME})["items"]
    whole = office.post("/leads/{lead}/merge", {"with": eva["id"]}, lead=ana["id"])
    assert shown() == {whole["account"], zeta}
    body = {"keys": ["ana@acme.com"]}
    office.post("/leads/{lead}/unmerge", body, lead=whole["id"])
    assert shown() == {ACME, ACME_ES, zeta}
    office.ask("DELETE", "/leads/{lead}", lead=leo["id"])
    assert shown() == {ACME, ACME_ES}
    office.post("/leads", {"email": "gil@gmail.com", "company": "Acme"})
    assert shown() == {ACME, ACME_ES, BY_NAME}
    assert office.balance() == []
