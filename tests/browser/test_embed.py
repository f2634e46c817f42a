"""`embed.js` in a real browser, on pages of another site."""

import gzip
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from chalicelib.doors import front
from tests.browser.conftest import Opened
from tests.browser.serve import Served
from tests.live import asked

SEND = "button[type=submit]"
MOST_BYTES = 10_000
HEAD = '<!doctype html><html lang="{language}"><head><link rel="icon" href="data:,">{head}</head>'


def put(stage: Served, body: str, path: str = "/", language: str = "en", head: str = "") -> str:
    """A page of the shop; `TAG` stands for the address of the script."""
    tag = f"{stage.url}/forms/contact/embed.js"
    page = HEAD.format(language=language, head=head) + f"<body>{body}</body></html>"
    stage.pages[path] = page.replace("TAG", tag)
    return stage.shop + path


ONE_TAG = '<h1>Shop</h1><script src="TAG" async></script><p id="after">After</p>'


def sent(page: Page, text: str = "Thank you.") -> None:
    expect(page.locator(".inlet-thanks")).to_contain_text(text)


def test_one_tag_puts_the_form_where_it_stands(stage: Served, visit: Opened) -> None:
    """Rendered, sent, thanked and stored, from a page of another origin."""
    page = visit(put(stage, ONE_TAG))
    page.fill("[name=email]", "ana@example.org")
    assert page.evaluate(
        "document.querySelector('form').compareDocumentPosition(document.querySelector('#after')) & 4"
    )
    page.click(SEND)
    sent(page)
    expect(page.locator(".inlet-thanks")).to_be_focused()
    assert stage.person("ana@example.org")["email"] == "ana@example.org"


def test_it_renders_what_the_hosted_page_has(stage: Served, visit: Opened) -> None:
    """The same controls, in the page's language and direction, into the place that is named."""
    every = (
        "[...document.querySelectorAll('form label, form legend, form [name]:not([type=hidden])')]"
    )
    shape = every + ".map((e) => [e.tagName, e.id, e.name, e.type, e.innerText])"
    body = '<main id="here">old</main><script src="TAG" data-target="#here"></script>'
    page = visit(put(stage, body, language="fa-IR"))
    hosted = visit(f"{stage.url}/forms/contact?lang=fa")
    expect(page.locator("#here form")).to_have_attribute("dir", "rtl")
    assert page.evaluate(shape) == hosted.evaluate(shape)
    page.fill("[name=email]", "nobody")
    page.click(SEND)
    expect(page.locator(".inlet-error")).to_contain_text("ایمیل")


def test_a_form_that_is_there_is_looked_after(stage: Served, visit: Opened) -> None:
    """`<form data-inlet>` keeps its own look: errors beside its fields, mended, sent in place."""
    body = (
        '<form data-inlet action="nowhere"><label>Mail <input name="email"></label>'
        '<label for="p">Phone</label><input id="p" name="phone"><button>Go</button></form>'
        '<script src="TAG" async></script>'
    )
    page = visit(put(stage, body, language="es"))
    page.fill("[name=email]", "nobody")
    page.fill("[name=phone]", "12")
    page.click("text=Go")
    expect(page.locator(".inlet-error")).to_have_count(2)
    expect(page.locator("#p")).to_have_accessible_description(re.compile("teléfono"))
    expect(page.locator("[name=email]")).to_be_focused()
    page.fill("[name=email]", "ana@example.org")
    page.fill("[name=phone]", "600123456")
    page.click("text=Go")
    sent(page, "Gracias")
    assert stage.person("ana@example.org")["phone"] == "+34600123456"


def test_altcha_is_solved_on_another_site(stage: Served, visit: Opened) -> None:
    """Without a third party's code or a worker, which that site's policy might not let in."""
    stage.put_form("contact", {"captcha": {"service": "altcha"}, "token": {"required": True}})
    page = visit(put(stage, ONE_TAG))
    page.fill("[name=email]", "ana@example.org")
    page.click(SEND)
    sent(page)
    assert stage.fates() == ["created"]


def test_a_strict_site_needs_to_let_in_nothing_but_the_script(stage: Served, visit: Opened) -> None:
    """No inline style or script, no eval, and Trusted Types: the console stays empty."""
    policy = (
        f"default-src 'none'; img-src data:; script-src {stage.url}; connect-src {stage.url}; "
        "require-trusted-types-for 'script'; trusted-types inlet"
    )
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    page = visit(put(stage, ONE_TAG, head=head))
    page.fill("[name=email]", "ana@example.org")
    button = page.locator(SEND)
    assert button.evaluate("(e) => getComputedStyle(e).borderRadius") != "0px"
    page.click(SEND)
    sent(page)


