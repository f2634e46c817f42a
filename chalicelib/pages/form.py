"""A form as the templates want it: for the hosted page and for what `embed.js` renders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from chalicelib import locale
from chalicelib.captchas import Widget
from chalicelib.intake.form import FormDefinition
from chalicelib.intake.rules import worded
from chalicelib.model import Problem, Raw
from chalicelib.pages.controls import Control, controls

# Hidden fields that a page sends again as they came.
KEPT = ("_id", "_page", "_referrer", "_redirect", "_attribution")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows besides the form itself: what was typed, what is wrong with it, the token."""

    typed: Mapping[str, Raw] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    token: str = ""


def form_values(
    form: FormDefinition, language: str, shown: Shown, widget: Widget | None
) -> dict[str, Any]:
    """All that `form.html` draws."""
    drawn = controls(form, language, shown.typed, shown.problems)
    captcha = form.captcha
    return {
        **spoken(language),
        "name": form.name,
        "controls": drawn,
        "errors": _errors(drawn, shown.problems, language),
        "focus": next((control.name for control in drawn if control.error), ""),
        "hidden": _hidden(language, shown),
        "honeypot": form.honeypot,
        "submit": worded(form.submit, language) or locale.message("form_submit", language),
        "thanks": form.redirect,
        "widget": widget,
        "site_key": captcha.site_key if captcha else "",
        "action": captcha.action if captcha else "",
        "proof": captcha is not None and captcha.service == "altcha",
    }


def spoken(language: str) -> dict[str, Any]:
    """What every template needs to speak a language."""
    return {
        "language": language,
        "direction": locale.direction(language),
        "say": partial(locale.message, language=language),
    }


def _errors(
    drawn: Sequence[Control], problems: Sequence[Problem], language: str
) -> list[dict[str, str]]:
    """The summary: each field that is wrong with its sentence, and what belongs to no field."""
    named = {control.name for control in drawn}
    beside = [{"name": each.name, "text": each.error} for each in drawn if each.error]
    others = [found for found in problems if found.field not in named]
    return beside + [{"name": "", "text": locale.explain(each, language)} for each in others]


def _hidden(language: str, shown: Shown) -> list[tuple[str, str]]:
    kept = [(name, shown.typed.get(name)) for name in KEPT]
    fields = [(name, value) for name, value in kept if isinstance(value, str) and value]
    token = [("_token", shown.token)] if shown.token else []
    # What is asked about now will not be asked about again.
    asked = (shown.typed.get(found.field) for found in shown.problems if found.suggestion)
    ask = next((value for value in asked if isinstance(value, str)), "1")
    return [("_language", language), ("_ask", ask), *token, *fields]
