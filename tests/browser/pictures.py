"""The pictures of the hosted page in `docs/images/`: `python -m tests.browser.pictures`."""

import json
from typing import Any

from playwright.sync_api import sync_playwright

from local.backend import ROOT
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.serve import served

IMAGES = ROOT / "docs" / "images"
SHOWN: dict[str, dict[str, Any]] = {
    "form-light": {},
    "form-dark": {"color_scheme": "dark"},
    "form-rtl": {"language": "fa"},
    "form-errors": {"mistakes": True},
    "form-telephone": {"viewport": {"width": 360, "height": 740}},
}


def main() -> None:
    """Take each of them anew."""
    IMAGES.mkdir(exist_ok=True)
    document = json.loads((ROOT / "docs" / "forms" / "event.json").read_text())
    with served() as stage, sync_playwright() as playwright:
        stage.put_form("event", document)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, wishes in SHOWN.items():
            settings = {"viewport": {"width": 760, "height": 900}, "locale": "en-GB", **wishes}
            language, mistakes = settings.pop("language", "en"), settings.pop("mistakes", False)
            page = browser.new_context(**settings).new_page()
            page.goto(f"{stage.url}/forms/event?lang={language}")
            if mistakes:
                page.fill("[name=email]", "ana@example")
                page.fill("[name=guests]", "two or three")
                page.click("button[type=submit]")
                page.wait_for_selector(".inlet-error")
            page.screenshot(path=IMAGES / f"{name}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main()
