"""Sales in a real browser: a deal from the form over the board to the forecast."""

from playwright.sync_api import expect

from tests.browser.at_console import barriers, signed_in
from tests.browser.conftest import Opened
from tests.browser.deals import deals
from tests.browser.people import settle
from tests.browser.serve import Served


def test_a_lead_becomes_a_deal_and_is_won(stage: Served, visit: Opened) -> None:
    """Convert, move on by the board, win; the forecast shows it. Nothing keeps anybody out."""
    people = settle(stage)
    deals(stage, people["ana"], people["other"])
    page = signed_in(stage, visit)
    page.goto(f"{stage.url}/console/leads/{people['ana']}")
    page.get_by_role("link", name="Sale", exact=True).click()
    assert barriers(page) == []
    page.get_by_role("link", name="Convert to an opportunity").click()
    assert barriers(page) == []
    page.fill("#f-name", "Lights for the shop")
    page.fill("#f-amount", "1200.50")
    page.fill("#f-currency", "EUR")
    page.select_option("#f-stage", "contacted")
    page.click("main form button.button")
    expect(page.get_by_role("status")).to_contain_text("The opportunity is there")
    assert barriers(page) == []
    page.goto(f"{stage.url}/console/opportunities")
    assert barriers(page) == []
    card = page.locator("article.deal", has_text="Lights for the shop")
    card.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("Moved on")
    lane = page.locator("section.lane", has_text="Qualified")
    lane.get_by_role("link", name="Lights for the shop").click()
    page.get_by_role("button", name="Mark as won").click()
    expect(page.locator(".head .badge")).to_have_text("Won")
    page.goto(f"{stage.url}/console/forecast")
    assert barriers(page) == []
    expect(page.locator("svg.chart .bar-won")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("Won, by first touch")


def test_stages_and_segments_keep_nobody_out(stage: Served, visit: Opened) -> None:
    """With people and segments there; a segment leads to its leads."""
    people = settle(stage)
    deals(stage, people["ana"], people["other"])
    page = signed_in(stage, visit, color_scheme="dark")
    page.goto(f"{stage.url}/console/stages?lang=fa")
    assert barriers(page) == []
    page.goto(f"{stage.url}/console/segments?lang=en")
    assert barriers(page) == []
    page.get_by_role("link", name="Fair leads").click()
    expect(page.get_by_role("link", name="Pedro Solana")).to_be_visible()


def test_a_campaign_is_made_and_shows_whom_it_brought(stage: Served, visit: Opened) -> None:
    """By keyboard and mouse; what is noted on a lead's sales page stands under it."""
    people = settle(stage)
    page = signed_in(stage, visit)
    page.get_by_role("link", name="Campaigns").click()
    page.get_by_label("Name in addresses").fill("spring")
    page.get_by_label("Shown as").fill("Spring lights")
    page.get_by_label("Sources in which it runs").fill("contact")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring lights")
    expect(page.get_by_role("link", name="Ana Romero")).to_be_visible()
    assert barriers(page) == []
    page.goto(f"{stage.url}/console/sale/{people['ana']}")
    page.get_by_label("For the campaign").fill("spring")
    page.get_by_label("Note", exact=True).fill("Wants an offer")
    page.get_by_role("button", name="Note it").click()
    page.goto(f"{stage.url}/console/campaigns/spring?lang=fa&view=done")
    expect(page.get_by_text("Wants an offer")).to_be_visible()
    assert barriers(page) == []
