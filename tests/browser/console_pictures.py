"""The pictures of the console in `docs/images/console/`: `python -m tests.browser.console_pictures`.

Names of pages after it take those alone: `python -m tests.browser.console_pictures leads`.
"""

import json
import sys
from typing import Any

from playwright.sync_api import Page, sync_playwright

from local.backend import ROOT
from tests.browser import requests_of_law
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.deals import deals
from tests.browser.files import drop
from tests.browser.past import past
from tests.browser.people import ENDPOINT, settle
from tests.browser.serve import served

IMAGES = ROOT / "docs" / "images" / "console"
# By picture: the page's address and what is otherwise than usual. `{ana}` is a lead's id.
SHOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "leads": ("/leads", {}),
    "leads-dark": ("/leads", {"color_scheme": "dark"}),
    "leads-fa": ("/leads?lang=fa", {}),
    "lead": ("/leads/{ana}", {}),
    "lead-fa": ("/leads/{ana}?lang=fa", {}),
    "lead-dark": ("/leads/{ana}", {"color_scheme": "dark"}),
    "lead-edit": ("/leads/{ana}/edit", {}),
    "lead-new": ("/leads/new", {}),
    "duplicates": ("/duplicates", {}),
    "compare": ("/duplicates/{ana}?with={other}", {}),
    "submissions": ("/submissions", {}),
    "submission": ("/submissions/{spam}", {}),
    "first-steps": ("/first-steps", {}),
    "sign-in": ("/sign-in", {"viewport": {"width": 760, "height": 620}}),
    "leads-telephone": ("/leads", {"viewport": {"width": 390, "height": 844}}),
    "imports-new": ("/imports/new", {}),
    "forms": ("/forms", {}),
    "form": ("/forms/contact", {}),
    "endpoints": ("/endpoints", {}),
    "endpoints-fa": ("/endpoints?lang=fa", {"color_scheme": "dark"}),
    "endpoints-one": (f"/endpoints/{ENDPOINT}", {}),
    "endpoints-one-fa": (f"/endpoints/{ENDPOINT}?lang=fa", {"color_scheme": "dark"}),
    "suppressions": ("/suppressions", {}),
    "exports": ("/exports", {}),
    "fields": ("/fields", {}),
    "mappings": ("/mappings", {}),
    "opportunities": ("/opportunities", {}),
    "opportunities-fa": ("/opportunities?lang=fa", {"color_scheme": "dark"}),
    "opportunities-list": ("/opportunities?view=list", {}),
    "opportunities-one": ("/opportunities/{deal}", {}),
    "opportunities-new": ("/opportunities/new?lead={ana}", {}),
    "opportunities-telephone": ("/opportunities", {"viewport": {"width": 390, "height": 844}}),
    "sale": ("/sale/{ana}", {}),
    "forecast": ("/forecast", {}),
    "forecast-dark": ("/forecast?lang=fa", {"color_scheme": "dark"}),
    "stages": ("/stages", {}),
    "segments": ("/segments", {}),
    "campaigns": ("/campaigns", {}),
    "campaigns-one": ("/campaigns/spring", {}),
    "campaigns-fa": ("/campaigns/spring?lang=fa&view=done", {"color_scheme": "dark"}),
    "keys-new": ("/keys/new", {}),
    "keys-made": ("/keys/new", {}),
    "keys-one": ("/keys", {}),
    "keys": ("/keys", {}),
    "keys-fa": ("/keys/new?lang=fa", {"color_scheme": "dark"}),
    "accounts": ("/accounts", {}),
    "accounts-one": ("/accounts/{lumbre}", {}),
    "accounts-edit": ("/accounts/{lumbre}/edit", {}),
    "accounts-fa": ("/accounts/{lumbre}?lang=fa", {"color_scheme": "dark"}),
    "accounts-telephone": ("/accounts/{lumbre}", {"viewport": {"width": 390, "height": 844}}),
    "access": ("/access", {}),
    "access-fa": ("/access?lang=fa", {}),
    "erasures": ("/erasures", {}),
    "erasures-one": ("/erasures/{erased}", {}),
    "erasures-certificate-fa": ("/erasures/{erased}/certificate?in=fa", {}),
    "purges": ("/purges", {}),
    "purges-one": ("/purges/{purge}", {}),
    "purges-fa": ("/purges/{purge}?lang=fa", {"color_scheme": "dark"}),
    "retention": ("/retention", {}),
    "retention-telephone": ("/retention", {"viewport": {"width": 390, "height": 844}}),
    "access-telephone": ("/access", {"viewport": {"width": 390, "height": 844}}),
    # The last, for which the stage gets a past.
    "overview": ("", {}),
    "overview-dark": ("?days=90", {"color_scheme": "dark"}),
    "overview-fa": ("?lang=fa", {}),
    "overview-telephone": ("?lang=en", {"viewport": {"width": 390, "height": 844}}),
}
# Of a stage into which files were dropped.
FILED: dict[str, tuple[str, dict[str, Any]]] = {
    "bundles": ("/bundles/{bundle}", {}),
    "imports-list": ("/imports", {}),
    "imports-review": ("/imports/{review}", {}),
    "imports-review-fa": ("/imports/{review}?lang=fa", {"color_scheme": "dark"}),
    "imports-done": ("/imports/{imported}", {}),
    "imports-undone": ("/imports/{taken_back}", {}),
}
SHOWN |= FILED


