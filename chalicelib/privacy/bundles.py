"""A bundle's item in the table: whose it is, who asked, how far it is, where its file lies.

`BUNDLE#{id}  B`, listed by time and by lead; it and its object go after a week.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict

from chalicelib.noun import noun
from chalicelib.ports import Attribute, Insert, Item, Key, Table, Update
from chalicelib.store.items import dump, integer
from chalicelib.store.listing import Listing, cut

QUEUED, DONE, FAILED = "queued", "done", "failed"
# As long as the bucket keeps what lies under bundles/ (infra/template.yaml).
KEPT_DAYS = 7
_DAY_MS = 86_400_000
_ATTEMPTS, _MOST = 20, 100


@noun
class Bundle:
    """One copy of what is held of a person. `code` says why it could not be made."""

    id: str
    lead: str
    asked_ms: int
    actor: str = ""
    language: str = ""
    status: str = QUEUED
    code: str = ""
    file: str = ""
    bytes: int = 0
    finished_ms: int = 0

    @property
    def expires_ms(self) -> int:
        """When it goes."""
        return self.asked_ms + KEPT_DAYS * _DAY_MS


def folder(bundle: str) -> str:
    """Under which a bundle's objects lie."""
    return f"bundles/{bundle}/"


def place(bundle: str) -> Key:
    """Where a bundle's item lies."""
    return Key(f"BUNDLE#{bundle}", "B")


def insert(table: Table, made: Bundle) -> bool:
    """Write a new one; False where it is there already."""
    return table.write([Insert(place(made.id), _item(made))])[0]


def load(table: Table, bundle: str) -> Bundle | None:
    """A bundle, or None."""
    key = place(bundle)
    item = table.get([key]).get(key)
    return _read(item) if item else None


def change(table: Table, bundle: str, make: Callable[[Bundle], Bundle]) -> Bundle | None:
    """Change one as it is now; None where it was erased."""
    key = place(bundle)
    for _ in range(_ATTEMPTS):
        item = table.get([key]).get(key)
        if item is None:
            return None
        here = _read(item)
        made = make(here)
        if made == here or table.write([Update(key, _item(made), integer(item["v"]))])[0]:
            return made
    return None


def of_lead(table: Table, lead: str) -> Sequence[Bundle]:
    """The copies of one lead that are still there, newest first."""
    listing = Listing((f"BUNDLEOF#{lead}",), "g2", newest_first=True)
    entries, _ = cut(table, listing, _MOST)
    there = table.get([entry.key for entry in entries]) if entries else {}
    return [_read(there[entry.key]) for entry in entries if entry.key in there]


def _item(made: Bundle) -> dict[str, Attribute]:
    content = {name: value for name, value in asdict(made).items() if value}
    when = f"{made.asked_ms:013d}#{made.id}"
    return {
        "b": dump(content),
        "g1": "BUNDLES",
        "g1s": when,
        "g2": f"BUNDLEOF#{made.lead}",
        "g2s": when,
        "ttl": made.expires_ms // 1000,
    }


def _read(item: Item) -> Bundle:
    return Bundle(**json.loads(str(item["b"])))
