"""Keys and the access log in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.at_console import barriers, signed_in
from tests.browser.conftest import Opened
from tests.browser.people import settle
from tests.browser.serve import Served


def test_a_key_is_made_used_rotated_and_revoked(stage: Served, visit: Opened) -> None:
    """Its secret signs somebody in; revoked, it does no more; what they did stands in the log."""
    page = signed_in(stage, visit)
    page.get_by_role("link", name="Keys").click()
    page.get_by_role("link", name="New key").click()
    assert barriers(page) == []
    page.get_by_label("Label").fill("The shop")
    page.get_by_role("radio", name="Editor").check()
    page.get_by_role("checkbox", name="leads").check()
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_role("status")).to_contain_text("is not shown again")
    assert barriers(page) == []
    secret = page.locator("#secret").inner_text()

    shop = visit(f"{stage.url}/console")
    shop.fill("#key", secret)
    shop.click("main button")
    shop.get_by_role("link", name="Leads").click()
    expect(shop.get_by_role("link", name="Keys")).to_have_count(0)

    page.get_by_role("link", name="To all keys").click()
    page.get_by_role("link", name="The shop").click()
    assert barriers(page) == []
    page.get_by_role("link", name="Its calls").click()
    expect(page.get_by_role("row").nth(1)).to_contain_text("GET /leads")
    page.go_back()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status")).to_contain_text("revoked")
    shop.reload()
    expect(shop.locator("#key")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_log_is_read_by_everybody_who_may(stage: Served, visit: Opened, language: str) -> None:
    """With people in it, dark and from right to left, on a telephone too."""
    ana = settle(stage)["ana"]
    page = signed_in(stage, visit, color_scheme="dark", viewport={"width": 360, "height": 740})
    page.goto(f"{stage.url}/console/leads?lang={language}")
    page.goto(f"{stage.url}/console/access")
    assert barriers(page) == []
    page.locator("details.more summary").first.click()
    assert page.locator("details.more a").count() > 1
    page.goto(f"{stage.url}/console/access?lead={ana}")
    expect(page.get_by_role("row")).not_to_have_count(1)
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
