"""Who calls, and whether they may: `Authorization: Bearer <key>` against the keys of the stage.

A key is found by its hash, so no comparison runs over the secret itself, and a wrong one takes as
long as a right one: one read. What each role may stands in one place, at the routes.
"""

import re
from dataclasses import dataclass

from chalicelib import errors
from chalicelib.model import Request, rfc3339, to_ms
from chalicelib.ports import Insert, Outside, Update
from chalicelib.store.api_keys import ApiKey, ApiKeys

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
    """Whoever holds a key: its id, role, scopes and label, and whether they see data masked.

    `due` is what their call has to be written beside what it does: when their key was last used.
    """

    id: str
    role: str
    scopes: tuple[str, ...] = ()
    masked: bool = False
    label: str = ""
    due: tuple[Insert | Update, ...] = ()

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
    key = ApiKeys(outside.table, outside.now).find(found[1])
    if key is None:
        raise errors.Unauthorised("nobody knows this key", code="key_invalid")
    return caller_of(key, to_ms(outside.now()))


def caller_of(key: ApiKey, now_ms: int) -> Caller:
    """Whoever holds a key; `Unauthorised` where it opens nothing any more.

    Only who holds the secret learns that, so that it may be told in so many words.
    """
    if key.revoked_ms:
        raise errors.Unauthorised("this key was revoked", code="key_revoked")
    if not key.valid(now_ms):
        raise errors.Unauthorised(
            f"this key expired at {rfc3339(key.until_ms)}", code="key_expired"
        )
    return Caller(key.id, key.role, key.scopes, key.masked, key.label, key.use_due(now_ms))


def authorise(caller: Caller, roles: frozenset[str], scope: str) -> None:
    """Let a caller into a part of the API, or refuse with `Forbidden`."""
    if caller.role not in roles:
        raise errors.Forbidden(f"a key of role {caller.role} may not do this")
    if caller.scopes and scope not in caller.scopes:
        raise errors.Forbidden(f"this key is not good for {scope}")
