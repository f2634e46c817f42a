"""The dashboard in a real browser, with some weeks of a past."""

import pytest
from playwright.sync_api import expect

from tests.browser.at_console import barriers, signed_in
from tests.browser.conftest import Opened
from tests.browser.past import past
from tests.browser.serve import Served


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("fa", "dark")])
def test_the_dashboard_is_read_by_everybody(
    stage: Served, visit: Opened, language: str, scheme: str
) -> None:
    """With a keyboard, a reader, on a telephone, from right to left; nothing hangs out."""
    past(stage, days=12)
    page = signed_in(stage, visit, color_scheme=scheme, viewport={"width": 390, "height": 800})
    page.goto(f"{stage.url}/console?lang={language}")
    assert barriers(page) == []
    chart = page.locator("svg.columns")
    expect(chart).to_be_visible()
    box = chart.bounding_box()
    assert box
    assert box["width"] > 200
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    assert chart.locator("rect").count() > 12


def test_a_span_is_chosen_and_the_table_opened(stage: Served, visit: Opened) -> None:
    """The table behind the picture says the same numbers."""
    past(stage, days=12)
    page = signed_in(stage, visit)
    page.goto(f"{stage.url}/console")
    shown = page.locator(".tiles .figure").first.inner_text()
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    assert page.locator(".tiles .figure").first.inner_text() != shown
    page.get_by_text("Show as a table").click()
    table = page.get_by_role("region", name="New leads by day and channel").get_by_role("table")
    totals = table.locator("tbody tr td:last-child").all_inner_texts()
    assert sum(map(int, totals)) == int(page.locator(".tiles .figure").first.inner_text())
    page.get_by_role("link", name="contact", exact=True).click()
    expect(page).to_have_url(f"{stage.url}/console/leads?source=contact")
