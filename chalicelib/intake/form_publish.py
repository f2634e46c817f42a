"""What a form must have before it is shown to anybody, beyond being a valid document.

Asked when a definition is put, not when it is read: what is published stays served.
"""

from collections.abc import Iterator, Mapping

from chalicelib.intake.completeness import NAMES
from chalicelib.intake.form_definition import FormDefinition
from chalicelib.intake.rules import FieldRule
from chalicelib.model import Problem

LABEL = "label_missing"
_WITHOUT = "leads without it are incomplete: ask for it, or give the form its own completeness"


def unpublishable(form: FormDefinition) -> list[Problem]:
    """Every text that is missing in a language of the form, and every essential field not asked for.

    A field without any label shows its name, which only a form in one language may do.
    """
    found = [*_not_asked(form)]
    found += [*_unaddressed(form)]
    found += [problem for rule in form.fields.values() for problem in _unlabelled(rule, form)]
    found += [_missing(name, form, texts) for name, texts in _own_words(form) if texts]
    return [problem for problem in found if problem.field]


def _not_asked(form: FormDefinition) -> Iterator[Problem]:
    """The stage's essential fields, unless the form has a rule of its own, which is checked."""
    for name in () if form.completeness else form.essential:
        named = name == "full_name" and form.fields.keys() & set(NAMES)
        if name not in form.fields and not named:
            yield Problem(f"fields.{name}", "required_missing", _WITHOUT)


def _unaddressed(form: FormDefinition) -> Iterator[Problem]:
    """Who is to be answered must be asked for an address."""
    mail = form.mail
    if (mail.thanks or mail.confirm_days) and "email" not in form.fields:
        yield Problem("fields.email", "required_missing", "mails to the sender need an address")


def _unlabelled(rule: FieldRule, form: FormDefinition) -> Iterator[Problem]:
    place = f"fields.{rule.name}"
    if rule.label or len(form.languages) > 1:
        yield _missing(f"{place}.label", form, rule.label)
    if rule.help:
        yield _missing(f"{place}.help", form, rule.help)
    for choice, texts in rule.choice_labels.items():
        yield _missing(f"{place}.choice_labels.{choice}", form, texts)


def _own_words(form: FormDefinition) -> list[tuple[str, Mapping[str, str]]]:
    return [(name, getattr(form, name)) for name in ("title", "intro", "submit", "thanks")]


def _missing(place: str, form: FormDefinition, texts: Mapping[str, str]) -> Problem:
    """The problem of a text that some language lacks; without a field where none does."""
    lacking = [tag for tag in form.languages if not _has(texts, tag)]
    words = f"no text in {', '.join(lacking)}"
    return Problem(place if lacking else "", LABEL, words)


def _has(texts: Mapping[str, str], tag: str) -> bool:
    return bool(texts.get(tag) or texts.get(tag.partition("-")[0]))
