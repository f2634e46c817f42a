"""Accounts in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.at_console import barriers, signed_in
from tests.browser.conftest import Opened
from tests.browser.people import settle
from tests.browser.serve import Served


def test_a_company_is_found_described_and_merged(stage: Served, visit: Opened) -> None:
    """From the list to its page, through its form, and one with its namesake."""
    lumbre = settle(stage)["lumbre"]
    page = signed_in(stage, visit)
    page.get_by_role("link", name="Accounts").click()
    page.get_by_label("Name or domain").fill("lumbre ilu")
    page.get_by_role("button", name="Search").click()
    assert barriers(page) == []
    page.locator(f"a[href$='{lumbre}']").click()
    assert barriers(page) == []
    expect(page.get_by_role("main")).to_contain_text("Second shop")
    expect(page.get_by_role("main")).to_contain_text("570.00 EUR")
    page.get_by_role("link", name="Edit").click()
    assert barriers(page) == []
    page.get_by_label("Industry").fill("Lighting")
    page.get_by_label("Product or service 3").fill("Design")
    page.get_by_label("Amount 3").fill("12.5")
    page.get_by_label("Currency 3").fill("EUR")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    expect(page.get_by_role("main")).to_contain_text("12.50 EUR")
    page.get_by_label("Part in the purchase").first.select_option("champion")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_label("Part in the purchase").first).to_have_value("champion")
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("heading", name="Also this company")).to_be_visible()
    page.get_by_role("button", name="Part again").click()
    expect(page.get_by_role("heading", name="The same company?")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "fa"])
def test_an_account_reads_on_a_telephone_and_from_right_to_left(
    stage: Served, visit: Opened, language: str
) -> None:
    """Dark; nothing is wider than the screen."""
    lumbre = settle(stage)["lumbre"]
    page = signed_in(stage, visit, color_scheme="dark", viewport={"width": 360, "height": 740})
    page.goto(f"{stage.url}/console/accounts/{lumbre}?lang={language}")
    for place in (f"/accounts/{lumbre}", f"/accounts/{lumbre}/edit", "/accounts"):
        page.goto(f"{stage.url}/console{place}")
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_leads_are_found_by_tag(stage: Served, visit: Opened) -> None:
    """The list of leads takes the filter."""
    settle(stage)
    page = signed_in(stage, visit)
    page.goto(f"{stage.url}/console/leads?tag=reseller")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("main")).to_contain_text("Pedro Solana")