def test_where_somebody_came_from_survives_the_way_to_the_form(
    stage: Served, visit: Opened
) -> None:
    """Landing page, campaign and referrer are those of the visit, not of the page with the form."""
    kept = '<script src="TAG" data-form="none" async></script>'
    put(stage, f'<a id="on" href="/form">Lamps</a>{kept}', "/lamps")
    put(stage, ONE_TAG, "/form")
    page = visit(
        f"{stage.shop}/lamps?utm_source=news&utm_campaign=spring&secret=1",
        referer="https://search.example/find",
    )
    page.wait_for_function("localStorage['inlet.visits']")
    expect(page.locator("form")).to_have_count(0)
    page.click("#on")
    page.fill("[name=email]", "ana@example.org")
    page.click(SEND)
    sent(page)
    (touch,) = stage.stored.touches.values()
    source = touch.source
    assert (source.utm_source, source.campaign) == ("news", "spring")
    assert source.referrer == "https://search.example/find"
    assert source.landing.endswith("/lamps?utm_source=news&utm_campaign=spring")


def test_a_double_click_sends_once(stage: Served, visit: Opened) -> None:
    """While one is under way the button waits."""
    page = visit(put(stage, ONE_TAG))
    posts = _posts(page)
    page.fill("[name=email]", "ana@example.org")
    page.dblclick(SEND)
    sent(page)
    assert len(posts) == 1
    assert stage.fates() == ["created"]


def test_without_a_connection_it_waits_and_sends_by_itself(stage: Served, visit: Opened) -> None:
    """Kept in the tab, said so, and sent once the connection is back, under one key."""
    page = visit(put(stage, ONE_TAG))
    page.fill("[name=email]", "ana@example.org")
    page.context.set_offline(True)
    page.click(SEND)
    expect(page.locator(".inlet-status")).to_contain_text("no connection")
    assert stage.fates() == []
    page.context.set_offline(False)
    sent(page)
    assert stage.fates() == ["created"]


def test_a_lost_answer_is_asked_for_again_and_nothing_is_doubled(
    stage: Served, visit: Opened
) -> None:
    """The post was stored but its answer never came: the same key again, one submission."""
    page = visit(put(stage, ONE_TAG))
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(str(route.request.post_data))
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/forms/contact", lose)
    page.fill("[name=email]", "ana@example.org")
    posts = _posts(page)
    page.click(SEND)
    sent(page)
    (touch,) = stage.stored.touches.values()
    assert touch.repeats == 1
    assert len({re.findall("_id=([0-9a-f]{32})", text)[0] for text in posts}) == 1


def test_what_was_not_sent_is_sent_after_a_reload(stage: Served, visit: Opened) -> None:
    """The tab keeps it until it is answered, and no longer."""
    page = visit(put(stage, ONE_TAG))
    page.route("**/forms/contact", lambda route: route.abort())
    page.fill("[name=email]", "ana@example.org")
    page.click(SEND)
    expect(page.locator(".inlet-status")).to_contain_text("no connection")
    page.unroute("**/forms/contact")
    page.reload()
    sent(page)
    assert stage.fates() == ["created"]
    assert "ana@example.org" not in page.evaluate("sessionStorage['inlet.contact']")


@pytest.mark.parametrize("status", [429, 503])
def test_too_many_or_out_of_order_is_tried_again(stage: Served, visit: Opened, status: int) -> None:
    """After the time that the answer names."""
    page = visit(put(stage, ONE_TAG))
    refused: list[int] = []

    def refuse(route: Route) -> None:
        if route.request.method == "POST" and not refused:
            refused.append(status)
            headers = {
                "Retry-After": "1",
                "Access-Control-Allow-Origin": "*",
                "Access-Control-Expose-Headers": "Retry-After",
            }
            route.fulfill(status=status, headers=headers, body="{}")
        else:
            route.continue_()

    page.route("**/forms/contact", refuse)
    page.fill("[name=email]", "ana@example.org")
    page.click(SEND)
    sent(page)
    assert refused == [status]


def test_it_is_light_and_kept_for_a_while(stage: Served) -> None:
    """Five languages, style and all under 10 kB gzipped; the same again is 304."""
    request = asked("GET", "/forms/contact/embed.js")
    made = front.form_embed(stage.live, "contact", request)
    assert len(gzip.compress(str(made.body).encode())) < MOST_BYTES
    assert made.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert "max-age=300" in made.headers["Cache-Control"]
    known: Any = {"if_none_match": made.headers["ETag"]}
    again = front.form_embed(stage.live, "contact", asked("GET", "/x", **known))
    assert (again.status, again.body) == (304, "")
    stage.put_form("contact", {"title": {"en": "x"}, "submit": {"en": "Other"}})
    changed = front.form_embed(stage.live, "contact", asked("GET", "/x", **known))
    assert changed.status == 200


def test_it_makes_no_code_from_text(stage: Served) -> None:
    """No eval, no Function, no document.write, no address but the form's own."""
    made = front.form_embed(stage.live, "contact", asked("GET", "/x"))
    assert not re.search(r"\beval\(|new Function|document\.write|https?://", str(made.body))


def _posts(page: Page) -> list[str]:
    posts: list[str] = []
    page.on(
        "request",
        lambda request: posts.append(str(request.post_data)) if request.method == "POST" else None,
    )
    return posts
