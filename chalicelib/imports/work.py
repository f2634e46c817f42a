"""Work: one message of the chunks' queue, whatever its import's run does with a chunk.

A chunk that is done is noted in a set without doubles, after its record was written under a
condition: a death between any two leaves a message that comes again and finds less to do.
"""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chalicelib.imports import plan as plans
from chalicelib.imports import records, source_undo
from chalicelib.imports.chunk import Chunk
from chalicelib.imports.commit import Checked, Committing
from chalicelib.imports.erased import Unerased
from chalicelib.imports.finish import finish_if_complete
from chalicelib.imports.records import Import, Stop, Task
from chalicelib.imports.rehearse import Compared, Rehearsing
from chalicelib.imports.runs import announce
from chalicelib.imports.undo import Undoing
from chalicelib.intake.receive import Leads
from chalicelib.ports import Insert, Key, Outside
from chalicelib.store.suppressions import ERASURES
from chalicelib.store.upsert import Upsert


def work(message: Mapping[str, Any], outside: Outside, upsert: Upsert) -> None:
    """Work one announced chunk, `{"import", "chunk", "run"}`, or announce those of a run.

    The same message again moves nothing. A chunk with which nobody began before the import was
    stopped, or that is of a run that is over, is left.
    """
    if "undo" in message:
        source_undo.step(message, outside, upsert)
        return
    import_id, run = str(message["import"]), str(message.get("run", ""))
    if "from" in message:
        _announce(import_id, run, int(message["from"]), outside)
        return
    number = int(message["chunk"])
    here, record = records.import_key(import_id), records.chunk_key(import_id, number, run)
    mark = records.begun_key(import_id, number, run)
    there = outside.table.get([here, record, mark, ERASURES])
    imp = records.read(there[here]) if here in there else None
    if imp is None or not imp.status.active or imp.run != run:
        return
    if record not in there:
        if mark not in there and not _begun(imp, mark, outside):
            return
        with _unswept():
            _run(imp, number, outside, upsert, erased=ERASURES in there)
    records.note_done(outside.table, import_id, number, run)
    finish_if_complete(outside, import_id)


@contextmanager
def _unswept() -> Iterator[None]:
    """Search for no cycles meanwhile: what a chunk is made of lives until the chunk is done.

    Each search would walk all of it, a sixth of the worker's time. A chunk's size bounds what may
    gather (docs/decisions/0035-cpu-of-a-row.md).
    """
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


def _announce(import_id: str, run: str, first: int, outside: Outside) -> None:
    imp = records.load(outside.table, import_id)
    if imp is None or not imp.status.active or imp.run != run or imp.stop == Stop.PAUSE:
        return
    done = records.done(outside.table, import_id, run)
    due = set(range(1, imp.chunks + 1))
    if imp.stop == Stop.CANCEL:
        due = records.begun(outside.table, import_id, run)
    left = sorted(n for n in due - done if n >= first)
    if left:
        announce(outside, imp, first, left)
    else:
        finish_if_complete(outside, import_id)


def _begun(imp: Import, mark: Key, outside: Outside) -> bool:
    """Note that somebody begins with a chunk, unless the import was stopped just now."""
    if not imp.stop:
        outside.table.write([Insert(mark, {})])
        now = records.load(outside.table, imp.id)
        # Splitting may have become running in between: what counts is that this run still goes on.
        if now and now.run == imp.run and now.status.active and not now.stop:
            return True
        outside.table.delete(mark)
    finish_if_complete(outside, imp.id)
    return False


def _run(imp: Import, number: int, outside: Outside, upsert: Upsert, *, erased: bool) -> None:
    """Do with one chunk what the import's run is about."""
    if imp.task in (Task.UNDO, Task.REDO):
        Undoing(imp, number, outside, upsert).run()
    elif imp.task is Task.COMPARE:
        Compared(imp, number, outside).run()
    elif imp.task is Task.CHECK:
        Checked(imp, number, outside).run()
    else:
        _receive(imp, number, outside, upsert, erased=erased)


def _receive(imp: Import, number: int, outside: Outside, upsert: Upsert, *, erased: bool) -> None:
    def unerased(leads: Leads) -> Leads:
        return Unerased(leads, outside.table) if erased else leads

    plan = plans.read(outside.files, imp.id)
    if imp.task is Task.REHEARSE:
        Rehearsing.of(imp, number, plan, outside, upsert=upsert, unerased=unerased).run()
    elif imp.checked:
        Committing.of(imp, number, plan, outside, upsert=upsert, unerased=unerased).run()
    else:
        Chunk(imp, number, plan, outside, unerased(upsert)).run()
