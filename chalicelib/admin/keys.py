"""The API's own keys, and whether the store balances: what administrators look after."""

import re
from typing import Any

from chalicelib import errors
from chalicelib.admin.call import Call, answer, invalid, moment
from chalicelib.model import Response, rfc3339
from chalicelib.store.api_keys import ROLES, ApiKey, ApiKeys
from chalicelib.store.verify import verify as unbalanced

SCOPES = (
    "leads", "submissions", "imports", "forms", "fields", "mappings", "exports",
    "endpoints", "suppressions", "keys", "verify",
)  # fmt: skip
MOST_FINDINGS = 1000
_ID = re.compile(r"[0-9a-f]{32}")
_PARTS = ("role", "label", "scopes", "masked", "expires_at")


def list_keys(call: Call) -> dict[str, Any]:
    """A page of keys without their secrets, newest first."""
    keys, last = _keys(call).list(call.limit(), call.position())
    return call.page([_shape(key) for key in keys], last)


def create_key(call: Call) -> Response:
    """A new key; its secret is shown in this answer and never again."""
    body = call.body()
    for name in body:
        if name not in _PARTS:
            raise invalid(name[:100], "unknown_field", f"expected {', '.join(_PARTS)}")
    role, label = body.get("role"), body.get("label", "")
    if role not in ROLES:
        raise invalid("role", "choice_unknown", f"one of {', '.join(ROLES)}")
    if not isinstance(label, str) or len(label) > 200 or not label.isprintable():
        raise invalid("label", "type_invalid", "a printable text of at most 200 characters")
    secret, key = _keys(call).create(
        role,
        label,
        scopes=_scopes(body.get("scopes", [])),
        masked=_masked(body.get("masked")),
        expires_ms=_expiry(call, body.get("expires_at")),
    )
    return answer(201, {**_shape(key), "secret": secret})


def revoke_key(call: Call) -> Response:
    """Shut a key; never the one that says so, lest nobody be left inside."""
    name = call.path["key"]
    if name == call.caller.id:
        raise errors.Conflict("a key does not revoke itself", code="own_key")
    if not _ID.fullmatch(name) or _keys(call).revoke(name) is None:
        raise errors.Missing("no such key")
    return Response(204)


def verify(call: Call) -> dict[str, Any]:
    """Derive everything anew from the stored submissions and say what does not balance.

    It reads the whole table: on one too large for a request's time, `inlet verify` does the same.
    """
    found = unbalanced(call.live.dump())
    return {"balanced": not found, "count": len(found), "problems": found[:MOST_FINDINGS]}


def _keys(call: Call) -> ApiKeys:
    return ApiKeys(call.outside.table, call.outside.now)


def _scopes(given: object) -> tuple[str, ...]:
    if not isinstance(given, list) or any(scope not in SCOPES for scope in given):
        raise invalid("scopes", "choice_unknown", f"a list of {', '.join(SCOPES)}")
    return tuple(dict.fromkeys(given))


def _expiry(call: Call, given: object) -> int:
    if given is None:
        return 0
    expires = moment("expires_at", given)
    if expires <= call.now_ms:
        raise invalid("expires_at", "date_invalid", "this is over already")
    return expires


def _masked(given: object) -> bool | None:
    if given is not None and not isinstance(given, bool):
        raise invalid("masked", "type_invalid", "expected true or false")
    return given


def _shape(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "role": key.role,
        "label": key.label,
        "scopes": list(key.scopes),
        "masked": key.masked,
        "created_at": rfc3339(key.created_ms),
        "expires_at": rfc3339(key.expires_ms) if key.expires_ms else None,
        "revoked_at": rfc3339(key.revoked_ms) if key.revoked_ms else None,
    }
