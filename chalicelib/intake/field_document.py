"""A field as the JSON document of `PUT /api/fields/{field}`, and back.

The same document defines a field of one's own and says more about a standard one, whose type stays.
"""

from collections.abc import Collection, Mapping
from typing import Any

from chalicelib.errors import Rejected
from chalicelib.intake._document import Document
from chalicelib.intake._form_fields import (
    FIELD_NAME,
    LONGEST_FIELD,
    dump_file_bounds,
    read_choice_labels,
    read_choices,
    read_file_bounds,
    read_words,
)
from chalicelib.intake.rules import FieldRule
from chalicelib.intake.signals import is_signal
from chalicelib.model import Problem

# What imports and webhooks mean by these is something else than a value of the lead.
NO_FIELDS = frozenset(
    {"external_id", "external_ids", "event_id", "submitted_at", "page", "referrer", "landing"}
    | {"values", "tags", "source", "name", "stage", "account_role", "account_role_at"}
)


def load_field(
    name: str,
    doc: Mapping[str, Any],
    *,
    types: Collection[str],
    standard: Mapping[str, FieldRule],
) -> FieldRule:
    """Check a document and make the field's rule of it; `Rejected` lists every problem."""
    problems: list[Problem] = []
    top = Document(doc, problems)
    usual = standard.get(name)
    if not FIELD_NAME.fullmatch(name):
        top.problem("field", "type_invalid", "a field's name has a-z, 0-9 and _, 64 at most")
    if name in NO_FIELDS or is_signal(name):
        top.problem("field", "choice_unknown", "this name means something else already")
    rule = _rule(top, usual or FieldRule(name), types)
    if usual and rule.type != usual.type:
        top.problem("type", "choice_unknown", f"{name} is always of type {usual.type}")
    top.done()
    if problems:
        raise Rejected("the field's definition is invalid", problems=problems)
    return rule


def _rule(top: Document, usual: FieldRule, types: Collection[str]) -> FieldRule:
    kind = top.choice("type", usual.type, types)
    choices, mapping = read_choices(top, kind, usual)
    return FieldRule(
        name=usual.name,
        type=kind,
        required=top.flag("required"),
        choices=choices,
        max_length=top.number("max_length", usual.max_length, 0, LONGEST_FIELD),
        label={**usual.label, **read_words(top, "label")},
        help={**usual.help, **read_words(top, "help")},
        mapping=mapping,
        choice_labels=read_choice_labels(top, choices, usual),
        essential=top.flag("essential"),
        deprecated=top.flag("deprecated"),
        # Hidden from masked callers unless somebody says that it tells nothing about a person.
        personal=top.flag("personal") if "personal" in top else usual.personal,
        **read_file_bounds(top, kind),
    )


def dump_field(rule: FieldRule) -> dict[str, Any]:
    """The document of a field: what `load_field` makes the same rule of."""
    return {
        "type": rule.type,
        "label": dict(rule.label),
        "help": dict(rule.help),
        "required": rule.required,
        "essential": rule.essential,
        "choices": list(rule.choices),
        "choice_labels": {choice: dict(words) for choice, words in rule.choice_labels.items()},
        "mapping": dict(rule.mapping),
        "max_length": rule.max_length,
        "deprecated": rule.deprecated,
        "personal": rule.personal,
        **dump_file_bounds(rule),
    }
