"""The hosted page: what a browser gets, with and without mistakes in what was typed."""

import base64
import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.captchas import Widget
from chalicelib.doors import front
from chalicelib.fields import SHELF as FIELDS
from chalicelib.model import Response
from chalicelib.shelf import Shelf
from tests.live import Stage, asked

ROOT = Path(__file__).parent.parent.parent
CAPTCHAS = Shelf("chalicelib.captchas")
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
TURNSTILE = {"service": "turnstile", "site_key": "site", "secret": "hush"}
EVERY_TYPE = {
    "email": {"required": True},
    **{f"a_{name}": {"type": name} for name in FIELDS.names() if "choice" not in name},
    "a_choice": {"type": "choice", "choices": ["S", "L"], "choice_labels": {"S": {"fa": "کوچک"}}},
    "a_multi_choice": {"type": "multi_choice", "choices": ["Red", "Blue"]},
}


@pytest.fixture
def stage() -> Stage:
    return Stage()


def show(stage: Stage, **query: str) -> str:
    made = front.form(stage.live, "contact", asked("GET", "/forms/contact", query=query))
    assert made.status == 200
    return str(made.body)


def post(stage: Stage, fields: dict[str, Any]) -> Response:
    content = urlencode(fields, doseq=True).encode()
    media = "application/x-www-form-urlencoded"
    request = asked("POST", "/forms/contact", content, content_type=media, accept=HTML)
    return front.form(stage.live, "contact", request)


def test_every_field_type_has_a_control_with_a_label(stage: Stage) -> None:
    """What the shelf has can be asked for: each has its words, and the input that fits."""
    stage.put_form("contact", {"fields": EVERY_TYPE})
    page = show(stage)
    for name in EVERY_TYPE:
        labelled = f'<label for="contact-{name}">', f'id="contact-{name}" tabindex="-1"'
        ticked = f'<input type="checkbox" value="true" id="contact-{name}"'
        assert any(
            text in page.replace("\n", "") or text in page for text in (*labelled, ticked)
        ), name
    assert '<input type="date" value="" id="contact-a_date"' in page
    assert page.count('<input type="checkbox" name="a_multi_choice"') == 2
    assert page.count('<input type="radio" name="a_boolean"') == 2
    assert '<option value="S">کوچک</option>' in show(stage, lang="fa")


def test_what_was_typed_is_kept_in_every_type(stage: Stage) -> None:
    """A page with mistakes on it takes no work away: texts, boxes, choices, a day in any spelling."""
    stage.put_form("contact", {"fields": EVERY_TYPE})
    typed = {
        "email": "nobody",
        "a_notes": "two\nlines",
        "a_date": "31 of May",
        "a_choice": "L",
        "a_multi_choice": ["Red", "Blue"],
        "a_boolean": "false",
        "a_consent": "true",
        "_referrer": "https://search.example/",
    }
    made = post(stage, typed)
    page = str(made.body)
    assert made.status == 422
    assert 'value="nobody"' in page
    assert "two\nlines</textarea>" in page
    assert '<input type="text" value="31 of May" id="contact-a_date"' in page
    assert '<option value="L" selected>' in page
    assert page.count("checked") == 4
    assert 'name="_referrer" value="https://search.example/"' in page


def test_errors_stand_beside_their_fields_and_in_a_summary(stage: Stage) -> None:
    """The first wrong field has the focus, each one names its error, the summary links to each."""
    page = str(post(stage, {"email": "nobody", "phone": "12"}).body)
    assert page.count("autofocus") == 1
    email = next(line for line in page.splitlines() if 'id="contact-email"' in line)
    assert "autofocus" in email
    assert 'aria-describedby="contact-email-error" aria-invalid="true"' in email
    assert '<p class="inlet-error" id="contact-email-error">' in page
    assert '<a href="#contact-phone">' in page
    assert "<title>Please check your entries · Contact</title>" in page


def test_a_mistyped_address_is_mended_by_one_click(stage: Stage) -> None:
    """Without JavaScript: a button that posts the suggestion in the place of what was typed."""
    stage.put_form("contact", {"policies": {"email": "block"}})
    page = str(post(stage, {"email": "ana@gmial.com"}).body)
    assert 'name="_take" value="email ana@gmail.com"' in page
    done = post(stage, {"email": "ana@gmial.com", "_take": "email ana@gmail.com"})
    assert done.status == 303
    (lead,) = stage.stored.leads.values()
    values: Any = lead.view.visible()["values"]
    assert values["email"] == "ana@gmail.com"


