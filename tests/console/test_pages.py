"""What holds for every page of the console, because it is on the shelf."""

import json
import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from chalicelib import locale
from chalicelib.admin.console import menu, texts
from chalicelib.admin.console.page import GROUPS, Page
from chalicelib.admin.routes import BY_PLACE
from chalicelib.store.api_keys import ROLES
from tests.console.visitor import Visitor
from tests.live import Stage

ROOM = Path(menu.__file__).parent
NAMES = menu.PAGES.names()
TEXTS = sorted(path.stem for path in (ROOM / "texts").glob("*.json"))
TEMPLATES = sorted((ROOM / "templates").glob("*.html"))
DOUBLE = re.compile(r"\b(?:GET|POST)(?: /(?:[a-z0-9.-]+|\{name\})(?:/[a-z0-9.-]+)?)?")


def page(name: str) -> Page:
    """A page of the shelf."""
    found = menu.page_of(name.replace("_", "-"))
    assert found is not None
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_where_it_stands_and_who_may(name: str) -> None:
    """Its route is one of the API's, its addresses are well-formed, and it has a title."""
    made = page(name)
    method, _, path = made.needs.partition(" ")
    assert (method, path) in BY_PLACE
    assert made.group in GROUPS
    assert made.views
    assert all(DOUBLE.fullmatch(place) for place in made.views), made.views
    assert "title" in texts.texts(name)


@pytest.mark.parametrize("role", ROLES)
def test_every_page_answers_every_role(stage: Stage, role: str) -> None:
    """With the page, or in a sentence that it is not theirs; the menu shows what is."""
    visitor = Visitor.signed_in(stage, role)
    shown = set(re.findall(r'href="/console/?([a-z-]*)"', visitor.get()))
    for name in NAMES:
        address = "" if name == menu.HOME else name.replace("_", "-")
        if "GET" not in page(name).views:
            continue
        visitor.get(f"/{address}" if address else "")
        may = role in BY_PLACE[*page(name).needs.split(" ", 1)].roles  # type: ignore[index]
        assert visitor.last.status == (200 if may else 403), (role, name)
        assert (address in shown) == (may and page(name).order > 0) or not address, (role, name)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(admin: Visitor, name: str) -> None:
    """So the policy can forbid it."""
    if "GET" not in page(name).views:
        return
    text = admin.get("" if name == menu.HOME else "/" + name.replace("_", "-"))
    headers = admin.last.headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text)
    outside = re.findall(r'(?:src|href)="(?!/|\?|#|data:|mailto:|tel:)([^"]*)"', text)
    assert outside == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_has_five_languages(name: str) -> None:
    """With the same places to fill in, and none empty."""
    for key, said in texts.texts(name).items():
        assert set(said) == set(locale.LANGUAGES), key
        places = [{p for _, p, _, _ in Formatter().parse(text) if p} for text in said.values()]
        assert all(each == places[0] for each in places), key
        assert all(text.strip() == text and text for text in said.values()), key


def test_a_text_file_belongs_to_a_page() -> None:
    """Its own words win over those of all pages, so that two pages never meet in one file."""
    assert set(TEXTS) <= {*NAMES, texts.COMMON}


def _said(source: str) -> set[str]:
    return set(re.findall(r'\bsay\(\s*"([a-z0-9_]+)"\s*[,)]', source))


def test_every_text_that_a_template_asks_for_is_there() -> None:
    """Under some page, or for all: a template may be of several."""
    every = {key for name in TEXTS for key in texts.texts(name)}
    sources = [*TEMPLATES, *(ROOM / "pages").glob("*.py")]
    for path in sources:
        assert _said(path.read_text()) - every == set(), path.name


def test_every_text_is_asked_for_somewhere() -> None:
    """What a page says no more is taken away; the words of all pages are there to be used."""
    sources = [*TEMPLATES, *ROOM.glob("*.py"), *(ROOM / "pages").glob("*.py")]
    sources += list((ROOM / "static").glob("*.js"))
    whole = "\n".join(path.read_text() for path in sources)
    words = set(re.findall(r"[a-z0-9_]+", whole))
    families = set(re.findall(r'(?:word\(\s*"|say\(\s*f?")([a-z]+)_?(?:"|\{)', whole))
    families |= set(re.findall(r'"([a-z]+_)"\s*~', whole))
    endings = tuple(re.findall(r'~ "(_[a-z]+)"', whole))
    unused = [
        (name, key)
        for name in TEXTS
        if name != texts.COMMON
        for key in texts.texts(name)
        if key not in words
        and not any(key.startswith(f.rstrip("_") + "_") for f in families)
        and not key.startswith(("error_", "done_"))
        and not key.endswith(endings)
    ]
    assert unused == []


def test_static_files_are_kept_for_good_and_nothing_else_is_served(admin: Visitor) -> None:
    """Their address changes with them; no path leads out of the folder."""
    address = re.findall(r'href="/console(/static/console\.css\?v=[^"]+)"', admin.get())[0]
    admin.get(address)
    assert admin.last.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in admin.last.headers["Cache-Control"]
    for name in ("none.css", "..css", "..%2fdoor.py", "console", "door.py", ".css", "a.b.css"):
        assert admin.answer("GET", f"/console/static/{name}").status == 404, name


@pytest.mark.parametrize("path", ["/nope", "/leads/a/b", "/_x", "/overview-", "/pages", "/a\x00"])
def test_what_is_not_there_is_a_404(admin: Visitor, path: str) -> None:
    """With the menu, where somebody is signed in."""
    assert admin.answer("GET", f"/console{path}").status == 404


def test_a_bug_is_a_page_that_says_nothing_of_it(
    admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logged by its type, never shown."""

    def broken(_desk: Any) -> Any:
        raise ZeroDivisionError("a secret")

    found = menu.PAGES.get("overview")
    monkeypatch.setattr(found, "PAGE", Page({"GET": broken}, needs="GET /leads", order=1))
    admin.get()
    assert admin.last.status == 500
    assert "a secret" not in admin.text
    assert "on our side" in admin.text


def test_texts_are_files_that_people_can_read() -> None:
    """UTF-8 with real letters, two spaces deep, so that a change is a line."""
    for name in TEXTS:
        path = ROOM / "texts" / f"{name}.json"
        content = json.dumps(json.loads(path.read_text()), ensure_ascii=False, indent=2) + "\n"
        assert path.read_text() == content, name
