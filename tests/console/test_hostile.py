"""What strangers put into forms comes out harmless on every page."""

import re

import pytest

from chalicelib.admin.console import menu
from tests.console.people import api, held, person, post, release
from tests.console.visitor import Visitor
from tests.live import Stage

MARK = "zqx"
HOSTILE = (
    f"<script>{MARK}()</script>",
    f"\"><img src={MARK} onerror={MARK}()>",
    f"' autofocus onfocus={MARK}() x='",
    f"</textarea></pre></title><svg onload={MARK}()>",
    f"javascript:{MARK}()",
    "{{ 7*191 }} {% raw %} ${7*191}",
    f"=HYPERLINK(\"http://{MARK}\")",
    f"{MARK}\r\nSet-Cookie: {MARK}=1",
)  # fmt: skip


@pytest.fixture
def marked(stage: Stage) -> list[str]:
    """Hostile values in every field of a form, of an entry and of a spam, and their pages."""
    for number, text in enumerate(HOSTILE):
        fields = dict.fromkeys(("first_name", "last_name", "company", "message"), text)
        page = f"https://a.example/?utm_source={text}&utm_campaign={text}"
        post(stage, email=f"p{number}@example.org", **fields, _page=page, _referrer=page)
        body = {
            "values": {"email": f"e{number}@example.org", **fields, "notes": text, "city": text},
            "source": {"name": text[:200], "campaign": text, "channel": text},
        }
        tag = " ".join(text.split())
        api(stage, "POST", "/leads", {**body, "tags": [tag]})
    release(stage, "spam")
    for number, text in enumerate(HOSTILE):
        fields = dict.fromkeys(("first_name", "company", "message"), text)
        post(stage, email=f"s{number}@example.org", **fields, trap=text)
    return [
        *("" if n == menu.HOME else "/" + n.replace("_", "-") for n in menu.PAGES.names()),
        *(f"/leads/{person(stage, f'{kind}{n}@example.org')['id']}" for n in range(8) for kind in "pe"),
        *(f"/leads/{person(stage, f'e{n}@example.org')['id']}/edit" for n in range(8)),
        *(f"/submissions/{each['receipt']}" for fate in ("created", "spam") for each in held(stage, fate)),
    ]  # fmt: skip


def test_nothing_stored_becomes_markup(stage: Stage, admin: Visitor, marked: list[str]) -> None:
    """No tag, no attribute, no address of theirs, and no template of theirs is run."""
    seen = ""
    for path in marked:
        text = admin.get(path)
        assert admin.last.status in (200, 404), path
        seen += text
        tags = re.findall(r"<[a-zA-Z/!](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", text)
        outside = [re.sub(r"=\"[^\"]*\"", "=", tag) for tag in tags]
        assert not [tag for tag in outside if MARK in tag or "onerror" in tag], path
        links = re.findall(r'(?:href|src|action|formaction)="([^"]*)"', text)
        assert not [link for link in links if not re.match(r"/console|\?|#|/forms/", link)], path
        assert "1337" not in re.sub(r"[0-9a-f]{32}", "", text), path
        assert not [name for name in admin.last.headers.values() if MARK in name], path
    for shown in ("&lt;script&gt;zqx()", "{{ 7*191 }}", "=HYPERLINK("):
        assert shown in seen, shown


@pytest.mark.parametrize("text", HOSTILE)
def test_what_an_address_says_is_harmless_too(admin: Visitor, text: str) -> None:
    """In searches, filters, notices, and what comes back in a form."""
    for path in ("/leads", "/submissions", "/duplicates"):
        for name in ("q", "source", "fate", "from", "said", "cursor", "campaign", "parted", text):
            made = admin.get(path, **{name: text})
            assert admin.last.status in (200, 400, 404, 422), (path, name)
            assert f"<script>{MARK}" not in made
            assert f"<img src={MARK}" not in made
            assert not re.search(rf'<[a-z][^>"]*(?:"[^"]*"[^>"]*)*\son\w+={MARK}', made)
    visitor = Visitor(admin.stage)
    visitor.get("/sign-in", to=text)
    assert f"<script>{MARK}" not in visitor.text
    admin.get("/leads/new")
    made = admin.post("/leads/new", email=text, company=text, birth_date=text, source_name=text)
    assert f"<script>{MARK}" not in made
    assert f"<img src={MARK}" not in made


def test_nothing_of_theirs_stands_in_a_header(admin: Visitor) -> None:
    """A redirect's address is quoted, whatever was sent."""
    made = admin.answer("GET", "/console/leads", {"lang": "fa", "q": "a\r\nSet-Cookie: x=1"})
    assert made.status == 303
    assert "\n" not in "".join(made.headers.values())
