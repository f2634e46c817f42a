"""The form door's answers to a browser: pages that work without JavaScript."""

from typing import Any

from chalicelib import errors, locale
from chalicelib.captchas import Widget
from chalicelib.intake.form import FormDefinition
from chalicelib.intake.rules import worded
from chalicelib.model import Response
from chalicelib.pages.form import Shown, form_values, spoken
from chalicelib.pages.policy import policy
from chalicelib.pages.render import render, static


def form_page(
    form: FormDefinition,
    language: str,
    shown: Shown,
    widget: Widget | None = None,
    bucket: str = "",
) -> Response:
    """The page with the form; with problems, what was typed is kept and 422 says so."""
    style = _style()
    values = form_values(form, language, shown, widget)
    title = worded(form.title, language) or locale.message("form_title", language)
    values["thanks"] = form.redirect or f"{form.name}/thanks?lang={language}"
    html = render(
        "page.html",
        **values,
        title=title,
        intro=worded(form.intro, language),
        style=_safe(style),
        languages=[_offered(tag) for tag in form.languages],
    )
    return _page(
        html, language, 422 if shown.problems else 200, policy(style, form, widget, bucket)
    )


def thanks_page(form: FormDefinition, language: str) -> Response:
    """The page after a post: the same for everybody."""
    text = worded(form.thanks, language) or locale.message("form_thanks", language)
    title = locale.message("form_thanks_title", language)
    return _message(title, text, language, 200, back=f"../{form.name}?lang={language}")


def ask_page(what: str, language: str) -> Response:
    """A page with one question and one button: `opt_in` or `opt_out`."""
    style = _style()
    said = {part: locale.message(f"{what}_{part}", language) for part in ("title", "ask", "yes")}
    values = {"title": said["title"], "text": said["ask"], "button": said["yes"]}
    html = render("ask.html", **values, style=_safe(style), **spoken(language))
    return _page(html, language, 200, policy(style))


def done_page(what: str, language: str) -> Response:
    """The page after that button."""
    title, text = f"{what}_done_title", f"{what}_done"
    return _message(locale.message(title, language), locale.message(text, language), language, 200)


def error_page(error: errors.InletError, language: str) -> Response:
    """A page that says in a sentence what went wrong."""
    known = locale.known(error.code)
    text = locale.message(error.code, language) if known else error.detail
    missing = error.status == 404
    title = locale.message("page_missing_title" if missing else "page_error_title", language)
    return _message(title, text or error.code, language, error.status, role="alert")


def _message(
    title: str, text: str, language: str, status: int, *, back: str = "", role: str = "status"
) -> Response:
    style = _style()
    values = {"title": title, "text": text, "back": back, "role": role, "style": _safe(style)}
    html = render("message.html", **values, **spoken(language))
    return _page(html, language, status, policy(style))


def _style() -> str:
    return static("page.css") + static("form.css")


def _safe(style: str) -> Any:
    """Our own style, as it is: escaped, it would be another one than its hash says."""
    from markupsafe import Markup

    return Markup(style)  # noqa: S704 - a file of ours


def _offered(tag: str) -> dict[str, str]:
    name = locale.NAMES.get(tag.partition("-")[0], tag)
    return {"tag": tag, "name": name, "direction": locale.direction(tag)}


def _page(html: str, language: str, status: int, rules: str) -> Response:
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": language,
        "Content-Security-Policy": rules,
        "Cache-Control": "no-store",
    }
    return Response(status, html, headers)
