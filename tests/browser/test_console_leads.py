"""The main ways of working with leads, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.at_console import barriers, barriers_by_day_and_night, signed_in
from tests.browser.conftest import Opened
from tests.browser.people import settle
from tests.browser.serve import Served
from tests.console.people import person, post, release, work

PLACES = [
    "", "/leads", "/leads?q=ana", "/leads?q=a@", "/leads/{ana}", "/leads/{ana}/edit", "/leads/new",
    "/duplicates", "/duplicates/{ana}?with={other}", "/submissions", "/submissions/{spam}",
    "/first-steps", "/leads/none",
]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "fa"])
def test_pages_with_people_on_them_keep_nobody_out(
    stage: Served, visit: Opened, language: str
) -> None:
    """Nothing serious by axe with everything opened, and nothing wider than the window."""
    people = settle(stage)
    page = signed_in(stage, visit)
    page.goto(f"{stage.url}/console?lang={language}")
    for place in PLACES:
        page.goto(f"{stage.url}/console{place.format(**people)}")
        page.evaluate(
            "document.querySelectorAll('main details').forEach((e) => { e.open = true; })"
        )
        assert barriers_by_day_and_night(page) == [], place
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, place


def test_a_lead_is_found_and_corrected(stage: Served, visit: Opened) -> None:
    """By typing part of a name; the time stands in the reader's zone."""
    settle(stage)
    page = signed_in(stage, visit, timezone_id="Asia/Tokyo")
    page.goto(f"{stage.url}/console/leads")
    page.get_by_role("searchbox").fill("mir")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Miriam Keller").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Miriam Keller")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Company").fill("Keller Licht")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    page.get_by_text("Why? Company").click()
    expect(page.locator("details[open]").get_by_text("given by the person")).to_be_visible()
    assert stage.person("m.keller@keller-licht.example")["company"] == "Keller Licht"


def test_two_are_merged_with_a_choice_and_parted_again(stage: Served, visit: Opened) -> None:
    """From the list of pairs to one lead and back to two."""
    settle(stage)
    page = signed_in(stage, visit)
    page.get_by_role("link", name="Duplicates", exact=True).click()
    page.get_by_role("link", name="Compare").click()
    page.get_by_label("Lumbre Iluminación (Company)").check()
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("status")).to_contain_text("one person now")
    both = [person(stage, f"{each}.example")["id"] for each in ("ana.romero@lumbre", "ana@romero")]
    assert both[0] == both[1]
    assert person(stage, "ana@romero.example")["values"]["company"] == "Lumbre Iluminación"
    page.get_by_text("These are two people").click()
    page.get_by_label("ana@romero.example").check()
    page.locator("#unmerge ~ details button").click()
    expect(page.get_by_role("status")).to_contain_text("two people now")
    page.get_by_role("link", name="Open the other person").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Romero")
    assert stage.balance() == []


def test_spam_is_let_through(stage: Served, visit: Opened) -> None:
    """Ticked in the list, all at once."""
    settle(stage)
    page = signed_in(stage, visit)
    page.goto(f"{stage.url}/console/submissions?fate=spam")
    page.get_by_label("All on this page").check()
    page.get_by_role("button", name="Let the ticked ones through").click()
    expect(page.get_by_role("status")).to_contain_text("let through")
    assert person(stage, "paula.nunes@casa.example")


def test_a_lead_is_entered_with_a_warning_first(stage: Served, visit: Opened) -> None:
    """Who is known already is shown; said to be somebody else, it is stored."""
    settle(stage)
    page = signed_in(stage, visit)
    page.goto(f"{stage.url}/console/leads")
    page.get_by_role("link", name="New lead").click()
    page.get_by_label("E-mail").fill("joao@outra.example")
    page.get_by_label("First name").fill("João")
    page.get_by_label("Last name").fill("Pires")
    page.get_by_role("button", name="Store the lead").click()
    expect(page.get_by_role("alert")).to_contain_text("the same name")
    page.get_by_label("Store it all the same").check()
    page.get_by_role("button", name="Store the lead").click()
    expect(page.get_by_role("status")).to_contain_text("stored")


def test_a_person_is_erased_by_typing_the_word(stage: Served, visit: Opened) -> None:
    """In the reader's own language, right to left; the page follows it up to its certificate."""
    people = settle(stage)
    page = signed_in(stage, visit)
    page.goto(f"{stage.url}/console/leads/{people['ana']}?lang=fa")
    page.locator("#erase ~ details summary").click()
    page.locator("#f-word").fill("پاک")
    page.locator("#erase ~ details button").click()
    expect(page.get_by_text("گواهی در پایان همین‌جاست")).to_be_visible()
    assert barriers(page) == []
    assert "ana.romero@lumbre.example" not in page.content()
    work(stage)
    page.get_by_role("link", name="گواهی", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("گواهی حذف اطلاعات")


def test_a_company_is_found_in_the_box(stage: Served, visit: Opened) -> None:
    """With its people, from where one click leads to either."""
    settle(stage)
    page = signed_in(stage, visit)
    page.goto(f"{stage.url}/console/leads")
    page.get_by_role("searchbox").fill("verde")
    page.keyboard.press("Enter")
    card = page.get_by_role("region", name="Companies")
    expect(card.get_by_role("link", name="João Pires")).to_be_visible()
    assert barriers(page) == []
    card.get_by_role("link", name="Verde & Filhos").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Verde & Filhos")


def test_script_in_a_lead_runs_nowhere(stage: Served, visit: Opened) -> None:
    """Stored by a form, shown as text, forbidden by the policy besides."""
    bad = '"><img src=x onerror="document.title=1"><script>document.title=1</script>'
    post(stage, email="x@example.org", first_name=bad, company=bad, message=bad)
    release(stage, "spam")
    lead = person(stage, "x@example.org")["id"]
    page = signed_in(stage, visit)
    for place in ("", "/leads", f"/leads/{lead}", f"/leads/{lead}/edit", "/submissions"):
        page.goto(f"{stage.url}/console{place}")
        assert page.title() != "1"
        assert page.locator("main img, main script").count() == 0
    expect(page.locator("body")).to_contain_text("onerror")


def test_it_works_without_javascript(stage: Served, visit: Opened) -> None:
    """Found, opened, corrected: all of it is links and forms."""
    settle(stage)
    page: Page = signed_in(stage, visit, java_script_enabled=False)
    page.goto(f"{stage.url}/console/leads?q=pedro")
    page.get_by_role("link", name="Pedro Solana").click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("City").fill("Cádiz")
    page.get_by_role("button", name="Save").click()
    assert person(stage, "pedro@solana.example")["values"]["city"] == "Cádiz"
