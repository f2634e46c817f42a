"""The hosted page in a real browser: with JavaScript and without, in both directions."""

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from chalicelib.intake.demo_form import DEMO_FORM
from chalicelib.ports import Answer
from tests.browser.conftest import Opened
from tests.browser.serve import Served
from tests.live import BUCKET_URL

PDF = b"%PDF-1.7 a small one"
FILE = "input[type=file]"
SEND = "button[type=submit]"


def fill(page: Page, **fields: str) -> Page:
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    return page


THANKS = {"en": ("ltr", "Thank you"), "fa": ("rtl", "سپاسگزاریم")}


@pytest.mark.parametrize("language", THANKS)
@pytest.mark.parametrize("script", [True, False])
def test_a_person_fills_it_in(stage: Served, visit: Opened, language: str, script: bool) -> None:
    """In English and in Persian, with JavaScript and without: stored, and thanked."""
    direction, thanks = THANKS[language]
    page = visit(f"{stage.url}/forms/contact?lang={language}", java_script_enabled=script)
    expect(page.locator("html")).to_have_attribute("dir", direction)
    fill(page, email="ana@example.org", phone="600 123 456", message="سلام").check("[name=consent]")
    page.click(SEND)
    expect(page.locator("h1")).to_have_text(thanks)
    assert (
        stage.person("ana@example.org").items()
        >= {
            "email": "ana@example.org",
            "phone": "+34600123456",
            "message": "سلام",
            "consent": "true",
        }.items()
    )
    page.click("main a")
    expect(page.locator("html")).to_have_attribute("lang", language)


@pytest.mark.parametrize("script", [True, False])
def test_mistakes_are_shown_beside_the_fields_and_corrected(
    stage: Served, visit: Opened, script: bool
) -> None:
    """The first wrong field has the focus and names its error; what was typed is still there."""
    page = visit(f"{stage.url}/forms/contact", java_script_enabled=script)
    fill(page, email="nobody", phone="12", first_name="Ana").click(SEND)
    email = page.locator("[name=email]")
    expect(email).to_be_focused()
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description(
        "This does not look like a valid e-mail address. Please check it."
    )
    expect(page.locator(".inlet-summary a")).to_have_count(2)
    page.click(".inlet-summary a >> nth=1")
    expect(page.locator("[name=phone]")).to_be_focused()
    expect(page.locator("[name=first_name]")).to_have_value("Ana")
    fill(page, email="ana@example.org", phone="600123456").click(SEND)
    expect(page.locator("h1")).to_have_text("Thank you")
    assert stage.fates() == ["created", "rejected"]


@pytest.mark.parametrize("script", [True, False])
def test_the_first_mistake_is_the_one_that_stands_first(
    stage: Served, visit: Opened, script: bool
) -> None:
    """In the order of the page, whichever was noticed first."""
    page = visit(f"{stage.url}/forms/contact", java_script_enabled=script)
    fill(page, phone="12").click(SEND)
    expect(page.locator("[name=email]")).to_be_focused()
    expect(page.locator(".inlet-summary a").first).to_have_text("Please fill in “E-mail”.")


@pytest.mark.parametrize("script", [True, False])
def test_a_mistyped_address_is_one_click_away_from_right(
    stage: Served, visit: Opened, script: bool
) -> None:
    """The button beside the error puts the suggestion in place and sends the form."""
    stage.put_form("contact", {"policies": {"email": "block"}})
    page = visit(f"{stage.url}/forms/contact", java_script_enabled=script)
    fill(page, email="ana@gmial.com", first_name="Ana").click(SEND)
    page.get_by_role("button", name="Use ana@gmail.com").click()
    expect(page.locator("h1")).to_have_text("Thank you")
    assert stage.person("ana@gmail.com")["first_name"] == "Ana"


@pytest.mark.parametrize("script", [True, False])
def test_a_doubtful_address_is_asked_about_once(stage: Served, visit: Opened, script: bool) -> None:
    """A form that takes it asks first; whoever sends it again means it."""
    page = visit(f"{stage.url}/forms/contact", java_script_enabled=script)
    fill(page, email="ana@gmial.com").click(SEND)
    expect(page.get_by_role("button", name="Use ana@gmail.com")).to_be_visible()
    assert stage.fates() == []
    page.click(f"{SEND} >> nth=-1")
    expect(page.locator("h1")).to_have_text("Thank you")
    assert stage.person("ana@gmial.com")


@pytest.mark.parametrize("script", [True, False])
def test_the_enter_key_sends_what_is_typed(stage: Served, visit: Opened, script: bool) -> None:
    """A suggestion is taken by its own button only."""
    page = visit(f"{stage.url}/forms/contact", java_script_enabled=script)
    fill(page, email="ana@gmial.com").press("[name=email]", "Enter")
    expect(page.get_by_role("button", name="Use ana@gmail.com")).to_be_visible()
    fill(page, email="ana@example.org").press("[name=email]", "Enter")
    expect(page.locator("h1")).to_have_text("Thank you")
    assert stage.person("ana@example.org")


