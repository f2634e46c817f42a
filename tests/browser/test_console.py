"""The console in a real browser: signing in, every page for everybody, right to left."""

import pytest
from playwright.sync_api import expect

from chalicelib.admin.console import menu
from tests.browser.at_console import barriers, barriers_by_day_and_night, signed_in
from tests.browser.conftest import Opened
from tests.browser.serve import Served

PLACES = [
    "" if name == menu.HOME else "/" + name.replace("_", "-")
    for name in menu.PAGES.names()
    if "GET" in menu.PAGES.get(name).PAGE.views
]


def test_signing_in_and_out(stage: Served, visit: Opened) -> None:
    """A wrong key is told so; a good one leads in; the way out shuts the door."""
    page = visit(f"{stage.url}/console/leads")
    assert barriers(page) == []
    page.fill("#key", "inlet_wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("not known here")
    page = signed_in(stage, visit)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.locator(".who summary").last.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("#key")).to_be_focused()
    page.go_back()
    page.reload()
    expect(page.locator("#key")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "fa"])
def test_no_page_keeps_anybody_out(stage: Served, visit: Opened, language: str) -> None:
    """Nothing serious by axe, light and dark, left to right and right to left; nothing overflows."""
    page = signed_in(stage, visit)
    for place in PLACES:
        page.goto(f"{stage.url}/console{place}?lang={language}")
        direction = "rtl" if language == "fa" else "ltr"
        expect(page.locator("html")).to_have_attribute("dir", direction)
        assert barriers_by_day_and_night(page) == [], place
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, place


def test_a_telephone_shows_every_page(stage: Served, visit: Opened) -> None:
    """Nothing wider than the screen."""
    page = signed_in(stage, visit, viewport={"width": 360, "height": 740})
    for place in PLACES:
        page.goto(f"{stage.url}/console{place}")
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, place


def test_the_keyboard_reaches_everything(stage: Served, visit: Opened) -> None:
    """The first stop skips the menu, and every stop can be seen."""
    page = signed_in(stage, visit)
    page.goto(f"{stage.url}/console/leads")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
