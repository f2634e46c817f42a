"""Mending what does not follow from the stored submissions, a slice of the table a call."""

import time
from typing import Any

from chalicelib import errors
from chalicelib.admin.call import Call, invalid
from chalicelib.admin.cursor import Cursors
from chalicelib.ports import Key
from chalicelib.stats.audit import importing
from chalicelib.store.kinds import ACCOUNT, key_of, kind_of
from chalicelib.store.leftovers import clear_tags, vacate
from chalicelib.store.looking import Wrong, look
from chalicelib.store.mend import mend

PAGE = 100
# Well within a request's time; a page with much to mend takes some seconds.
SECONDS = 12.0


def repair(call: Call) -> dict[str, Any]:
    """Look at a slice of the table, mend what is wrong with it, and say what was and what is left.

    What nobody needs any more is let go of on the way: entries under tags, and the places of empty
    accounts in their lists. `cursor` goes on with the next slice. Not while an import is under way:
    what its batches are writing looks like what is broken. Safe to repeat.
    """
    body = call.body()
    for name in body.keys() - {"cursor"}:
        raise invalid(name[:100], "unknown_field", "the only part: cursor")
    table, ring = call.outside.table, call.live.ring
    if importing(table):
        raise errors.Conflict("an import is under way: wait, or cancel it", code="import_active")
    cursors = Cursors(call.outside.secret, call.pattern, {})
    after = _place(cursors.open(str(body.get("cursor") or "")))
    began, looked = time.monotonic(), 0
    wrong: list[Wrong] = []
    left: list[Wrong] = []
    while True:
        page, after = call.live.walk(after, PAGE)
        kinds = [(key, *kind_of(key)) for key, _ in page]
        looked += sum(bool(kind) for _, kind, _ in kinds)
        found = look(table, ring, page, call.now_ms).wrong
        wrong += found
        lost = {key_of(one.kind, one.name) for one in found}
        sound = [name for key, kind, name in kinds if kind == ACCOUNT and key not in lost]
        left += mend(table, ring, found, call.now_ms) if found else []
        clear_tags(table, page)
        vacate(table, sound)
        if after is None or time.monotonic() - began > SECONDS or len(wrong) > PAGE:
            break
    return {
        "looked": looked,
        "wrong": [_shape(one) for one in wrong],
        "left": [{**_shape(one), "why": one.why} for one in left],
        "next": cursors.seal(f"{after.pk}\n{after.sk}" if after else ""),
    }


def _place(position: str) -> Key | None:
    pk, _, sk = position.partition("\n")
    return Key(pk, sk) if position else None


def _shape(one: Wrong) -> dict[str, str]:
    return {"kind": one.kind, "name": one.name, "what": one.what}