@pytest.mark.parametrize("script", [True, False])
def test_a_double_click_is_one_submission(stage: Served, visit: Opened, script: bool) -> None:
    """Impatience changes nothing."""
    page = visit(f"{stage.url}/forms/contact", java_script_enabled=script)
    fill(page, email="ana@example.org").dblclick(SEND)
    expect(page.locator("h1")).to_have_text("Thank you")
    assert stage.fates() == ["created"]


def test_going_back_and_sending_again_is_a_repetition(stage: Served, visit: Opened) -> None:
    """The same content from the same tab has the same key; a change makes it another submission."""
    page = visit(f"{stage.url}/forms/contact")
    for _ in range(2):
        fill(page, email="ana@example.org", first_name="Ana").click(SEND)
        expect(page.locator("h1")).to_have_text("Thank you")
        page.go_back()
    (touch,) = stage.stored.touches.values()
    assert touch.repeats == 1
    fill(page, email="ana@example.org", first_name="Anna").click(SEND)
    expect(page.locator("h1")).to_have_text("Thank you")
    assert stage.fates() == ["created", "merged"]


def test_going_back_without_javascript_makes_nobody_twice(stage: Served, visit: Opened) -> None:
    """The page is made anew, so it is a second submission of the same person: nothing changes."""
    page = visit(f"{stage.url}/forms/contact", java_script_enabled=False)
    for _ in range(2):
        fill(page, email="ana@example.org").click(SEND)
        expect(page.locator("h1")).to_have_text("Thank you")
        page.go_back()
    assert len(stage.stored.leads) == 1
    assert set(stage.fates()) <= {"created", "unchanged"}


def test_altcha_is_solved_while_the_form_is_filled_in(stage: Served, visit: Opened) -> None:
    """The proof of work is begun with the first field, and is as good as a person's patience."""
    stage.put_form("contact", {"captcha": {"service": "altcha"}})
    page = visit(f"{stage.url}/forms/contact")
    fill(page, email="ana@example.org").click(SEND)
    expect(page.locator("h1")).to_have_text("Thank you")
    assert stage.fates() == ["created"]


def test_without_javascript_the_proof_of_work_is_said_to_be_needed(
    stage: Served, visit: Opened
) -> None:
    """Before anything is filled in for nothing."""
    stage.put_form("contact", {"captcha": {"service": "altcha"}})
    page = visit(f"{stage.url}/forms/contact", java_script_enabled=False)
    expect(page.locator(".inlet-note")).to_contain_text("needs JavaScript")


WIDGET = """
for (const box of document.querySelectorAll(".cf-turnstile")) {
  const answer = Object.assign(document.createElement("input"), { type: "hidden" });
  answer.name = "cf-turnstile-response";
  answer.value = `solved for ${box.dataset.sitekey}`;
  box.append(answer);
}
"""


@pytest.mark.parametrize(("status", "body"), [(200, b'{"success": true}'), (500, b"")])
def test_a_captcha_of_others_is_shown_and_stood_in_for_while_it_is_down(
    stage: Served, visit: Opened, status: int, body: bytes
) -> None:
    """The policy lets in its script; where it cannot be asked, a proof of work does instead."""
    captcha = {"service": "turnstile", "site_key": "site", "secret": "hush", "outage": "degrade"}
    stage.put_form("contact", {"captcha": captcha})
    stage.send.answer = Answer(status, body)
    page = visit("about:blank")
    page.route("https://challenges.cloudflare.com/**", lambda route: route.fulfill(body=WIDGET))
    page.goto(f"{stage.url}/forms/contact")
    fill(page, email="ana@example.org").click(SEND)
    expect(page.locator("h1")).to_have_text("Thank you")
    assert stage.fates() == ["created"]
    assert "solved for site" in str(stage.send.asked[0].body)


@pytest.mark.parametrize(("status", "fate"), [(500, "created"), (200, "quarantined")])
def test_where_the_script_of_a_captcha_does_not_come_a_proof_of_work_does(
    stage: Served, visit: Opened, status: int, fate: str
) -> None:
    """Down altogether: taken. Only kept from this visitor: taken as well, for a person to look at."""
    captcha = {"service": "turnstile", "site_key": "site", "secret": "hush", "outage": "degrade"}
    stage.put_form("contact", {"captcha": captcha})
    stage.send.answer = Answer(status, b'{"success": false}')
    page = visit("about:blank")
    page.route("https://challenges.cloudflare.com/**", lambda route: route.abort())
    page.goto(f"{stage.url}/forms/contact")
    fill(page, email="ana@example.org").click(SEND)
    expect(page.locator("h1")).to_have_text("Thank you")
    assert stage.fates() == [fate]


