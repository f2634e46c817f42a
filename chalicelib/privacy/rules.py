"""The stage's rules of what is kept for how long, as one configured document.

`{"dropped_files": "delete" | "list", "rules": [{"name", "of", "after_days", …}]}`. What a rule is
*of*: `raw` (deliveries as they came), `submissions` (held or refused ones, by `fates`), `uploads`,
`touches` (condensed, never taken away), `leads` (proposed, never taken away). `doors` and
`acquisitions` narrow it, `consent` narrows a rule of leads.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from chalicelib import errors
from chalicelib.model import Acquisition, Door, Fate, Problem
from chalicelib.noun import noun
from chalicelib.ports import Table
from chalicelib.store.config import Configuration, Kind

NAME = "retention"
DELETE, LIST = "delete", "list"
KINDS = ("raw", "submissions", "uploads", "touches", "leads")
HELD_FATES = (Fate.SPAM, Fate.REJECTED, Fate.QUARANTINED, Fate.IGNORED)
CONSENTS = ("none", "given", "refused", "pending", "confirmed", "withdrawn")
# What waited in a queue, or in a paused import, has come in by then.
LEAST_DAYS, MOST_DAYS = 15, 36_500
# A chunk keeps its rows, and a delivery can be replayed, for so long.
LEAST = {"touches": 90, "leads": 90}
MOST_RULES = 20
_NAME = re.compile(r"[a-z0-9_-]{1,40}")
_LISTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "fates": (tuple(map(str, HELD_FATES)), ("submissions",)),
    "doors": (tuple(map(str, Door)), ("raw", "submissions", "uploads", "touches")),
    "acquisitions": (tuple(map(str, Acquisition)), KINDS),
    "consent": (CONSENTS, ("leads",)),
}


@noun
class Rule:
    """One rule; an empty list narrows nothing."""

    name: str
    of: str
    after_days: int
    fates: tuple[str, ...] = ()
    doors: tuple[str, ...] = ()
    acquisitions: tuple[str, ...] = ()
    consent: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """A name for what it looks at, whatever the age: another one begins from the start."""
        parts = [self.of, self.fates, self.doors, self.acquisitions, self.consent]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


@noun
class Retention:
    """All of it."""

    rules: tuple[Rule, ...] = ()
    dropped_files: str = DELETE


def usual(raw_days: int) -> Retention:
    """What holds until somebody configures it: deliveries go when they can be replayed no more."""
    return Retention((Rule("raw", "raw", max(raw_days, LEAST_DAYS)),))


def dump(retention: Retention) -> dict[str, Any]:
    """The document of it."""
    return {
        "dropped_files": retention.dropped_files,
        "rules": [
            {"name": rule.name, "of": rule.of, "after_days": rule.after_days}
            | {name: list(held) for name in _LISTS if (held := getattr(rule, name))}
            for rule in retention.rules
        ],
    }


def load(document: Mapping[str, Any]) -> Retention:
    """The rules of a document; `Rejected` names every member that is wrong."""
    problems: list[Problem] = []
    for name in document:
        if name not in ("dropped_files", "rules"):
            problems.append(_problem(name, "unknown_field", "expected dropped_files and rules"))
    files = document.get("dropped_files", DELETE)
    if files not in (DELETE, LIST):
        problems.append(_problem("dropped_files", "choice_unknown", f"{DELETE} or {LIST}"))
    given = document.get("rules", [])
    if not isinstance(given, list) or len(given) > MOST_RULES:
        problems.append(_problem("rules", "type_invalid", f"a list of at most {MOST_RULES} rules"))
        given = []
    rules = [_rule(f"rules[{at}]", each, problems) for at, each in enumerate(given)]
    names = [rule.name for rule in rules if rule]
    if len(set(names)) < len(names):
        problems.append(_problem("rules", "type_invalid", "each rule has a name of its own"))
    if problems:
        raise errors.Rejected("these rules are invalid", problems=problems)
    return Retention(tuple(rule for rule in rules if rule), str(files))


def of_stage(table: Table, raw_days: int) -> Retention:
    """The rules as they stand."""
    stored = Configuration(table, lambda: 0).get(Kind.RETENTION, NAME)
    return load(stored.content) if stored else usual(raw_days)


def dropped_files(table: Table) -> str:
    """What becomes of a dropped file when somebody in it is erased: `delete`, or `list`."""
    stored = Configuration(table, lambda: 0).get(Kind.RETENTION, NAME)
    return str(stored.content.get("dropped_files", DELETE)) if stored else DELETE


def _rule(place: str, given: object, problems: list[Problem]) -> Rule | None:
    if not isinstance(given, dict):
        problems.append(_problem(place, "type_invalid", "an object"))
        return None
    before = len(problems)
    for name in given:
        if name not in ("name", "of", "after_days", *_LISTS):
            problems.append(_problem(f"{place}.{name[:50]}", "unknown_field", "no such member"))
    name, of, days = given.get("name"), given.get("of"), given.get("after_days")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        problems.append(_problem(f"{place}.name", "type_invalid", "small letters, digits, - and _"))
    if of not in KINDS:
        problems.append(_problem(f"{place}.of", "choice_unknown", f"one of {', '.join(KINDS)}"))
        return None
    least = LEAST.get(str(of), LEAST_DAYS)
    if not isinstance(days, int) or isinstance(days, bool) or not least <= days <= MOST_DAYS:
        problems.append(
            _problem(f"{place}.after_days", "number_invalid", f"from {least} to {MOST_DAYS}")
        )
    lists = {part: _list(place, part, given, str(of), problems) for part in _LISTS}
    if of == "submissions" and not lists["fates"]:
        problems.append(_problem(f"{place}.fates", "required_missing", "say which fates"))
    if len(problems) > before:
        return None
    return Rule(str(name), str(of), int(str(days)), **lists)


def _list(
    place: str, part: str, given: Mapping[str, Any], of: str, problems: list[Problem]
) -> tuple[str, ...]:
    words, kinds = _LISTS[part]
    held = given.get(part, [])
    if part in given and of not in kinds:
        problems.append(_problem(f"{place}.{part}", "unknown_field", f"no part of a rule of {of}"))
    if not isinstance(held, list) or any(each not in words for each in held):
        problems.append(
            _problem(f"{place}.{part}", "choice_unknown", f"some of {', '.join(words)}")
        )
        return ()
    return tuple(dict.fromkeys(_texts(held)))


def _texts(held: Iterable[object]) -> list[str]:
    return [str(each) for each in held]


def _problem(place: str, code: str, message: str) -> Problem:
    return Problem(place[:100], code, message)
