"""The fields of a form's document, one rule each."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from chalicelib.fields._file_types import MOST_BYTES, MOST_FILES, TYPES
from chalicelib.intake._document import Document
from chalicelib.intake.rules import FieldRule
from chalicelib.noun import noun

FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
KEYS = ("email", "phone")
_MAX_FIELDS = 100
LONGEST_FIELD = 100_000


@noun
class Known:
    """What the rest of the product has: field types, fields, names captchas fill.

    `standard` are all fields that a form may name without retyping; `own` of them are configured.
    """

    types: Collection[str]
    standard: Mapping[str, FieldRule]
    taken: Collection[str]
    own: Collection[str] = ()


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
    kind = inner.choice("type", usual.type, known.types)
    choices, mapping = read_choices(inner, kind, usual)
    rule = replace(
        usual,
        name=name,
        type=kind,
        required=inner.flag("required") if "required" in inner else usual.required,
        choices=choices,
        max_length=inner.number("max_length", usual.max_length, 0, LONGEST_FIELD),
        label={**usual.label, **read_words(inner, "label")},
        help={**usual.help, **read_words(inner, "help")},
        choice_labels=read_choice_labels(inner, choices, usual),
        mapping=mapping,
        **read_file_bounds(inner, kind),
    )
    if (name in KEYS or name in known.own) and rule.type != usual.type:
        # Keys identify people: one that is not normalised would identify a second one. And what a
        # field is, it is at every door.
        inner.problem("type", "choice_unknown", f"{name} is always of type {usual.type}")
    inner.done()
    return rule


def read_file_bounds(inner: Document, kind: str) -> dict[str, Any]:
    """Which files a field takes, how large and how many; nothing of any other field."""
    if kind != "file":
        return {}
    accept = inner.texts("accept")
    for index, each in enumerate(accept):
        if each not in TYPES:
            inner.problem(f"accept[{index}]", "choice_unknown", f"one of {', '.join(TYPES)}")
    return {
        "accept": tuple(each for each in accept if each in TYPES),
        "max_bytes": inner.number("max_bytes", 0, 0, MOST_BYTES),
        "max_files": inner.number("max_files", 0, 0, MOST_FILES),
    }


def dump_file_bounds(rule: FieldRule) -> dict[str, Any]:
    """The members that `read_file_bounds` reads."""
    if rule.type != "file":
        return {}
    return {"accept": list(rule.accept), "max_bytes": rule.max_bytes, "max_files": rule.max_files}


def _name(inner: Document, given: str, known: Known) -> str:
    name = inner.text("name", given)
    if not FIELD_NAME.fullmatch(name) or (given and name != given):
        inner.problem("name", "type_invalid", "a field's name has a-z, 0-9 and _, 64 at most")
    if name in known.taken:
        inner.problem("name", "choice_unknown", "a captcha uses this name")
    return name


def read_choice_labels(
    inner: Document, choices: Collection[str], usual: FieldRule
) -> dict[str, Mapping[str, str]]:
    """What stands for each choice in several languages; what is not said is as usual."""
    if "choice_labels" not in inner:
        return {c: words for c, words in usual.choice_labels.items() if c in choices}
    labels = inner.inner("choice_labels")
    for choice in labels.names():
        if choice not in choices:
            inner.problem(f"choice_labels.{choice[:40]}", "choice_unknown", "this is no choice")
    return {choice: read_words(labels, choice) for choice in labels.names()}


def read_choices(
    inner: Document, kind: str, usual: FieldRule
) -> tuple[tuple[str, ...], dict[str, str]]:
    """What may be chosen, and which other words mean it; what is not said is as usual."""
    choices = inner.texts("choices") if "choices" in inner else usual.choices
    mapping = inner.mapping("mapping") if "mapping" in inner else dict(usual.mapping)
    if any(choice not in choices for choice in mapping.values()):
        inner.problem("mapping", "choice_unknown", "a mapping leads to one of the choices")
    if kind == "choice" and not choices:
        inner.problem("choices", "required_missing", "a choice has something to choose from")
    return choices, mapping


def read_words(inner: Document, name: str) -> dict[str, str]:
    """A text in several languages: an object from language tags to texts."""
    words = inner.mapping(name)
    for language in words:
        if not LANGUAGE.fullmatch(language):
            inner.problem(f"{name}.{language[:40]}", "type_invalid", "this is not a language tag")
    return words
