"""What an endpoint's mapping says of a field beside its path: a constant, a default, a value map.

The path is the provider's to follow; this is laid over what it found, the same for every provider.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.intake._document import Document
from chalicelib.model import Raw
from chalicelib.noun import replace
from chalicelib.webhooks import _fields, _taming
from chalicelib.webhooks._provider import Event, Kind, Rule

MAX_VALUES = 200
MAX_LENGTH = 1000
Fixed = str | int | bool | None


@dataclass
class Read:
    """A mapping as it is written: the paths, and what is laid over them, each by field."""

    paths: dict[str, str] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)


def read(top: Document) -> Read:
    """Read the member `mapping`: a text is a path, an object says more."""
    found = Read()
    whole = top.inner("mapping")
    for name in whole.names():
        given = whole.take(name)
        if isinstance(given, Mapping):
            _read_rule(whole.inner(name), name, found)
        else:
            found.paths[name] = whole.text(name)
    return found


def dump(paths: Mapping[str, str], rules: Mapping[str, Rule]) -> dict[str, Any]:
    """The member `mapping` of paths and rules, each field in its shortest spelling."""
    made: dict[str, Any] = dict(paths)
    for name, rule in rules.items():
        parts: dict[str, Any] = {"path": paths[name]} if name in paths else {}
        parts |= {"values": dict(rule.values)} if rule.values else {}
        parts |= {"default": rule.default} if rule.default is not None else {}
        made[name] = {"constant": rule.constant} if rule.constant is not None else parts
    return made


def lay(event: Event, rules: Mapping[str, Rule]) -> Event:
    """A lead with its rules laid over it; what they replace is kept in `extra` by the field's name."""
    if event.kind is not Kind.LEAD or not rules:
        return event
    fields, signals, extra = dict(event.fields), dict(event.signals), dict(event.extra)
    for name, rule in rules.items():
        signal = _fields.signal_of(name)
        place, before = signal or name, signals.get(signal) if signal else fields.get(name)
        after = rule.constant if rule.constant is not None else _translated(before, rule)
        if after == before:
            continue
        if not _taming.blank(before):
            extra.setdefault(name, before)
        if signal:
            signals[place] = _written(after)
        else:
            fields[place] = after
    return replace(event, fields=fields, signals=signals, extra=extra)


def _translated(value: Raw, rule: Rule) -> Raw:
    """Our word for theirs; one that the map does not know stays as it is."""
    if _taming.blank(value):
        return rule.default if rule.default is not None else value
    if isinstance(value, list):
        return [_translated(each, rule) for each in value]
    known = rule.folded
    return known.get(_plain(value), value) if isinstance(value, str | int) else value


def _plain(value: str | int) -> str:
    return _written(value).strip().casefold()


def _written(value: Raw) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read_rule(inner: Document, name: str, found: Read) -> None:
    before = len(inner.problems)
    path, constant = inner.text("path"), _fixed(inner, "constant")
    values, default = _values(inner), _fixed(inner, "default")
    inner.done()
    if path:
        found.paths[name] = path
    if len(inner.problems) > before:
        return
    nothing = constant is None and default is None and not values
    if constant is not None and (path or values or default is not None):
        inner.problem("constant", "mapping_invalid", "a constant stands alone")
    elif nothing and not path:
        inner.problem("", "mapping_invalid", "give a path, a constant, a default or values")
    elif not nothing and name in _fields.RESERVED:
        inner.problem("", "mapping_invalid", "this one has a path alone: it tells events apart")
    elif not nothing:
        folded = {_plain(theirs): ours for theirs, ours in values.items()}
        found.rules[name] = Rule(constant, default, values, folded)


def _fixed(inner: Document, name: str) -> Fixed:
    """One plain value that is not empty; absent is None."""
    value = inner.take(name)
    if value is None:
        return None
    if isinstance(value, str):
        value = inner.text(name, longest=MAX_LENGTH)
        if not value.strip():
            inner.problem(name, "mapping_invalid", "an empty value says nothing")
        return value
    if isinstance(value, int) and abs(value) < 10**38:
        return value
    inner.problem(name, "type_invalid", "expected a text, a whole number, or true or false")
    return None


def _values(inner: Document) -> dict[str, Fixed]:
    table = inner.inner("values")
    names = table.names()
    if len(names) > MAX_VALUES:
        table.problem("", "too_long", f"a field's map has at most {MAX_VALUES} values")
        return {}
    made: dict[str, Fixed] = {}
    spelt: dict[str, str] = {}
    for theirs in names:
        if not theirs.strip() or len(theirs) > MAX_LENGTH:
            table.problem(
                theirs[:100], "mapping_invalid", f"their value has 1 to {MAX_LENGTH} characters"
            )
        elif spelt.setdefault(_plain(theirs), theirs) != theirs:
            table.problem(theirs[:100], "mapping_invalid", "the same value stands here twice")
        elif (ours := _fixed(table, theirs)) is not None:
            made[theirs] = ours
    return made
