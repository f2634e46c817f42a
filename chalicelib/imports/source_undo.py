"""Everything of one source is taken back, whatever door it came by; and given back again.

A *sweep back* goes through the list of all submissions, oldest first, so many a step; each step is
one message and notes where the next begins. What it takes back bears its id, so that giving back
means exactly that. Only what arrived before it began is looked at.

U#{id}  U   how far it is
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from chalicelib import errors
from chalicelib.model import Fate, Touch, rfc3339, to_ms
from chalicelib.noun import noun
from chalicelib.ports import Insert, Key, Outside, Update
from chalicelib.store.history import submissions_by_id
from chalicelib.store.items import dump, filed_id
from chalicelib.store.leftovers import vacate
from chalicelib.store.listing import Listing, cut, sharded
from chalicelib.store.membership import mentioned
from chalicelib.store.submission_items import is_condensed
from chalicelib.store.takeback import give_back, take_back
from chalicelib.store.upsert import Upsert

STEP = 200
RUNNING, DONE = "running", "done"


@noun
class SourceUndo:
    """One sweep back. `gives_back` is the one that it undoes, `turned` how many it turned."""

    id: str
    source: str
    started_ms: int
    status: str = RUNNING
    gives_back: str = ""
    position: str = ""
    step: int = 0
    seen: int = 0
    turned: int = 0
    kept: int = 0


def begin(outside: Outside, name: str, source: str) -> SourceUndo:
    """Begin to take back everything of a source; the same name again is the same undo."""
    return _begun(outside, SourceUndo(name, source, to_ms(outside.now())))


def give_all_back(outside: Outside, name: str, undo: str) -> SourceUndo:
    """Begin to give back what one sweep took; `Missing` where there is none."""
    done = load(outside, undo)
    if done.gives_back or done.status != DONE:
        raise errors.Conflict("this can not be given back", code="undo_not_ready")
    now = to_ms(outside.now())
    return _begun(outside, SourceUndo(name, done.source, now, gives_back=undo))


def load(outside: Outside, undo: str) -> SourceUndo:
    """One sweep as it stands; `Missing` where there is none."""
    return _read(outside, undo)[0]


def shown(undo: SourceUndo) -> dict[str, Any]:
    """A sweep as the outside sees it."""
    return {
        "undo": undo.id,
        "source": undo.source,
        "status": undo.status,
        "redo": bool(undo.gives_back),
        "seen": undo.seen,
        "given_back" if undo.gives_back else "undone": undo.turned,
        "kept": undo.kept,
        "started_at": rfc3339(undo.started_ms),
    }


def step(message: Mapping[str, Any], outside: Outside, upsert: Upsert) -> None:
    """Do one step, `{"undo", "step"}`, and announce the next; a step that is over only announces."""
    undo, version = _read(outside, str(message["undo"]))
    if undo.status != RUNNING or undo.step < int(message["step"]):
        return
    if undo.step == int(message["step"]):
        undo = _stepped(undo, outside, upsert)
        changed = Update(_key(undo.id), {"b": dump(asdict(undo))}, version)
        if not outside.table.write([changed])[0]:
            return
    if undo.status == RUNNING:
        outside.chunks.send([_message(undo)])


def _stepped(undo: SourceUndo, outside: Outside, upsert: Upsert) -> SourceUndo:
    listing = Listing(sharded("SUB"), "g1", high=f"{undo.started_ms:013d}~")
    entries, last = cut(outside.table, listing, STEP, undo.position)
    found = submissions_by_id(outside.table, [filed_id(entry.sort) for entry in entries])
    own = [touch for touch in found.values() if touch.source.name == undo.source]
    if undo.gives_back:
        taken = give_back(upsert, [t for t in own if _bears(t, undo.gives_back)])
        turned = len(taken.touches)
    else:
        taken = take_back(upsert, [t for t in own if t.fate.effective], undo.id)
        now = {**{touch.id: touch for touch in own}, **taken.touches}
        turned = sum(_bears(touch, undo.id) for touch in now.values())
        # Of all, whatever a step that died took back before.
        vacate(outside.table, sorted(set().union(*map(mentioned, own))))
    return replace(
        undo,
        status=RUNNING if last else DONE,
        position=last,
        step=undo.step + 1,
        seen=undo.seen + len(found),
        turned=undo.turned + turned,
        # What was condensed cannot be told apart any more.
        kept=undo.kept + len(taken.kept) + sum(map(is_condensed, own)),
    )


def _bears(touch: Touch, undo: str) -> bool:
    return touch.fate is Fate.UNDONE and touch.was.partition("@")[2] == undo


def _begun(outside: Outside, undo: SourceUndo) -> SourceUndo:
    if not outside.table.write([Insert(_key(undo.id), {"b": dump(asdict(undo))})])[0]:
        undo = load(outside, undo.id)
    if undo.status == RUNNING:
        outside.chunks.send([_message(undo)])
    return undo


def _read(outside: Outside, undo: str) -> tuple[SourceUndo, int]:
    key = _key(undo)
    item = outside.table.get([key]).get(key)
    if item is None:
        raise errors.Missing("no such undo")
    return SourceUndo(**json.loads(str(item["b"]))), int(str(item["v"]))


def _message(undo: SourceUndo) -> str:
    return json.dumps({"undo": undo.id, "step": undo.step})


def _key(undo: str) -> Key:
    return Key(f"U#{undo}", "U")
