"""A run: all chunks of an import worked through once, and what people say meanwhile.

A run is begun by a change of the import's record and one message; whoever takes the message
announces the chunks, a thousand at a time. Pausing and cancelling stop what has not begun: a chunk
that somebody began with is finished, so that no row is half there and the sums balance.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from chalicelib import errors
from chalicelib.imports import records
from chalicelib.imports.records import Import, Status, Stop, Task
from chalicelib.model import to_ms
from chalicelib.ports import Outside, Table

ANNOUNCED_TOGETHER = 1000


def chunk_message(imp: str, number: int, rows: int, run: str = "") -> str:
    """What the queue carries of a chunk; the run only where it is not the import itself."""
    named = {"run": run} if run else {}
    return json.dumps({"import": imp, "chunk": number, "rows": rows, **named})


def run_message(imp: str, run: str, first: int = 1) -> str:
    """What the queue carries of a run: announce its chunks from this number on."""
    return json.dumps({"import": imp, "run": run, "from": first})


def begin(
    outside: Outside,
    import_id: str,
    task: Task,
    *,
    allowed: Iterable[Status],
    asked: Mapping[str, Any] | None = None,
) -> Import:
    """Begin a run over an import that is at rest; `Conflict` where its status is another.

    Saying it again while the same run is under way changes nothing, but announces it once more.
    """
    wanted = dict(asked or {})

    def change(imp: Import) -> Import:
        if imp.status is Status.RUNNING and (imp.task, dict(imp.asked)) == (task, wanted):
            return imp
        if imp.status not in allowed:
            raise errors.Conflict(f"this import is {imp.status}", code="import_not_ready")
        started = _started(imp, task, next_run(imp, task))
        if task is Task.CHECK:
            started = replace(started, restore_ms=restore_point(outside))
        return replace(started, asked=wanted, back=_rest(imp), stop="")

    imp = records.change(outside.table, _known(outside.table, import_id).id, change)
    outside.chunks.send([run_message(imp.id, imp.run)])
    return imp


def restore_point(outside: Outside) -> int:
    """A time to which the table can be restored: whole seconds, a second ahead of any write."""
    return to_ms(outside.now()) // 1000 * 1000 - 1000


def follow(outside: Outside, imp: Import, task: Task) -> None:
    """Let one run follow another that is over."""
    run = next_run(imp, task)

    def change(now: Import) -> Import:
        here = now.status is Status.RUNNING and (now.task, now.run) == (imp.task, imp.run)
        return _started(now, task, run) if here else now

    changed = records.change(outside.table, imp.id, change)
    if (changed.task, changed.run) == (task, run):
        outside.chunks.send([run_message(imp.id, run)])


def next_run(imp: Import, task: Task) -> str:
    """The name of the run that comes next: of an import itself there is one, of undos many."""
    if task is Task.IMPORT:
        return ""
    return f"{imp.runs + 1:04d}"


def rehearsed(imp: Import) -> Import:
    """An import whose chunks are going to be rehearsed first."""
    run = next_run(imp, Task.REHEARSE)
    return replace(imp, task=Task.REHEARSE, run=run, runs=imp.runs + 1, rehearsed=True)


def announce(outside: Outside, imp: Import, first: int, numbers: Iterable[int]) -> None:
    """Announce a run's chunks from a number on, and hand on what is left to another message."""
    here = sorted(n for n in numbers if n >= first)
    now, later = here[:ANNOUNCED_TOGETHER], here[ANNOUNCED_TOGETHER:]
    outside.chunks.send(chunk_message(imp.id, n, 0, imp.run) for n in now)
    if later:
        outside.chunks.send([run_message(imp.id, imp.run, later[0])])


def stop(outside: Outside, import_id: str, what: Stop) -> Import:
    """Pause or cancel an import; one that waits for its file or for its commit ends at once."""

    def change(imp: Import) -> Import:
        if imp.status.active:
            return replace(imp, stop=what if imp.stop != Stop.CANCEL else imp.stop)
        if what is Stop.CANCEL and imp.status in (Status.QUEUED, Status.REVIEW):
            return replace(imp, status=Status.CANCELLED)
        if what is Stop.CANCEL and imp.status is Status.CANCELLED:
            return imp
        raise errors.Conflict(f"this import is {imp.status}", code="import_not_ready")

    imp = records.change(outside.table, _known(outside.table, import_id).id, change)
    if imp.status.active and what is Stop.CANCEL:
        # Nobody may be at it: this message leads somebody to the end of it.
        outside.chunks.send([run_message(imp.id, imp.run, imp.chunks + 1)])
    return imp


def resume(outside: Outside, import_id: str) -> Import:
    """Let a paused import go on; `Conflict` where it is not paused."""

    def change(imp: Import) -> Import:
        if imp.stop != Stop.PAUSE or not imp.status.active:
            raise errors.Conflict("this import is not paused", code="import_not_paused")
        return replace(imp, stop="")

    imp = records.change(outside.table, _known(outside.table, import_id).id, change)
    outside.chunks.send([run_message(imp.id, imp.run)])
    return imp


def _started(imp: Import, task: Task, run: str) -> Import:
    made = replace(imp, status=Status.RUNNING, task=task, run=run, watch={})
    if run:
        made = replace(made, runs=imp.runs + 1)
    return replace(made, checked=run) if task is Task.CHECK else made


def _rest(imp: Import) -> str:
    """The status to which an undo of an undo comes back."""
    return imp.back if imp.status is Status.UNDONE else str(imp.status)


def _known(table: Table, import_id: str) -> Import:
    imp = records.load(table, import_id)
    if imp is None:
        raise errors.Missing("no such import")
    return imp
