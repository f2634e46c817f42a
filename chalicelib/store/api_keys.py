"""The keys of the API: only a hash is stored, the secret is shown once.

A secret is 192 random bits, so a plain SHA-256 of it is as good as a slow hash and is found by
full key. The id is the first half of that hash: it names the key in logs and on what its holder
did, and leads nobody back to the secret.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.model import to_ms
from chalicelib.ports import Clock, Insert, Item, Key, Table, Update
from chalicelib.store import items
from chalicelib.store.listing import Listing, cut

ROLES = ("admin", "editor", "viewer", "ingest")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key: what its holder may do, and until when.

    `masked`: personal data is shown in part only. `scopes` name the parts of the API that it is
    good for (`leads`, `submissions`, `imports` …); none: all that the role may. An `expires_ms`
    of 0 is never, a `revoked_ms` of 0 not yet.
    """

    id: str
    role: str
    label: str = ""
    scopes: tuple[str, ...] = ()
    masked: bool = False
    created_ms: int = 0
    expires_ms: int = 0
    revoked_ms: int = 0

    def valid(self, now_ms: int) -> bool:
        """Whether it opens anything now."""
        return not self.revoked_ms and (not self.expires_ms or now_ms < self.expires_ms)


class KeyPage(NamedTuple):
    """A page of keys, and the position to go on after; empty at the end."""

    keys: list[ApiKey]
    last: str


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """The keys of one stage."""

    table: Table
    now: Clock

    def create(
        self,
        role: str,
        label: str = "",
        *,
        scopes: tuple[str, ...] = (),
        masked: bool | None = None,
        expires_ms: int = 0,
        secret: str = "",
    ) -> tuple[str, ApiKey]:
        """Make a key; its secret comes back this once. A viewer's is masked unless said otherwise.

        A given `secret` (the local stage's, kept across restarts) is stored once and stays as it
        was stored first.
        """
        secret = secret or f"inlet_{secrets.token_urlsafe(24)}"
        hidden = role == "viewer" if masked is None else masked
        created = to_ms(self.now())
        key = ApiKey(key_id(secret), role, label, scopes, hidden, created, expires_ms)
        if self.table.transact([Insert(_key(key.id), _item(key))]):
            return secret, key
        return secret, self.get(key.id) or key

    def find(self, secret: str) -> ApiKey | None:
        """The key of a secret, valid or not; None where nobody knows it. One read."""
        return self.get(key_id(secret))

    def get(self, name: str) -> ApiKey | None:
        """The key of an id, or None."""
        place = _key(name)
        item = self.table.get([place]).get(place)
        return _read(item) if item else None

    def list(self, limit: int, position: str = "") -> KeyPage:
        """A page of keys, newest first, the expired and revoked among them."""
        listing = Listing(("KEY",), "g1", newest_first=True)
        entries, last = cut(self.table, listing, limit, position)
        found = self.table.get([entry.key for entry in entries]) if entries else {}
        return KeyPage([_read(found[e.key]) for e in entries if e.key in found], last)

    def revoke(self, name: str) -> ApiKey | None:
        """Shut a key for good; it stays listed, since what its holder did names it."""
        key = self.get(name)
        if key is None or key.revoked_ms:
            return key
        revoked = to_ms(self.now())
        self.table.transact([Update(_key(name), {"revoked": revoked}, 1)])
        return self.get(name)


def key_id(secret: str) -> str:
    """The id of the key that a secret opens."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _key(name: str) -> Key:
    return Key(f"KEY#{name}", "K")


def _item(key: ApiKey) -> dict[str, str]:
    body = {
        "i": key.id,
        "role": key.role,
        "label": key.label,
        "scopes": list(key.scopes),
        "masked": key.masked,
        "created": key.created_ms,
        "expires": key.expires_ms,
    }
    return {"b": items.dump(body), "g1": "KEY", "g1s": f"{key.created_ms:013d}#{key.id}"}


def _read(item: Item) -> ApiKey:
    body = json.loads(str(item["b"]))
    return ApiKey(
        id=body["i"],
        role=body["role"],
        label=body["label"],
        scopes=tuple(body["scopes"]),
        masked=body["masked"],
        created_ms=body["created"],
        expires_ms=body["expires"],
        revoked_ms=int(str(item.get("revoked", 0))),
    )
