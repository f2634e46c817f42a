"""The end of a run: when all its chunks are done, once, whoever notices; and what follows.

The last worker notes its chunk and then reads how many there are; the splitter writes how many
there are and then reads which are done. Whatever the order, one of them sees the whole.
"""

from dataclasses import replace

from chalicelib import errors
from chalicelib.imports import records, report
from chalicelib.imports.records import Import, Status, Stop, Task
from chalicelib.imports.runs import follow
from chalicelib.imports.totals import totals
from chalicelib.model import to_ms
from chalicelib.ports import Outside

_REFRESHES = 20
# A dry run is rehearsed and compared, a commit checked and carried out.
_THEN = {Task.REHEARSE: Task.COMPARE, Task.CHECK: Task.IMPORT}
_ENDS = {Task.IMPORT: Status.DONE, Task.COMPARE: Status.REVIEW}


def finish_if_complete(outside: Outside, import_id: str) -> None:
    """Finish an import whose every chunk is done, or whose every begun one is; else nothing."""
    imp = records.load(outside.table, import_id)
    if imp is None or imp.status is not Status.RUNNING:
        return
    done = records.done(outside.table, import_id, imp.run)
    if len(done) == imp.chunks:
        _over(outside, imp)
    elif imp.stop == Stop.CANCEL and records.begun(outside.table, import_id, imp.run) <= done:
        undoing = imp.task in (Task.UNDO, Task.REDO)
        finish(outside, import_id, Status(imp.back) if undoing else Status.CANCELLED)


def _over(outside: Outside, imp: Import) -> None:
    """What a run that is over leads to."""
    if imp.task in _THEN:
        follow(outside, imp, _THEN[imp.task])
    elif imp.task in _ENDS:
        finish(outside, imp.id, _ENDS[imp.task])
    else:
        whole = imp.task is Task.UNDO and not imp.asked
        finish(outside, imp.id, Status.UNDONE if whole else Status(imp.back))


def fail(outside: Outside, import_id: str, error: errors.InletError) -> None:
    """End an import that cannot be: with its code, a report, and nothing written."""

    def blame(imp: Import) -> Import:
        return replace(imp, code=error.code, detail=error.detail) if imp.status.active else imp

    if records.change(outside.table, import_id, blame).status.active:
        finish(outside, import_id, Status.FAILED)


def finish(outside: Outside, import_id: str, status: Status) -> None:
    """Write an import's report and give it its last status; doing it again changes nothing.

    An import that mends another one brings that one's report up to date first: once this one is
    done, nobody would come back for it.
    """
    now = to_ms(outside.now())
    ends = status is not Status.REVIEW

    def end(imp: Import) -> Import:
        return replace(imp, finished_ms=now) if ends and not imp.finished_ms else imp

    imp = records.change(outside.table, import_id, end)
    if imp.mends and ends:
        refresh(outside, imp.mends)
    report.write(outside, imp, status, totals(outside.table, import_id))
    records.change(
        outside.table,
        import_id,
        lambda i: replace(i, status=status, stop="") if i.status.active else i,
    )


def refresh(outside: Outside, import_id: str) -> None:
    """Write a finished import's report anew, until no other mended file has moved it meanwhile."""
    imp = records.load(outside.table, import_id)
    if imp is None or imp.status not in (Status.DONE, Status.CANCELLED, Status.UNDONE):
        return
    written = None
    for _ in range(_REFRESHES):
        made = totals(outside.table, import_id)
        if made.mends == written:
            return
        report.write(outside, imp, imp.status, made)
        written = made.mends
