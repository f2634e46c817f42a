"""Mappings that are kept under a name, and found again by the header that they were made for.

A mapping is a document with versions (`store.config`). One small item holds which headers belong to
which name, written in the same transaction, so that a file finds its mapping with one read.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any

from chalicelib import errors
from chalicelib.imports.meaning import read_columns, read_meaning
from chalicelib.imports.options import Said
from chalicelib.model import Problem
from chalicelib.noun import noun
from chalicelib.ports import Insert, Item, Key, Table, Update, Write
from chalicelib.presets import header_key
from chalicelib.presets._layout import ROLES
from chalicelib.store.config import Configuration, Kind
from chalicelib.store.items import dump

FINGERPRINTS = Key("MAPPINGS", "FINGERPRINTS")
MOST_MAPPINGS = 2000
_MOST_COLUMNS = 1000
_EXTERNAL_ID = "external_id"


@noun
class Saved:
    """A kept mapping; `columns` is header → what the column is."""

    name: str = ""
    columns: Mapping[str, Said] = field(default_factory=dict)


NONE = Saved()


def fingerprint(header: Iterable[str]) -> str:
    """What two headers have in common whose columns are the same, in any order and spelling."""
    keys = sorted({key for name in header if (key := header_key(name))})
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()[:32] if keys else ""


def check(document: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """A mapping's document as it is kept; `Rejected` says what is wrong with it.

    `{"columns": {header: field | null | {…}}, "header": […]}`; `header` is the whole header that it
    is for (the columns' own, where it is not given), by which it is chosen. `known` are all fields.
    """
    problems = [Problem(str(n)[:100], "unknown_field") for n in {*document} - {"columns", "header"}]
    try:
        columns = read_columns(document.get("columns"))
    except (TypeError, ValueError, RecursionError):
        problems.append(Problem("columns", "type_invalid"))
        columns = {}
    names, fields = document.get("header", list(columns)), {*known, _EXTERNAL_ID, *ROLES}
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        problems.append(Problem("header", "type_invalid"))
        names = []
    for header, said in columns.items():
        if any(name not in fields for name in _named(said)):
            problems.append(Problem(f"columns.{header}"[:200], "unknown_field"))
    if not problems and not any(_named(said) for said in columns.values()):
        problems.append(Problem("columns", "required_missing"))
    if len(names) > _MOST_COLUMNS or len(columns) > _MOST_COLUMNS:
        problems.append(Problem("columns", "too_long"))
    if problems:
        raise errors.Rejected("this is not a mapping", problems=problems)
    return {"header": names, "columns": columns}


def _named(said: Said) -> Sequence[str]:
    meaning = read_meaning(said)
    return [name for name in (meaning.field, *meaning.into) if name]


def changed(table: Table, name: str, content: Mapping[str, Any] | None) -> list[Write]:
    """What must be written so that a header finds this mapping, or (None) finds it no more."""
    item = table.get([FINGERPRINTS]).get(FINGERPRINTS)
    kept = {mark: owner for mark, owner in _read(item).items() if owner != name}
    if content is not None and (mark := fingerprint(content["header"])):
        kept[mark] = name  # the mapping that was saved last for a header is the one meant
    if len(kept) > MOST_MAPPINGS:
        raise errors.TooLarge(f"at most {MOST_MAPPINGS} mappings")
    if item is None:
        return [Insert(FINGERPRINTS, {"b": dump(kept)})]
    return [Update(FINGERPRINTS, {"b": dump(kept)}, int(str(item["v"])))]


def by_name(table: Table, name: str) -> Saved:
    """The mapping of a name; `Rejected` (`mapping_unknown`) where there is none."""
    found = _load(table, name)
    if found is None:
        raise errors.Rejected(name[:100], code="mapping_unknown")
    return found


def by_header(table: Table, header: Sequence[str]) -> Saved:
    """The mapping that was saved for a header; an empty one where there is none."""
    name = _read(table.get([FINGERPRINTS]).get(FINGERPRINTS)).get(fingerprint(header), "")
    return (_load(table, name) if name else None) or NONE


def _load(table: Table, name: str) -> Saved | None:
    document = Configuration(table, lambda: 0).get(Kind.MAPPING, name)
    return Saved(name, document.content["columns"]) if document else None


def _read(item: Item | None) -> dict[str, str]:
    found: dict[str, str] = json.loads(str(item["b"])) if item else {}
    return found
