"""The API's own keys, and whether the store balances: what administrators look after."""

import re
from typing import Any

from chalicelib import errors
from chalicelib.admin import scopes
from chalicelib.admin.call import Call, answer, invalid, moment
from chalicelib.model import Response, rfc3339
from chalicelib.store.api_keys import ROLES, ApiKey, ApiKeys
from chalicelib.store.verify import verify as unbalanced

MOST_FINDINGS = 1000
USUAL_HOURS, MOST_HOURS = 24, 24 * 30
_HOUR_MS = 3_600_000
_ID = re.compile(r"[0-9a-f]{32}")
# `name` is what others call the label.
_PARTS = ("role", "label", "scopes", "masked", "expires_at", "name")


def list_keys(call: Call) -> dict[str, Any]:
    """A page of keys without their secrets, newest first."""
    keys, last = _keys(call).list(call.limit(), call.position())
    return call.page([_shape(key) for key in keys], last)


def get_key(call: Call) -> dict[str, Any]:
    """One key without its secret."""
    name = call.path["key"]
    key = _keys(call).get(name) if _ID.fullmatch(name) else None
    if key is None:
        raise errors.Missing("no such key")
    return _shape(key)


def create_key(call: Call) -> Response:
    """A new key; its secret is shown in this answer and never again."""
    body = call.body()
    for name in body:
        if name not in _PARTS:
            raise invalid(name[:100], "unknown_field", f"expected {', '.join(_PARTS)}")
    role, label = body.get("role"), body.get("label", body.get("name", ""))
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


def rotate_key(call: Call) -> Response:
    """A new key in the place of one, which stays good for some hours more; its secret is shown once.

    The new one lives as long from now as the old one was made for. An answer that was lost costs
    nothing but a key to revoke: the old one can be rotated again.
    """
    body = call.body()
    hours = body.get("hours", USUAL_HOURS)
    if set(body) - {"hours"} or type(hours) is not int or not 0 <= hours <= MOST_HOURS:
        raise invalid("hours", "number_invalid", f"hours alone, a whole number to {MOST_HOURS}")
    name = call.path["key"]
    old = _keys(call).get(name) if _ID.fullmatch(name) else None
    if old is None:
        raise errors.Missing("no such key")
    if old.user:
        raise errors.Conflict("nobody holds a secret of this one", code="key_of_user")
    if not old.valid(call.now_ms):
        raise errors.Conflict("this key is expired or revoked: make a new one", code="key_invalid")
    lifetime = old.expires_ms - old.created_ms if old.expires_ms else 0
    expires = call.now_ms + lifetime if lifetime else 0
    made = _keys(call).rotate(old, expires, call.now_ms + hours * _HOUR_MS)
    if made is None:
        raise errors.Conflict("somebody changed this key just now")
    return answer(201, {**_shape(made[1]), "secret": made[0]})


def verify(call: Call) -> dict[str, Any]:
    """Derive everything anew from the stored submissions and say what does not balance.

    It reads the whole table: on one too large for a request's time, `inlet verify` does the same.
    """
    found = unbalanced(call.live.dump(), call.live.ring, call.now_ms)
    return {"balanced": not found, "count": len(found), "problems": found[:MOST_FINDINGS]}


def _keys(call: Call) -> ApiKeys:
    return ApiKeys(call.outside.table, call.outside.now)


def _scopes(given: object) -> tuple[str, ...]:
    known = scopes.parts()
    if not isinstance(given, list) or any(scope not in known for scope in given):
        raise invalid("scopes", "choice_unknown", f"a list of {', '.join(known)}")
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
        "user": key.user,
        "may": scopes.may(key.role, key.scopes),
        "created_at": rfc3339(key.created_ms),
        "expires_at": rfc3339(key.until_ms) if key.until_ms else None,
        "revoked_at": rfc3339(key.revoked_ms) if key.revoked_ms else None,
        "used_at": rfc3339(key.used_ms) if key.used_ms else None,
    }
