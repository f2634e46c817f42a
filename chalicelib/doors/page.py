"""The hosted page of a form: works without JavaScript, with a keyboard, from right to left."""

from collections.abc import Mapping, Sequence
from html import escape

from chalicelib import errors, locale
from chalicelib.intake.form import FormDefinition
from chalicelib.intake.rules import FieldRule
from chalicelib.model import Problem, Raw, Response

POLICY = "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'"
INPUTS = {"email": "email", "phone": "tel", "url": "url", "date": "date"}
COMPLETE = {
    "email": "email",
    "phone": "tel",
    "first_name": "given-name",
    "last_name": "family-name",
    "full_name": "name",
    "company": "organization",
}
STYLE = """
:root{color-scheme:light dark;--line:#8a8f98;--error:#b3261e;--accent:#1f5fbf}
@media(prefers-color-scheme:dark){:root{--error:#ffb4ab;--accent:#8ab4f8}}
*{box-sizing:border-box}body{font:1rem/1.5 system-ui,sans-serif;margin:0;padding:1.5rem}
main{max-width:34rem;margin:0 auto}label{display:block;font-weight:600;margin-top:1rem}
input,textarea,select{font:inherit;width:100%;padding:.6rem;border:1px solid var(--line);border-radius:.4rem}
input[type=checkbox]{width:auto;margin-inline-end:.5rem}
[aria-invalid=true]{border-color:var(--error)}.error{color:var(--error);margin:.25rem 0 0}
button{font:inherit;font-weight:600;margin-top:1.5rem;padding:.7rem 1.4rem;border:0;border-radius:.4rem;background:var(--accent);color:Canvas}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}.trap{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
"""


def form_page(
    form: FormDefinition,
    language: str,
    typed: Mapping[str, Raw],
    problems: Sequence[Problem],
    token: str = "",
) -> Response:
    """The page with the form; with problems, what was typed is kept and 422 says so."""
    by_field = {problem.field: problem for problem in problems}
    first = next((name for name in form.fields if name in by_field), "")
    rows = [
        _row(rule, language, typed.get(name, ""), by_field.get(name), focus=name == first)
        for name, rule in form.fields.items()
    ]
    notice = f'<p class="error" role="alert">{_say("form_mend", language)}</p>' if problems else ""
    others = [problem for problem in problems if problem.field not in form.fields]
    notice += "".join(f'<p class="error">{escape(locale.explain(p, language))}</p>' for p in others)
    trap = _trap(form.honeypot) if form.honeypot else ""
    hidden = f'<input type="hidden" name="_language" value="{escape(language)}">'
    if token:
        hidden += f'<input type="hidden" name="_token" value="{escape(token)}">'
    send = f"<button>{_say('form_submit', language)}</button>"
    body = f'{notice}<form method="post" novalidate>{hidden}{"".join(rows)}{trap}{send}</form>'
    title = _say("form_mend_title" if problems else "form_title", language)
    return _page(title, body, language, 422 if problems else 200)


def thanks_page(form: FormDefinition, language: str) -> Response:
    """The page after a post: the same for everybody."""
    del form
    body = f'<p role="status">{_say("form_thanks", language)}</p>'
    return _page(_say("form_thanks_title", language), body, language, 200)


def error_page(error: errors.InletError, language: str) -> Response:
    """A page that says in a sentence what went wrong."""
    known = locale.known(error.code)
    text = locale.message(error.code, language) if known else error.detail
    return _page(escape(text or error.code), "", language, error.status)


def _row(
    rule: FieldRule, language: str, value: Raw, problem: Problem | None, *, focus: bool
) -> str:
    name, text = escape(rule.name), escape(rule.words(language))
    marked = f' aria-invalid="true" aria-describedby="{name}-error"' if problem else ""
    marked += " required" if rule.required else ""
    marked += " autofocus" if focus else ""
    complete = COMPLETE.get(rule.name, "")
    marked += f' autocomplete="{complete}"' if complete else ""
    star = ' <span aria-hidden="true">*</span>' if rule.required else ""
    control = _control(rule, value if isinstance(value, str) else "", marked)
    below = escape(locale.explain(problem, language, rule.words(language))) if problem else ""
    error = f'<p class="error" id="{name}-error">{below}</p>' if problem else ""
    if rule.type == "consent":
        return f"<label>{control}{text}{star}</label>{error}"
    return f'<label for="f-{name}">{text}{star}</label>{control}{error}'


def _control(rule: FieldRule, value: str, marked: str) -> str:
    name = f'id="f-{escape(rule.name)}" name="{escape(rule.name)}"'
    if rule.type == "consent":
        checked = " checked" if value else ""
        return f'<input type="checkbox" {name} value="true"{checked}{marked}>'
    if rule.type == "notes":
        return f'<textarea {name} rows="5"{marked}>{escape(value)}</textarea>'
    if rule.choices:
        options = "".join(_option(choice, value) for choice in ("", *rule.choices))
        return f"<select {name}{marked}>{options}</select>"
    kind = INPUTS.get(rule.type, "text")
    # Addresses and numbers run from left to right in every language.
    way = ' dir="ltr"' if kind in ("email", "tel", "url") else ' dir="auto"'
    return f'<input type="{kind}" {name} value="{escape(value)}"{way}{marked}>'


def _option(choice: str, value: str) -> str:
    chosen = " selected" if choice == value else ""
    return f'<option value="{escape(choice)}"{chosen}>{escape(choice)}</option>'


def _trap(name: str) -> str:
    """A field that people do not see and that says so to those who hear the page."""
    return (
        f'<div class="trap" aria-hidden="true"><label>{escape(name)}'
        f'<input name="{escape(name)}" tabindex="-1" autocomplete="off"></label></div>'
    )


def _say(code: str, language: str) -> str:
    return escape(locale.message(code, language))


def _page(title: str, body: str, language: str, status: int) -> Response:
    import base64
    import hashlib

    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    html = (
        f'<!doctype html><html lang="{escape(language)}" dir="{locale.direction(language)}">'
        '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{body}</main></body></html>"
    )
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": language,
        "Content-Security-Policy": POLICY.format(hash=digest),
        "Cache-Control": "no-store",
    }
    return Response(status, html, headers)