@pytest.mark.parametrize("script", [True, False])
def test_a_file_is_sent_with_the_form(stage: Served, visit: Opened, script: bool) -> None:
    """Straight to the bucket, or without JavaScript with the post; kept while an error is mended."""
    cv = {"type": "file", "accept": ["pdf"], "required": True}
    stage.put_form("contact", {"fields": {**DEMO_FORM["fields"], "cv": cv}})
    page = visit("about:blank", java_script_enabled=script)
    page.route(f"{BUCKET_URL}**", lambda route: into_the_bucket(stage, route))
    page.goto(f"{stage.url}/forms/contact")
    page.set_input_files(FILE, {"name": "cv.html", "mimeType": "text/html", "buffer": PDF})
    fill(page, email="nobody").click(SEND)
    expect(page.locator(".inlet-error").first).to_contain_text("does not take this kind of file")
    page.set_input_files(FILE, {"name": "cv.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.click(SEND)
    expect(page.locator("#contact-email-error")).to_be_visible()
    fill(page, email="ana@example.org").click(SEND)
    expect(page.locator("h1")).to_have_text("Thank you")
    key = stage.person("ana@example.org")["cv"]
    assert stage.files.held[key] == PDF
    assert sum(name.startswith("uploads/") for name in stage.files.held) == 1


def into_the_bucket(stage: Served, route: Route) -> None:
    """What S3 does with a presigned post."""
    body = route.request.post_data_buffer or b""
    key = body.split(b'name="key"\r\n\r\n')[1].split(b"\r\n")[0].decode()
    content = body.split(b'name="file"')[1].split(b"\r\n\r\n")[1].split(b"\r\n--")[0]
    stage.files.held[key] = content
    route.fulfill(status=204, headers={"Access-Control-Allow-Origin": "*"})


def test_the_form_may_send_on_to_another_site(stage: Served, visit: Opened) -> None:
    """The redirect of the definition is followed, with JavaScript and without."""
    stage.pages["/done"] = "<h1>Welcome to the shop</h1>"
    stage.put_form("contact", {"redirect": f"{stage.shop}/done"})
    for script in (True, False):
        page = visit(f"{stage.url}/forms/contact", java_script_enabled=script)
        fill(page, email="ana@example.org").click(SEND)
        expect(page.locator("h1")).to_have_text("Welcome to the shop")


CONTRAST = """() => {
  const read = (text) => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
    canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const over = (top, under) => [0, 1, 2].map((i) => (top[i] * top[3] + under[i] * (255 - top[3])) / 255);
  const straight = (text) => { const c = read(text); const a = c[3] / 255; return [...[0, 1, 2].map((i) => c[i]), c[3], a]; };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const back = (element) => {
    const own = straight(getComputedStyle(element).backgroundColor);
    if (own[3] === 255 || !element.parentElement) return own.slice(0, 3);
    return over(own, back(element.parentElement));
  };
  const found = [];
  for (const element of document.querySelectorAll("h1, p, label, legend, a, button, input, li, span")) {
    if (!element.innerText && element.tagName !== "INPUT" || element.closest(".inlet-trap")) continue;
    const under = back(element), ink = over(straight(getComputedStyle(element).color), under);
    const [a, b] = [light(ink), light(under)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push([element.tagName, element.className, element.innerText, ratio]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out(stage: Served, visit: Opened, scheme: Any) -> None:
    """WCAG 2 AA: 4.5 to 1, in light and dark, errors and notes included."""
    page = visit(f"{stage.url}/forms/contact", color_scheme=scheme)
    fill(page, email="nobody").click(SEND)
    expect(page.locator(".inlet-error")).to_have_count(1)
    assert page.evaluate(CONTRAST) == []


def test_every_control_can_be_named_and_reached(stage: Served, visit: Opened) -> None:
    """With a keyboard alone: fields in their order, then the button; the trap is never met."""
    page = visit(f"{stage.url}/forms/contact")
    met = []
    for _ in range(8):
        page.keyboard.press("Tab")
        met.append(page.evaluate("document.activeElement.name || document.activeElement.type"))
    fields = ["email", "phone", "first_name", "last_name", "company", "message", "consent"]
    assert met == [*fields, "submit"]
    for label in ("E-mail", "Phone", "Message"):
        expect(page.get_by_label(label)).to_be_visible()
    page.focus("[name=email]")
    page.keyboard.type("ana@example.org")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Thank you")


def test_it_fits_a_telephone(stage: Served, visit: Opened) -> None:
    """No line of it is wider than the screen."""
    page = visit(f"{stage.url}/forms/contact", viewport={"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
