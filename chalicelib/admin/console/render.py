"""Pages out of templates: every value is escaped, nothing is inline, and nothing is kept."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pkgutil import get_data
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from chalicelib import locale
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.texts import known, say
from chalicelib.model import Response

_YEAR = "public, max-age=31536000, immutable"
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_POINTS = re.compile(r"content_[0-9]+")
_PACKAGE = "chalicelib.admin.console"


def answer(
    desk: Desk,
    template: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    connects: Sequence[str] = (),
) -> Response:
    """A page for somebody who is signed in, with the menu."""
    from chalicelib.admin.console.menu import menu, page_of

    said = desk.query("said")
    more = {
        "desk": desk,
        "menu": menu(desk),
        "caller": desk.caller,
        "said": said if said.startswith("done_") and known(desk.page, said) else "",
        "link": desk.link,
        "may": desk.may,
        "label": desk.label,
        "there": lambda name: page_of(name) is not None,
        "query": {n: v for n, v in desk.request.query.items() if n not in ("said", "lang")},
        "csrf": desk.token,
    }
    html = render(template, desk.page, desk.language, desk.base, {**more, **values})
    return page(html, desk.language, status, connects)


def render(template: str, name: str, language: str, base: str, values: Mapping[str, Any]) -> str:
    """A template with what every page has: words, language and direction, addresses."""

    def speak(key: str, **params: Any) -> str:
        return say(name, key, language, **{each: str(held) for each, held in params.items()})

    def word(kind: str, code: object) -> str:
        """The text of a code, such as a fate; one that nobody has a text for is shown itself."""
        key = f"{kind}_{code}"
        return say(name, key, language) if known(name, key) else str(code)

    def number(count: object) -> str:
        return locale.figure(f"{count:,}" if isinstance(count, int) else str(count), language)

    shared = {
        "language": language,
        "direction": locale.direction(language),
        "languages": locale.NAMES,
        "base": base,
        "say": speak,
        "word": word,
        "number": number,
        "when": when,
        "static": lambda file: f"{base}/static/{file}?v={_mark(file)}",
    }
    return _environment().get_template(template).render({**shared, **values})


def page(html: str, language: str, status: int, connects: Sequence[str] = ()) -> Response:
    """The answer that carries a page: nothing inline, no other site, kept nowhere."""
    rules = {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": " ".join(["'self'", *connects]),
        "frame-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": language,
        "Content-Security-Policy": "; ".join(f"{n} {sources}" for n, sources in rules.items()),
        "Cache-Control": "no-store",
        # To our own pages only: a post without it has no Origin, and addresses name people.
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    return Response(status, html, headers)


def static(name: str) -> Response | None:
    """A file of `static/`, to be kept for good: its address changes with its content."""
    stem, dot, kind = name.rpartition(".")
    if not dot or kind not in _TYPES or not stem.replace("-", "").isalnum() or not stem.isascii():
        return None
    try:
        text = _text(f"static/{name}")
    except OSError:
        return None
    headers = {"Content-Type": f"{_TYPES[kind]}; charset=utf-8", "Cache-Control": _YEAR}
    return Response(200, text, headers)


def when(text: str | None, *, day: bool = False) -> Markup:
    """A time of the API as a `<time>` element; the script shows it in the reader's own zone."""
    if not text:
        return Markup("")
    read = datetime.fromisoformat(text)
    shown = f"{read:%Y-%m-%d}" if day else f"{read:%Y-%m-%d %H:%M} UTC"
    attribute = Markup(" data-day") if day else Markup("")
    return Markup('<time datetime="{}"{}>{}</time>').format(text, attribute, shown)


@cache
def _mark(name: str) -> str:
    return hashlib.sha256(_text(f"static/{name}").encode()).hexdigest()[:12]


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FunctionLoader(lambda name: _text(f"templates/{name}")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters["with_"] = lambda query, name, value: urlencode({**query, name: value})
    # What a submission's reason says besides how many points it has.
    made.filters["reasons"] = lambda reason: [
        code for code in reason.split(",") if code and not _POINTS.fullmatch(code)
    ]
    made.filters["zip_"] = zip
    made.filters["without"] = lambda query, *names: urlencode(
        {name: value for name, value in query.items() if name not in names}
    )
    return made


def _text(path: str) -> str:
    # pkgutil reads a zip archive too.
    return (get_data(_PACKAGE, path) or b"").decode()
