"""The keys of the API: only a hash is stored, the secret is shown once.

A secret is 192 random bits, so a plain SHA-256 of it is as good as a slow hash and is found by
full key. The id is the first half of that hash: it names the key in logs and on what its holder
did, and leads nobody back to the secret.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from chalicelib.model import to_ms
from chalicelib.noun import noun
from chalicelib.ports import Clock, Insert, Item, Key, Table, Update, Write
from chalicelib.store import items
from chalicelib.store.listing import Listing, cut

# Last use is known to the hour.
USE_MS = 3_600_000
# The mark of a stay that was left outlives it by an hour: clocks differ.
_KEPT_SECONDS = 3600

ROLES = ("admin", "editor", "viewer", "ingest")


@noun
class ApiKey:
    """One key: what its holder may do, and until when.

    `masked`: personal data is shown in part only. `scopes` name the parts of the API that it is
    good for (`leads`, `submissions`, `imports` …); none: all that the role may. An `expires_ms`
    of 0 is never, a `revoked_ms` of 0 not yet. A key that was rotated ends at `ends_ms`, whatever
    it was made for. `used_ms` is when it was last used, to the hour.
    A `user` signs in through the stage's issuer: nobody holds a secret of such a key.
    """

    id: str
    role: str
    label: str = ""
    scopes: tuple[str, ...] = ()
    masked: bool = False
    created_ms: int = 0
    expires_ms: int = 0
    revoked_ms: int = 0
    ends_ms: int = 0
    used_ms: int = 0
    use_version: int = 0
    version: int = 1
    user: bool = False

    def valid(self, now_ms: int) -> bool:
        """Whether it opens anything now."""
        return not self.revoked_ms and (not self.until_ms or now_ms < self.until_ms)

    @property
    def until_ms(self) -> int:
        """When it stops being good by itself; 0 is never."""
        return self.ends_ms or self.expires_ms

    def use_due(self, now_ms: int) -> tuple[Insert | Update, ...]:
        """What a use now has to be written, once an hour at most; another's write may refuse it."""
        if now_ms - self.used_ms < USE_MS:
            return ()
        if self.use_version:
            return (Update(_use(self.id), {"used": now_ms}, self.use_version),)
        return (Insert(_use(self.id), {"used": now_ms}),)


class KeyPage(NamedTuple):
    """A page of keys, and the position to go on after; empty at the end."""

    keys: list[ApiKey]
    last: str


@noun
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

    def sign_in(self, name: str, role: str, label: str, *, masked: bool, expires_ms: int) -> ApiKey:
        """The entry of a person who came in through the issuer, made or brought up to date.

        One that was revoked stays as it is: whoever shut somebody out need not tell the issuer.
        """
        there = self.get(name)
        if there is None:
            created = to_ms(self.now())
            made = ApiKey(name, role, label, (), masked, created, expires_ms, user=True)
            self.table.transact([Insert(_key(name), _item(made))])
        elif not there.revoked_ms:
            made = replace(there, role=role, label=label, masked=masked, expires_ms=expires_ms)
            self.table.transact([Update(_key(name), {"b": _item(made)["b"]}, there.version)])
        found = self.get(name)
        assert found is not None, "nothing deletes a key"
        return found

    def find(self, secret: str) -> ApiKey | None:
        """The key of a secret, valid or not; None where nobody knows it. One read."""
        return self.get(key_id(secret))

    def get(self, name: str) -> ApiKey | None:
        """The key of an id, or None."""
        return self._several([name]).get(name)

    def staying(self, name: str, stay: str) -> ApiKey | None:
        """The key by which somebody stays signed in; None once they signed out. One request."""
        found = self.table.get([_key(name), _use(name), _left(stay)])
        if _left(stay) in found or _key(name) not in found:
            return None
        return _read(found[_key(name)], found.get(_use(name)))

    def leave(self, stay: str, until_ms: int) -> None:
        """Let a stay be over, whoever still has its cookie; `until_ms`: it would be by then anyway."""
        self.table.put(_left(stay), {"ttl": until_ms // 1000 + _KEPT_SECONDS})

    def _several(self, names: Sequence[str]) -> dict[str, ApiKey]:
        """Some keys with their last use; one request."""
        places = [place(name) for name in names for place in (_key, _use)]
        found = self.table.get(places) if places else {}
        return {
            name: _read(found[_key(name)], found.get(_use(name)))
            for name in names
            if _key(name) in found
        }

    def rotate(self, key: ApiKey, expires_ms: int, ends_ms: int) -> tuple[str, ApiKey] | None:
        """A new key that may what this one may; this one ends at `ends_ms`, or sooner if it would.

        Both at once, or None where the key was changed meanwhile. The new one's secret comes back.
        """
        secret = f"inlet_{secrets.token_urlsafe(24)}"
        made = replace(
            key,
            id=key_id(secret),
            created_ms=to_ms(self.now()),
            expires_ms=expires_ms,
            ends_ms=0,
            used_ms=0,
            use_version=0,
            version=1,
        )
        ends = min(ends_ms, key.until_ms or ends_ms)
        writes: list[Write] = [
            Insert(_key(made.id), _item(made)),
            Update(_key(key.id), {"ends": ends}, key.version),
        ]
        return (secret, made) if self.table.transact(writes) else None

    def list(self, limit: int, position: str = "") -> KeyPage:
        """A page of keys, newest first, the expired and revoked among them."""
        listing = Listing(("KEY",), "g1", newest_first=True)
        entries, last = cut(self.table, listing, limit, position)
        names = [entry.key.pk.removeprefix("KEY#") for entry in entries]
        return KeyPage(list(self._several(names).values()), last)

    def revoke(self, name: str) -> ApiKey | None:
        """Shut a key for good; it stays listed, since what its holder did names it."""
        key = self.get(name)
        if key is None or key.revoked_ms:
            return key
        revoked = to_ms(self.now())
        self.table.transact([Update(_key(name), {"revoked": revoked}, key.version)])
        return self.get(name)


def key_id(secret: str) -> str:
    """The id of the key that a secret opens."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _key(name: str) -> Key:
    return Key(f"KEY#{name}", "K")


def _use(name: str) -> Key:
    return Key(f"KEY#{name}", "U")


def _left(stay: str) -> Key:
    return Key(f"LEFT#{stay}", "S")


def _item(key: ApiKey) -> dict[str, str]:
    body = {
        "i": key.id,
        "role": key.role,
        "label": key.label,
        "scopes": list(key.scopes),
        "masked": key.masked,
        "created": key.created_ms,
        "expires": key.expires_ms,
    } | ({"user": True} if key.user else {})
    return {"b": items.dump(body), "g1": "KEY", "g1s": f"{key.created_ms:013d}#{key.id}"}


def _read(item: Item, use: Item | None = None) -> ApiKey:
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
        ends_ms=int(str(item.get("ends", 0))),
        used_ms=int(str(use["used"])) if use else 0,
        use_version=int(str(use["v"])) if use else 0,
        version=int(str(item["v"])),
        user=body.get("user", False),
    )
