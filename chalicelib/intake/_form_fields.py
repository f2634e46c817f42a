"""The fields of a form's document, one rule each."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.intake._document import Document
from chalicelib.intake.rules import FieldRule

FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
KEYS = ("email", "phone")
_MAX_FIELDS = 100
_LONGEST_FIELD = 100_000


@dataclass(frozen=True, slots=True)
class Known:
    """What the rest of the product has: field types, standard fields, names captchas fill."""

    types: Collection[str]
    standard: Mapping[str, FieldRule]
    taken: Collection[str]


def read_fields(top: Document, known: Known) -> dict[str, FieldRule]:
    """The fields by name, from a list of objects or an object of them."""
    found: dict[str, FieldRule] = {}
    problems_before = len(top.problems)
    for place, name, content in _named(top):
        inner = Document(content, top.problems, place)
        if inner.readable:
            rule = _field(inner, name, known)
            if rule.name in found:
                inner.problem("name", "choice_unknown", "two fields have this name")
            found[rule.name] = rule
    if len(top.problems) == problems_before:
        _complain_as_a_whole(top, found)
    return found


def _complain_as_a_whole(top: Document, found: Collection[str]) -> None:
    """Once every field is right by itself: are these fields a form?"""
    if not found:
        top.problem("fields", "required_missing", "a form has at least one field")
    elif not any(key in found for key in KEYS):
        # Else every post would be refused with this very code, and the owner be the last to know.
        top.problem("fields", "no_key", "a form asks for an e-mail address or a phone number")


def _named(top: Document) -> list[tuple[str, str, Any]]:
    """Path, name (empty: it stands inside) and content of each field."""
    value = top.take("fields")
    if isinstance(value, Mapping):
        items = [(f"fields.{name}", str(name), content) for name, content in value.items()]
    else:
        listed = enumerate(top.items("fields", _MAX_FIELDS))
        items = [(f"fields[{index}]", "", content) for index, content in listed]
    if len(items) > _MAX_FIELDS:
        top.problem("fields", "too_long", f"a form has at most {_MAX_FIELDS} fields")
    return items[:_MAX_FIELDS]


def _field(inner: Document, name: str, known: Known) -> FieldRule:
    name = _name(inner, name, known)
    usual = known.standard.get(name, FieldRule(name))
    rule = FieldRule(
        name=name,
        type=inner.choice("type", usual.type, known.types),
        required=inner.flag("required"),
        choices=inner.texts("choices"),
        max_length=inner.number("max_length", usual.max_length, 0, _LONGEST_FIELD),
        label={**usual.label, **read_words(inner, "label")},
        help={**usual.help, **read_words(inner, "help")},
        choice_labels=_choice_labels(inner),
        mapping=inner.mapping("mapping"),
    )
    if any(choice not in rule.choices for choice in rule.mapping.values()):
        inner.problem("mapping", "choice_unknown", "a mapping leads to one of the choices")
    for choice in rule.choice_labels.keys() - set(rule.choices):
        inner.problem(f"choice_labels.{choice[:40]}", "choice_unknown", "this is no choice")
    if rule.type == "choice" and not rule.choices:
        inner.problem("choices", "required_missing", "a choice has something to choose from")
    if name in KEYS and rule.type != usual.type:
        # Keys identify people: one that is not normalised would identify a second one.
        inner.problem("type", "choice_unknown", f"{name} is always of type {usual.type}")
    inner.done()
    return rule


def _name(inner: Document, given: str, known: Known) -> str:
    name = inner.text("name", given)
    if not FIELD_NAME.fullmatch(name) or (given and name != given):
        inner.problem("name", "type_invalid", "a field's name has a-z, 0-9 and _, 64 at most")
    if name in known.taken:
        inner.problem("name", "choice_unknown", "a captcha uses this name")
    return name


def _choice_labels(inner: Document) -> dict[str, dict[str, str]]:
    labels = inner.inner("choice_labels")
    return {choice: read_words(labels, choice) for choice in labels.names()}


def read_words(inner: Document, name: str) -> dict[str, str]:
    """A text in several languages: an object from language tags to texts."""
    words = inner.mapping(name)
    for language in words:
        if not LANGUAGE.fullmatch(language):
            inner.problem(f"{name}.{language[:40]}", "type_invalid", "this is not a language tag")
    return words
