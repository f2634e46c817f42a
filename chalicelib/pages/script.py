"""The text of `embed.js` for one form: the script with what it must know of the form at its end."""

import json
import re
from typing import Any

from chalicelib import locale
from chalicelib.captchas import Widget
from chalicelib.intake.form import FormDefinition
from chalicelib.pages.form import Shown, form_values
from chalicelib.pages.render import render, static

PARTS = ("1-tag", "2-visits", "3-proof", "4-page", "5-form", "6-start")
_WORDS = {
    "sending": "form_sending",
    "uploading": "form_uploading",
    "checking": "form_checking",
    "waiting": "form_waiting",
    "failed": "page_error_title",
    "take": "form_take",
}
_BETWEEN_TAGS = re.compile(r">\s*\n\s*<")


def script_of(form: FormDefinition, widget: Widget | None) -> str:
    """The script and its form: everything in one answer, so a page waits once."""
    told = json.dumps(_told(form, widget), ensure_ascii=False, separators=(",", ":"))
    source = "\n".join(static(f"embed/{part}.js") for part in PARTS)
    return f'((form)=>{{\n"use strict";\n{_lean(source)}\n}})({told});\n'


def _lean(source: str) -> str:
    """Without comments and indentation: those are for whoever reads the source.

    No text in it goes over several lines.
    """
    lines = (line.strip() for line in source.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _told(form: FormDefinition, widget: Widget | None) -> dict[str, Any]:
    captcha = form.captcha
    return {
        "name": form.name,
        "language": form.language,
        "languages": {tag: _spoken(form, tag, widget) for tag in form.languages},
        "style": _lean(static("form.css")),
        "answer": captcha.field if captcha else "",
        "proof": captcha is not None and captcha.service == "altcha",
        "early": form.token.required,
        "executes": [captcha.site_key, captcha.action]
        if captcha and widget and widget.executes
        else None,
        "script": widget.script if widget else "",
        "handle": widget.handle if widget else "",
    }


def _spoken(form: FormDefinition, language: str, widget: Widget | None) -> dict[str, Any]:
    html = render("form.html", **form_values(form, language, Shown(), widget))
    return {
        "dir": locale.direction(language),
        "html": _BETWEEN_TAGS.sub("><", html),
        "words": {
            name: locale.message(code, language, suggestion="{suggestion}")
            for name, code in _WORDS.items()
        },
    }
