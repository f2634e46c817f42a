"""Who calls, and whether they may: `Authorization: Bearer <key>` against the keys of the stage.

A key is found by its hash, so no comparison runs over the secret itself, and a wrong one takes as
long as a right one: one read. What each role may stands in one place, at the routes.
"""

import re
from contextlib import suppress
from dataclasses import dataclass

from chalicelib import errors
from chalicelib.model import Request, to_ms
from chalicelib.ports import Outside
from chalicelib.store.api_keys import ApiKeys

ADMIN = frozenset({"admin"})
EDITORS = ADMIN | {"editor"}
READERS = EDITORS | {"viewer"}
# Machines that bring leads, and nothing else.
BRINGERS = EDITORS | {"ingest"}
EVERYBODY_WITH_A_KEY = READERS | BRINGERS

# RFC 6750's token, bounded; anything else is no key.
_BEARER = re.compile(r"bearer +([A-Za-z0-9._~+/-]{1,200}=*) *", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds a key: its id, role and scopes, and whether personal data is masked."""

    id: str
    role: str
    scopes: tuple[str, ...] = ()
    masked: bool = False

    @property
    def actor(self) -> str:
        """What is noted beside what they do."""
        return f"key:{self.id}"


def authenticate(request: Request, outside: Outside) -> Caller:
    """The caller of a request; `Unauthorised` without a key, or with one that opens nothing."""
    found = _BEARER.fullmatch(request.header("authorization"))
    if found is None:
        raise errors.Unauthorised(
            "send your key as Authorization: Bearer <key>", code="key_missing"
        )
    keys = ApiKeys(outside.table, outside.now)
    key = keys.find(found[1])
    if key is None or not key.valid(to_ms(outside.now())):
        raise errors.Unauthorised("this key is unknown, expired or revoked", code="key_invalid")
    # When a key was last used is good to know, and no reason to refuse anybody.
    with suppress(errors.Unavailable):
        keys.note_use(key)
    return Caller(key.id, key.role, key.scopes, key.masked)


def authorise(caller: Caller, roles: frozenset[str], scope: str) -> None:
    """Let a caller into a part of the API, or refuse with `Forbidden`."""
    if caller.role not in roles:
        raise errors.Forbidden(f"a key of role {caller.role} may not do this")
    if caller.scopes and scope not in caller.scopes:
        raise errors.Forbidden(f"this key is not good for {scope}")
