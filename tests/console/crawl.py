"""Every page of the console that links lead to, and every form that a page has."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from chalicelib.admin.console import menu
from chalicelib.model import Response
from tests.console.visitor import Visitor

# So many addresses of one shape are looked at: a list of a hundred leads has a hundred links.
_ALIKE = 4
_MOST = 400
_TYPED = ("text", "search", "email", "url", "tel", "date", "number", "textarea")


class Seen(NamedTuple):
    """A page that was seen: its address, and the answer."""

    at: str
    answer: Response


@dataclass
class Form:
    """A form as a page has it: where it goes, what it carries, and what is typed into it."""

    method: str
    action: str
    held: list[tuple[str, str]] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)


def shelf() -> set[str]:
    """The addresses of all pages that stand in the menu."""
    return {
        "" if name == menu.HOME else "/" + name.replace("_", "-")
        for name in menu.PAGES.names()
        if menu.PAGES.get(name).PAGE.order
    }


def crawl(visitor: Visitor) -> Iterator[Seen]:
    """The pages that links of the console lead to, from its first one on."""
    waiting, known, alike = [""], {""}, Counter[str]()
    while waiting and len(known) <= _MOST:
        at = waiting.pop(0)
        path, _, query = at.partition("?")
        answer = visitor.answer("GET", f"/console{path}", dict(parse_qsl(query)))
        yield Seen(f"/console{at}", answer)
        for link in re.findall(r'href="/console([^"]*)"', str(answer.body)):
            there = unescape(link)
            shape = re.sub(r"[0-9a-f]{16,}|=[^&]*", "*", there)
            if there in known or "/static/" in there or alike[shape] >= _ALIKE:
                continue
            alike[shape] += 1
            known.add(there)
            waiting.append(there)


def entries(pages: Iterable[Seen]) -> list[tuple[str, Form]]:
    """The forms into which something is typed, each shape once, with the page that has it."""
    found: dict[str, tuple[str, Form]] = {}
    for page in pages:
        for form in forms(str(page.answer.body)):
            shape = re.sub(r"[0-9a-f]{16,}", "*", f"{form.method} {form.action} {form.typed}")
            if form.typed:
                found.setdefault(shape, (page.at, form))
    return list(found.values())


def filled(visitor: Visitor, form: Form, text: str) -> Response:
    """What a form answers that has one text in every field; redirects are not followed."""
    now = next((f for f in forms(visitor.text) if f.action == form.action), form)
    fields = [*now.held, *((name, text) for name in now.typed)]
    path = now.action.partition("?")[0] or visitor.at.partition("?")[0]
    if now.method == "get":
        return visitor.answer("GET", path, dict(fields))
    return visitor.answer("POST", path, body=urlencode(fields).encode())


def forms(html: str) -> list[Form]:
    """The forms of a page."""
    reader = _Forms()
    reader.feed(html)
    return reader.found


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = True
            self.found.append(Form(given.get("method", "get").lower(), given.get("action", "")))
        name = given.get("name", "")
        if not self.inside or not name or tag not in ("input", "textarea", "select"):
            return
        kind = given.get("type", "text") if tag == "input" else tag
        if kind in _TYPED:
            self.found[-1].typed.append(name)
        elif kind == "hidden" or "checked" in given:
            self.found[-1].held.append((name, given.get("value", "on")))

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
