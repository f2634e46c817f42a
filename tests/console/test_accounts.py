"""Accounts at the console, without a browser."""

import re

import pytest

from chalicelib.intake.company import account_id
from tests.console.visitor import Visitor, keys
from tests.live import Stage
from tests.store.people import touch

ACME, ACME_ES = account_id("d:acme.com"), account_id("d:acme.es")


@pytest.fixture
def stage() -> Stage:
    """A stage with two people at two addresses of a company."""
    made = Stage()
    for number, email in enumerate(("ana@acme.com", "eva@acme.es"), 1):
        made.live.upsert.one(touch(number, email=email, company="Acme <b>Ltd</b>"))
    return made


def test_accounts_are_found_by_name_domain_and_status(admin: Visitor) -> None:
    """What was typed into a form is shown as text."""
    assert "Acme &lt;b&gt;Ltd&lt;/b&gt;" in admin.get("/accounts")
    assert "<b>Ltd" not in admin.text
    for place in ("?q=acm", "?q=acme.com", "?status=prospect"):
        assert f"/accounts/{ACME}" in admin.get(f"/accounts{place}")
    assert "No account is like that" in admin.get("/accounts?q=beta")
    assert "cannot be looked for" in admin.get("/accounts?status=friend")


def test_an_account_is_made_and_one_that_is_there_is_told(admin: Visitor) -> None:
    """With what was typed; a shared domain makes none."""
    admin.get("/accounts/new")
    admin.post("/accounts/new", name="Beta", domain="beta.com", status="customer")
    assert admin.at.endswith(account_id("d:beta.com"))
    assert "Customer" in admin.words
    admin.get("/accounts/new")
    admin.post("/accounts/new", name="", domain="acme.com", status="prospect")
    assert admin.last.status == 422
    assert "is there already" in admin.words
    admin.post("/accounts/new", name="", domain="gmail.com", status="prospect")
    assert 'value="gmail.com"' in admin.text


def test_an_account_is_described_and_nobodys_change_is_written_over(admin: Visitor) -> None:
    """Lines of revenue come and go; what is wrong stands there with what was typed."""
    admin.get(f"/accounts/{ACME}/edit")
    version = re.search(r'name="version" value="(\d+)"', admin.text)
    assert version
    form = {"version": version[1], "name": "Acme", "status": "customer", "website": "acme.com"}
    form |= {"industry": "Anvils", "employees": "250", "amount_year": "9", "currency_year": "EUR"}
    line = {"amount": ["99.5", ""], "currency": ["EUR", ""], "period": ["monthly", "monthly"]}
    lines = {"product": ["Seats", ""], **line, "from": ["2020-01-01", ""], "to": ["", ""]}
    admin.post(f"/accounts/{ACME}/edit", {**form, **lines, "employees": "many"})
    assert admin.last.status == 422
    assert 'value="many"' in admin.text
    assert 'value="99.5"' in admin.text
    admin.post(f"/accounts/{ACME}/edit", {**form, **lines})
    for text in ("99.50 EUR", "1,194.00 EUR", "Anvils", "250", "Seats", "https://acme.com"):
        assert text in admin.words or text in admin.text
    admin.get(f"/accounts/{ACME}/edit")
    admin.post(f"/accounts/{ACME}/edit", {**form, **lines})
    assert admin.last.status == 412
    admin.get(f"/accounts/{ACME}/edit")
    now = re.search(r'name="version" value="(\d+)"', admin.text)
    assert now
    admin.post(f"/accounts/{ACME}/edit", {"version": now[1], "name": "Acme", "status": "customer"})
    assert "Nothing yet." in admin.words
    assert "Anvils" not in admin.words


def test_two_accounts_are_merged_and_parted(admin: Visitor) -> None:
    """The page offers those of the same name; the contacts of both are there then."""
    admin.get(f"/accounts/{ACME}")
    assert "The same company?" in admin.words
    admin.post(f"/accounts/{ACME}/merge", {"with": ACME_ES})
    assert "one account now" in admin.words
    assert "eva@acme.es" in admin.words
    admin.post(f"/accounts/{ACME}/unmerge", account=ACME_ES)
    assert "eva@acme.es" not in admin.words


def test_a_contact_is_given_a_part(stage: Stage, admin: Visitor) -> None:
    """A viewer sees it, masked as ever, and is offered no change."""
    admin.get(f"/accounts/{ACME}")
    lead = re.search(r'name="lead" value="([0-9a-f]{32})"', admin.text)
    assert lead
    admin.post(f"/accounts/{ACME}/part", lead=lead[1], part="champion")
    assert '<option value="champion" selected>' in admin.text
    viewer = Visitor.signed_in(stage, "viewer")
    viewer.get(f"/accounts/{ACME}")
    assert "On our side" in viewer.words
    assert "ana@acme.com" not in viewer.words
    assert "<select" not in viewer.text


def test_an_account_that_nobody_is_at_is_deleted(admin: Visitor) -> None:
    """One with contacts offers no such button."""
    assert "/delete" not in admin.get(f"/accounts/{ACME}")
    admin.get("/accounts/new")
    admin.post("/accounts/new", name="Empty", domain="", status="prospect")
    assert "/delete" in admin.text
    admin.post(f"/accounts/{account_id('n:empty')}/delete")
    assert admin.at.endswith("/accounts")
    assert "It is gone." in admin.words


def test_the_list_of_leads_leads_to_the_accounts(stage: Stage, admin: Visitor) -> None:
    """By the company's name; a key that may not read accounts is led nowhere."""
    assert f'href="/console/accounts/{ACME}"' in admin.get("/leads")
    secret, _ = keys(stage).create("editor", "leads alone", scopes=("leads",))
    other = Visitor(stage)
    other.sign_in(secret)
    other.get("/leads")
    assert "ana@acme.com" in other.words
    assert "/console/accounts/" not in other.text