def test_a_program_is_never_asked(stage: Stage) -> None:
    """Without `_ask` a doubtful address is taken and flagged, as the form's policy says."""
    assert post(stage, {"email": "ana@gmial.com", "_ask": "1"}).status == 422
    assert stage.stored.touches == {}
    assert post(stage, {"email": "ana@gmial.com", "_ask": "ana@gmial.com"}).status == 303
    assert post(stage, {"email": "eva@gmial.com"}).status == 303
    assert post(stage, {"email": "eva@example.org", "_ask": "1"}).status == 303


@pytest.mark.parametrize("taken", ["", "email", "nothing x", "_token x", "email  "])
def test_a_suggestion_that_names_no_field_changes_nothing(stage: Stage, taken: str) -> None:
    """Only a field of the form can be put in place so."""
    assert post(stage, {"email": "ana@example.org", "_take": taken}).status == 303
    (touch,) = stage.stored.touches.values()
    assert (touch.values["email"], dict(touch.extra)) == ("ana@example.org", {})


def test_the_policy_lets_in_what_is_on_the_page_and_nothing_else(stage: Stage) -> None:
    """No unsafe-inline: the style is named by its hash; a captcha's host only where it is used."""
    made = front.form(stage.live, "contact", asked("GET", "/forms/contact"))
    rules = made.headers["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", str(made.body), re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in rules
    assert "unsafe" not in rules
    assert "cloudflare" not in rules
    stage.put_form("contact", {"captcha": TURNSTILE})
    made = front.form(stage.live, "contact", asked("GET", "/forms/contact"))
    assert "script-src 'self' https://challenges.cloudflare.com;" in str(
        made.headers["Content-Security-Policy"]
    )
    assert 'class="cf-turnstile" data-sitekey="site"' in str(made.body)


def test_a_post_may_be_sent_on_to_the_forms_own_targets(stage: Stage) -> None:
    """Browsers hold the redirect after a post against the policy: it names them."""
    stage.put_form(
        "contact", {"redirect": "https://shop.example/done", "redirect_hosts": ["*.shop.example"]}
    )
    made = front.form(stage.live, "contact", asked("GET", "/forms/contact"))
    rules = made.headers["Content-Security-Policy"]
    assert (
        "form-action 'self' http://*.shop.example https://*.shop.example https://shop.example;"
        in rules
    )


def test_the_pages_words_are_the_forms_own(stage: Stage) -> None:
    """Title, introduction, button and thanks come from the definition, by language, escaped."""
    words = {
        "title": {"en": "Book <a> demo", "es": "Pida una demostración"},
        "intro": {"en": "Half an hour."},
        "submit": {"es": "Pedir"},
        "thanks": {"es": "Hasta pronto"},
    }
    stage.put_form("contact", words)
    page = show(stage)
    assert "<h1>Book &lt;a&gt; demo</h1>" in page
    assert "Half an hour." in page
    assert '<button type="submit">Pedir</button>' in show(stage, lang="es")
    thanks = front.form_thanks(stage.live, "contact", asked("GET", "/x", query={"lang": "es"}))
    assert "Hasta pronto" in str(thanks.body)


@pytest.mark.parametrize("language", ["en", "es", "pt", "fa", "zh"])
def test_the_page_speaks_each_language(stage: Stage, language: str) -> None:
    """Language and direction are declared, and the other languages are one click away."""
    page = show(stage, lang=language)
    direction = "rtl" if language == "fa" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert page.count(" hreflang=") == 5


def test_a_form_with_a_proof_of_work_says_what_it_needs(stage: Stage) -> None:
    """With JavaScript off nobody is left to fill in what cannot be sent."""
    stage.put_form("contact", {"captcha": {"service": "altcha"}})
    assert "<noscript>" in show(stage)
    stage.put_form("contact", {"captcha": None})
    assert "<noscript>" not in show(stage)


def test_every_captcha_of_others_can_be_shown(stage: Stage) -> None:
    """A service that is not self-hosted says what a page needs for it."""
    for name in CAPTCHAS.names():
        service = CAPTCHAS.get(name)
        if not service.SERVICE.self_hosted:
            assert isinstance(service.WIDGET, Widget), name


LEAN = """
import json, sys
import app
from tests.live import Stage, asked
from chalicelib.doors import front
stage = Stage()
headers = {"content_type": "application/json", "accept": "application/json"}
body = json.dumps({"email": "ana@example.org"}).encode()
made = front.form(stage.live, "contact", asked("POST", "/forms/contact", body, **headers))
assert made.status == 200, made
away = ("jinja2", "markupsafe", "chalicelib.pages", "chalicelib.admin.console")
print([name for name in sys.modules if name.startswith(away)])
"""


def test_a_programs_post_pays_for_no_template() -> None:
    """Pages, and what they are made with, are imported for browsers alone."""
    done = subprocess.run(
        [sys.executable, "-c", LEAN], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
