"""Somebody at the console in a real browser, and what keeps people out of a page."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from chalicelib.store.api_keys import ApiKeys
from tests.browser.conftest import Opened
from tests.browser.serve import Served

# WCAG 2.2 A and AA, and what axe's authors know beyond it.
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The rules of axe that ask for colours; all others find the same whatever the scheme.
_OF_COLOUR = ["color-contrast", "link-in-text-block"]


def signed_in(stage: Served, visit: Opened, role: str = "admin", **settings: Any) -> Page:
    """The console's first page, for somebody with a key of a role."""
    secret, _ = ApiKeys(stage.table, stage.live.outside.now).create(role, "Ana Romero")
    page = visit(f"{stage.url}/console", **settings)
    page.fill("#key", secret)
    page.click("main button")
    page.wait_for_selector("nav.side")
    return page


def barriers(page: Page) -> list[str]:
    """What axe finds serious or critical on a page."""
    options = {"runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations"]}
    return _serious(Axe().run(page, options=options).response)


def barriers_by_day_and_night(page: Page) -> list[str]:
    """The same on a page in light, and in dark what colours decide."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found = barriers(page)
    page.emulate_media(color_scheme="dark")
    options = {"runOnly": {"type": "rule", "values": _OF_COLOUR}, "resultTypes": ["violations"]}
    return found + _serious(page.evaluate("(options) => axe.run(options)", options))


def _serious(response: dict[str, Any]) -> list[str]:
    return [
        f"{each['id']}: {node['html'][:200]}"
        for each in response["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]
