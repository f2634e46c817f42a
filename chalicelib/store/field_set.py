"""The set of all configured fields: one small item, so that every door has it with one read.

Each field is a document with versions (`store.config`); this item holds them all as they are now.
Both are written in one transaction, so the set never lags behind a document.
"""

import json
from collections.abc import Mapping
from typing import Any

from chalicelib import errors
from chalicelib.ports import Insert, Item, Key, Table, Update, Write
from chalicelib.store.items import dump

FIELDS = Key("FIELDS", "CURRENT")
MOST_FIELDS = 200
# Read with every form and endpoint: it must stay small.
MAX_BYTES = 200_000

Documents = Mapping[str, Mapping[str, Any]]


def read_fields(item: Item | None) -> Documents:
    """The documents by name, from the item; none where there is no item yet."""
    found: Documents = json.loads(str(item["b"])) if item else {}
    return found


def load_fields(table: Table) -> Documents:
    """The documents by name, as they are stored now; one read."""
    return read_fields(table.get([FIELDS]).get(FIELDS))


def changed(table: Table, name: str, content: Mapping[str, Any] | None) -> list[Write]:
    """What must be written so that the set has one document otherwise, or (None) no more.

    The write demands the version that was read. `TooLarge` where the set would not be small.
    """
    item = table.get([FIELDS]).get(FIELDS)
    documents = {**read_fields(item)}
    documents.pop(name, None)
    if content is not None:
        documents[name] = content
    body = dump(documents)
    if len(documents) > MOST_FIELDS or len(body.encode()) > MAX_BYTES:
        raise errors.TooLarge(f"at most {MOST_FIELDS} fields of 200 KB together")
    if item is None:
        return [Insert(FIELDS, {"b": body})]
    return [Update(FIELDS, {"b": body}, int(str(item["v"])))]
