"""A file at the console of the running product: dropped, mapped, tried, committed, taken back."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.at_console import barriers
from tests.browser.conftest import Opened
from tests.road.stage import Stage

pytestmark = [pytest.mark.aws, pytest.mark.slow]
ROWS = "Correo,Nombre,Zzz\n" + "".join(f"p{n}@example.org,Ana,Lugo\n" for n in range(300))
PATIENCE = 60_000


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("console"))
    made.start()
    yield made
    made.machine.stop()


def status(page: Page, code: str) -> None:
    """Wait until the page shows a status, as it follows the import by itself."""
    expect(page.locator(f"h1 .b-{code}")).to_be_visible(timeout=PATIENCE)


def test_from_the_file_to_the_leads_and_back(running: Stage, visit: Opened) -> None:
    """All by mouse and keyboard; the page shows each step as it happens."""
    page = visit(f"{running.machine.url}/console/imports/new")
    page.fill("#key", running.machine.environment()["INLET_KEY"])
    page.keyboard.press("Enter")
    file: Any = {"name": "feria.csv", "mimeType": "text/csv", "buffer": (ROWS + "bad@,\n").encode()}
    page.set_input_files("#f-file", files=[file])
    expect(page.locator("#chosen")).to_contain_text("feria.csv")
    page.fill("#f-source", "feria")
    page.get_by_role("button", name="Send the file").click()
    status(page, "review")
    assert barriers(page) == []
    expect(page.locator("main")).to_contain_text("New leads: 300")
    page.locator("tr", has_text="Zzz").locator("select").select_option("city")
    page.get_by_role("button", name="Try it with these fields").click()
    page.wait_for_url("**said=done_again*")
    status(page, "review")
    page.get_by_role("button", name="Commit it").click()
    status(page, "done")
    assert barriers(page) == []
    lead = running.lead(email="p7@example.org")
    assert lead["values"]["city"] == "Lugo"
    assert lead["first_touch"]["name"] == "feria"
    with page.expect_download() as mended:
        page.get_by_role("link", name="Download the rows to mend").click()
    assert mended.value.suggested_filename == "errors.csv"
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Undo this import").first.click()
    status(page, "undone")
    assert running.api("GET", "/leads").json["items"] == []
    assert running.balanced()
    page.goto(f"{running.machine.url}/console/imports?lang=fa")
    expect(page.locator("tbody tr")).to_have_count(2)
    assert barriers(page) == []