def _make_key(page: Page) -> None:
    page.fill("#f-label", "The shop's importer")
    page.check("input[value=ingest]")
    page.click("main button.button:not(.plain)")
    page.wait_for_selector("#secret")


def _look_at_key(page: Page) -> None:
    page.click("tbody a >> nth=0")
    page.wait_for_selector("dl.facts")


def _try(page: Page) -> None:
    body = {"email": "Eva.Lopez@Lumbre.example ", "first_name": "Eva", "phone": "612 345 999"}
    page.fill("#f-headers", "Content-Type: application/json")
    page.fill("#f-body", json.dumps({**body, "seat": "B12"}, indent=2))
    page.click("form[action*='/try'] button")
    page.wait_for_selector("#trial")


def _wait_for_form(page: Page) -> None:
    page.frame_locator("iframe.preview").locator("button[type=submit]").wait_for()


# What is done on a page before its picture is taken.
DONE: dict[str, Any] = {
    "form": _wait_for_form,
    "endpoints-one": _try,
    "endpoints-one-fa": _try,
    "keys-made": _make_key,
    "keys-one": _look_at_key,
}


def main() -> None:
    """Take them anew."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    asked = sys.argv[1:]
    names = [n for n in SHOWN if not asked or any(n.startswith(each) for each in asked)]
    # Hundreds of rows would hide everything else on the other pages: they have a stage of their own.
    _take_all([name for name in names if name not in FILED])
    _take_all([name for name in names if name in FILED])


def _take_all(names: list[str]) -> None:
    if not names:
        return
    with served() as stage, sync_playwright() as playwright:
        people = settle(stage)
        people |= requests_of_law.ask(stage)
        people |= deals(stage, people["ana"], people["other"])
        if names[0] in FILED:
            people |= drop(stage, people["ana"])
        aged = False
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name in names:
            place, wishes = SHOWN[name]
            if name.startswith("overview") and not aged:
                past(stage)
                aged = True
            settings = {"viewport": {"width": 1280, "height": 860}, "locale": "en-GB", **wishes}
            context = browser.new_context(**settings, timezone_id="Europe/Madrid")
            _take(context.new_page(), stage.url, place.format(**people), name, people["key"])
            context.close()
        browser.close()


def _take(page: Page, url: str, place: str, name: str, key: str) -> None:
    page.goto(f"{url}/console/sign-in")
    if name != "sign-in":
        page.fill("#key", key)
        page.click("main button")
        page.goto(f"{url}/console{place}")
    if done := DONE.get(name):
        done(page)
    # The log of a settled stage is long; its first screen says all.
    whole = not name.startswith("access")
    page.screenshot(path=IMAGES / f"{name}.png", full_page=whole)


if __name__ == "__main__":
    main()
