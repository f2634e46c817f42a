"""Completeness: what a lead must have to be worked with.

A rule is the names of fields that must have a value. The usual one, where nobody has set any, is a
name and either an e-mail address or a phone.
"""

from collections.abc import Collection, Iterable, Mapping

from chalicelib.intake.rules import FieldRule

NAMES = ("first_name", "last_name", "full_name")
KEYS = ("email", "phone")


def essential(fields: Mapping[str, FieldRule], own: Iterable[str]) -> tuple[str, ...]:
    """The fields that the stage has marked as essential, or as required at every door."""
    marked = (fields[name] for name in own if name in fields)
    return tuple(sorted(rule.name for rule in marked if rule.essential or rule.required))


def missing(values: Mapping[str, object], rule: Iterable[str]) -> tuple[str, ...]:
    """The fields of a rule that have no value; any part of a name will do for the full name."""
    return tuple(name for name in rule if not _given(values, name))


def complete(values: Mapping[str, object], rule: Collection[str]) -> bool:
    """Whether values satisfy a rule; an empty one stands for the usual one."""
    if rule:
        return not missing(values, rule)
    return any(map(values.get, NAMES)) and any(map(values.get, KEYS))


def _given(values: Mapping[str, object], name: str) -> bool:
    return any(map(values.get, NAMES)) if name == "full_name" else bool(values.get(name))
