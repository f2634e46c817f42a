"""What somebody said of their consent outside a form: confirmed by a link, or withdrawn.

That it was given, in which words and by which door, stands on the submission that brought it. This
ledger keeps, by key, the latest of each kind; taking the latest makes every write safe to repeat,
in any order. It lies outside the fold, as suppressions do: no undo makes a confirmation unsaid.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

from chalicelib import errors
from chalicelib.noun import noun
from chalicelib.ports import Insert, Item, Key, Table, Update, Write
from chalicelib.store import items

ATTEMPTS = 20
SORT = "C"
# So many calls are known again that were made under an idempotency key.
_MOST_MARKS = 20
CONFIRMED, WITHDRAWN = "confirmed", "withdrawn"


class Said(NamedTuple):
    """One thing said: when, by which receipt or actor, by which door."""

    ms: int
    by: str
    door: str


@noun
class Consent:
    """What is known of one key beyond its submissions; `version` 0: nothing yet.

    `marks` name the latest calls that said something here, those that can be made again.
    """

    version: int = 0
    confirmed: Said | None = None
    withdrawn: Said | None = None
    marks: tuple[str, ...] = ()


def consent_key(key: str) -> Key:
    """Where the consent of a key of the ring lies."""
    return Key(f"C#{key}", SORT)


def get(table: Table, keys: Iterable[str]) -> dict[str, Consent]:
    """What is known of some keys, a hundred a request; keys that nothing is known of are left out."""
    places = {consent_key(key): key for key in dict.fromkeys(keys)}
    found = table.get(list(places)) if places else {}
    return {places[place]: read(item) for place, item in found.items()}


def note(table: Table, key: str, kind: str, said: Said, mark: str = "") -> Consent:
    """Note that somebody confirmed or withdrew; the latest of each stays.

    With a `mark`, the same again changes nothing, whatever was said since.
    """
    for _ in range(ATTEMPTS):
        there = get(table, [key]).get(key, Consent())
        held = {CONFIRMED: there.confirmed, WITHDRAWN: there.withdrawn}
        if max(said, held[kind] or said) != said or held[kind] == said or mark in there.marks:
            return there
        held[kind] = said
        marks = (*there.marks, mark)[-_MOST_MARKS:] if mark else there.marks
        content = {name: list(one) for name, one in held.items() if one}
        body = json.dumps(content | ({"marks": marks} if marks else {}))
        place = consent_key(key)
        write: Write = Insert(place, {"b": body})
        if there.version:
            write = Update(place, {"b": body}, there.version)
        if table.transact([write]):
            return Consent(there.version + 1, held[CONFIRMED], held[WITHDRAWN], marks)
    raise errors.Contended("too many writers met on one consent")


def read(item: Item) -> Consent:
    """What an item of the ledger says."""
    body = json.loads(str(item["b"]))
    said = {name: Said(*body[name]) if name in body else None for name in (CONFIRMED, WITHDRAWN)}
    marks = tuple(body.get("marks", ()))
    return Consent(items.integer(item["v"]), said[CONFIRMED], said[WITHDRAWN], marks)
