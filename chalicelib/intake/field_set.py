"""All fields that there are: the standard ones, and what a stage has configured of its own."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from chalicelib.errors import Rejected
from chalicelib.fields import SHELF
from chalicelib.fields._standard import STANDARD
from chalicelib.intake.completeness import essential
from chalicelib.intake.field_document import load_field
from chalicelib.intake.rules import FieldRule
from chalicelib.noun import noun


@noun
class FieldSet:
    """Every field by name: `rules` are all, `own` are those that are configured.

    `essential` are the fields without which a lead of this stage is partial, unless its form says
    otherwise; `shown` those that tell nothing about a person.
    """

    rules: Mapping[str, FieldRule] = field(default_factory=lambda: STANDARD)
    own: Mapping[str, FieldRule] = field(default_factory=dict)
    essential: tuple[str, ...] = ()

    @property
    def custom(self) -> Mapping[str, FieldRule]:
        """The fields that are not standard ones."""
        return {name: rule for name, rule in self.own.items() if name not in STANDARD}

    @property
    def shown(self) -> frozenset[str]:
        """The fields that a caller who sees data masked sees whole."""
        return frozenset(name for name, rule in self.rules.items() if not rule.personal)


USUAL = FieldSet()


def field_set(documents: Mapping[str, Mapping[str, Any]]) -> FieldSet:
    """The set that documents make. One that is wrong by today's rules is passed over."""
    if not documents:
        return USUAL
    own = dict(filter(None, (_read(name, documents[name]) for name in sorted(documents))))
    rules = {**STANDARD, **own}
    return FieldSet(rules, own, essential(rules, own))


def _read(name: str, document: Mapping[str, Any]) -> tuple[str, FieldRule] | None:
    try:
        return name, load_field(name, document, types=SHELF.names(), standard=STANDARD)
    except Rejected:
        return None
