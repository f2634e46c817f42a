"""A real browser, and the product that it visits; skipped, saying so, where there is no browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.serve import Served, served

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or ""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A proof of work takes a second, and many where the machine has other things to do.
PATIENCE_MS = 40_000
expect.set_options(timeout=PATIENCE_MS)
# Every request that is refused or fails is also a line in the console, whatever the page does.
EXPECTED = ("Failed to load resource: the server responded with a status of ", "net::ERR_")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no chromium here: `make browser` installs it, or CHROMIUM names one")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def stage() -> Iterator[Served]:
    with served() as stage:
        yield stage


Opened = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser) -> Iterator[Opened]:
    """Open an address as a new visitor; afterwards the console must hold no error."""
    contexts, errors = [], []

    def opened(address: str, referer: str = "", **settings: Any) -> Page:
        context = browser.new_context(**{"locale": "en-GB", **settings})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda said: (
                errors.append(said.text)
                if said.type == "error" and not any(each in said.text for each in EXPECTED)
                else None
            ),
        )
        page.goto(address, referer=referer or None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []
