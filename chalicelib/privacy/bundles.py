"""A bundle's item in the table: whose it is, who asked, how far it is, where its file lies.

`BUNDLE#{id}  B`, listed by time and by lead; it and its object go after a week.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict

from chalicelib.noun import noun
from chalicelib.ports import Attribute, Item, Key, Table
from chalicelib.store.items import dump
from chalicelib.store.jobs import Jobs
from chalicelib.store.listing import Listing

QUEUED, DONE, FAILED = "queued", "done", "failed"
# As long as the bucket keeps what lies under bundles/ (infra/template.yaml).
KEPT_DAYS = 7
_DAY_MS = 86_400_000
_MOST = 100


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


def of_lead(table: Table, lead: str) -> Sequence[Bundle]:
    """The copies of one lead that are still there, newest first."""
    listing = Listing((f"BUNDLEOF#{lead}",), "g2", newest_first=True)
    found, _ = JOBS.page(table, listing, _MOST)
    return found


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


JOBS = Jobs(place, _item, _read, "BUNDLES")
load, change = JOBS.load, JOBS.change


def insert(table: Table, made: Bundle) -> bool:
    """Write a new one; False where it is there already."""
    return JOBS.insert(table, made.id, made)
