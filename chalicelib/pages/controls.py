"""From a field's rule to the control that a page shows for it, with what was typed and what is wrong.

One view of a form for the hosted page and for `embed.js`: both are rendered from these.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib import locale
from chalicelib.fields._file_types import MEGABYTE, TYPES
from chalicelib.intake.form import FormDefinition
from chalicelib.intake.rules import FieldRule, worded
from chalicelib.intake.uploads import accepted, most_bytes, token_name
from chalicelib.model import Problem, Raw

# https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill
AUTOCOMPLETE = {
    "email": "email",
    "phone": "tel",
    "first_name": "given-name",
    "last_name": "family-name",
    "full_name": "name",
    "company": "organization",
    "job_title": "organization-title",
    "website": "url",
    "country": "country-name",
    "region": "address-level1",
    "city": "address-level2",
    "postal_code": "postal-code",
    "address": "street-address",
    "birth_date": "bday",
    "language": "language",
}
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Whose calendar the browser's date picker is not: there a day is written, and read as written.
_OTHER_CALENDARS = frozenset({"fa"})
_MOST_WORDS = 10_000


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: what is sent, what is shown, whether it is chosen."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """One field as a page shows it.

    `kind` is `input`, `area`, `select`, `file` (its options are files that are kept), `group` (several inputs of `type` under one legend) or
    `tick` (one box with its words beside it). `error` and `suggestion` are empty where all is well.
    """

    name: str
    kind: str
    label: str
    type: str = ""
    help: str = ""
    required: bool = False
    value: str = ""
    options: tuple[Option, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a control is made from: the rule, the language, the texts that were typed."""

    rule: FieldRule
    language: str
    typed: tuple[str, ...]

    @property
    def first(self) -> str:
        return self.typed[0] if self.typed else ""


def controls(
    form: FormDefinition,
    language: str,
    typed: Mapping[str, Raw],
    problems: Sequence[Problem],
) -> tuple[Control, ...]:
    """Every field of a form in its order, in one language."""
    wrong = {found.field: found for found in reversed(problems)}
    return tuple(
        _control(_Asked(rule, language, _texts(typed.get(name))), wrong.get(name))
        for name, rule in form.fields.items()
    )


def _control(asked: _Asked, problem: Problem | None) -> Control:
    rule, language = asked.rule, asked.language
    kind, kind_of_input, options, attributes = _KINDS.get(rule.type, _line)(asked)
    label = rule.words(language)
    if autocomplete := AUTOCOMPLETE.get(rule.name):
        attributes = {**attributes, "autocomplete": autocomplete}
    return Control(
        name=rule.name,
        kind=kind,
        type=kind_of_input,
        label=label,
        help=worded(rule.help, language) or _hint(asked, kind_of_input),
        required=rule.required,
        value="true" if kind == "tick" and asked.first else asked.first,
        options=options,
        attributes=attributes,
        error=locale.explain(problem, language, label) if problem else "",
        suggestion=problem.suggestion if problem else "",
    )


_Made = tuple[str, str, tuple[Option, ...], Mapping[str, str]]


def _line(asked: _Asked) -> _Made:
    """A line of text; one with choices is a choice whatever its type."""
    if asked.rule.choices:
        return _choice(asked)
    return "input", "text", (), {"dir": "auto", **_bound(asked)}


def _left_to_right(kind: str, **attributes: str) -> Callable[[_Asked], _Made]:
    """Addresses and numbers run from left to right in every language."""

    def made(asked: _Asked) -> _Made:
        return "input", kind, (), {"dir": "ltr", **attributes, **_bound(asked)}

    return made


def _area(asked: _Asked) -> _Made:
    return "area", "", (), {"dir": "auto", "rows": "5", **_bound(asked)}


def _tick(asked: _Asked) -> _Made:  # noqa: ARG001 - every box is the same
    return "tick", "checkbox", (), {}


def _boolean(asked: _Asked) -> _Made:
    words = (("true", "form_yes"), ("false", "form_no"))
    options = tuple(
        Option(value, locale.message(code, asked.language), asked.first == value)
        for value, code in words
    )
    return "group", "radio", options, {}


def _choice(asked: _Asked) -> _Made:
    return "select", "", _options(asked), {}


def _several(asked: _Asked) -> _Made:
    if not asked.rule.choices:
        return _line(asked)
    return "group", "checkbox", _options(asked), {}


def _day(asked: _Asked) -> _Made:
    """The browser's picker, unless the page's calendar or what was typed is none that it can show."""
    base = asked.language.partition("-")[0]
    if base in _OTHER_CALENDARS or (asked.first and not _ISO.fullmatch(asked.first)):
        return "input", "text", (), {"dir": "ltr", "inputmode": "numeric"}
    return "input", "date", (), {}


def _file(asked: _Asked) -> _Made:
    """A file to choose; those that came with an earlier post are kept, by their tokens."""
    endings = (end for kind in accepted(asked.rule) for end in TYPES[kind].endings)
    attributes = {"accept": ",".join(f".{end}" for end in endings)}
    if (asked.rule.max_files or 1) > 1:
        attributes["multiple"] = ""
    kept = tuple(Option(text, name) for text in asked.typed if (name := token_name(text)))
    return "file", "file", kept, attributes


_KINDS: Mapping[str, Callable[[_Asked], _Made]] = {
    "email": _left_to_right("email", inputmode="email", autocapitalize="none", spellcheck="false"),
    "phone": _left_to_right("tel"),
    "url": _left_to_right("url", inputmode="url", autocapitalize="none"),
    # Not type=number: it hides what it cannot read, and people write separators and signs.
    "number": _left_to_right("text", inputmode="decimal"),
    "percent": _left_to_right("text", inputmode="decimal"),
    "money": _left_to_right("text"),
    "postal_code": _left_to_right("text"),
    "date": _day,
    "notes": _area,
    "consent": _tick,
    "boolean": _boolean,
    "choice": _choice,
    "multi_choice": _several,
    "file": _file,
}


def _options(asked: _Asked) -> tuple[Option, ...]:
    rule = asked.rule
    return tuple(
        Option(choice, rule.choice_words(choice, asked.language), choice in asked.typed)
        for choice in rule.choices
    )


def _hint(asked: _Asked, kind_of_input: str) -> str:
    """Below a day that is written rather than picked: how; below a file: which."""
    if asked.rule.type == "file":
        kinds = ", ".join(accepted(asked.rule)).upper()
        size = str(most_bytes(asked.rule) // MEGABYTE or 1)
        return locale.message("form_file_hint", asked.language, field=kinds, suggestion=size)
    written = asked.rule.type == "date" and kind_of_input == "text"
    return locale.message("form_date_hint", asked.language) if written else ""


def _bound(asked: _Asked) -> dict[str, str]:
    longest = asked.rule.max_length
    return {"maxlength": str(longest)} if 0 < longest <= _MOST_WORDS else {}


def _texts(raw: Raw) -> tuple[str, ...]:
    """What was typed, as the texts that it came in."""
    items = raw if isinstance(raw, list) else [raw]
    return tuple(str(item) for item in items if isinstance(item, str | int | float) and item != "")
