"""What is said to an import that is there: commit, pause, resume, cancel, undo, redo.

Each answers at once with the import as it stands; the work itself is queued.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib import errors
from chalicelib.admin.again import id_of
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.imports import records, runs, source_undo
from chalicelib.imports.header import KEYS
from chalicelib.imports.records import Status, Stop, Task
from chalicelib.model import Response

MOST_ROWS = 10_000
_NAME_LENGTH = 100
# The plan lies in the bucket for ninety days; this leaves time to carry it out.
_LONGEST_PLAN_MS = 60 * 86_400_000
_DONE = (Status.DONE, Status.CANCELLED)


def cancel_import(call: Call) -> Response:
    """End an import: what is done stays and can be undone."""
    runs.stop(call.outside, call.path["import"], Stop.CANCEL)
    return _shown(call)


def pause_import(call: Call) -> Response:
    """Let an import rest: what is begun is finished, nothing else begins."""
    runs.stop(call.outside, call.path["import"], Stop.PAUSE)
    return _shown(call)


def resume_import(call: Call) -> Response:
    """Let a paused import go on."""
    runs.resume(call.outside, call.path["import"])
    return _shown(call)


def commit_import(call: Call) -> Response:
    """Carry out the plan of a dry run; rows whose people changed since are decided anew."""
    imp = records.load(call.outside.table, call.path["import"])
    if imp and call.now_ms - imp.started_ms > _LONGEST_PLAN_MS:
        raise errors.Conflict("drop the file again: its plan is too old", code="plan_expired")
    runs.begin(call.outside, call.path["import"], Task.CHECK, allowed=[Status.REVIEW])
    return _shown(call)


def undo_import(call: Call) -> Response:
    """Take back an import, some of its rows or one column; or, with `redo`, give it back."""
    asked = call.body()
    for name in asked:
        if name not in ("rows", "column", "redo"):
            raise invalid(name[:_NAME_LENGTH], "unknown_field", "expected rows, column or redo")
    redo = asked.pop("redo", False)
    if not isinstance(redo, bool):
        raise invalid("redo", "type_invalid", "true or false")
    task = Task.REDO if redo else Task.UNDO
    allowed = (*_DONE, Status.UNDONE) if redo else _DONE
    runs.begin(call.outside, call.path["import"], task, allowed=allowed, asked=_asked(asked))
    return _shown(call)


def undo_source(call: Call) -> Response:
    """Take back everything of a source, by whatever door; or give back what one such undo took."""
    asked = call.body()
    if len(asked) != 1 or not set(asked) <= {"source", "redo"}:
        raise invalid("", "unknown_field", "expected source, or redo with the id of an undo")
    ((name, value),) = asked.items()
    if not isinstance(value, str) or not 0 < len(value) <= _NAME_LENGTH:
        raise invalid(name, "type_invalid", "a text")
    if name == "source":
        begun = source_undo.begin(call.outside, id_of(call), value)
    else:
        begun = source_undo.give_all_back(call.outside, id_of(call), value)
    return answer(202, source_undo.shown(begun))


def get_source_undo(call: Call) -> dict[str, Any]:
    """How far the undo of a source is."""
    return source_undo.shown(source_undo.load(call.outside, call.path["undo"]))


def _asked(asked: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if "rows" in asked:
        made["rows"] = _rows(asked["rows"])
    if "column" in asked:
        made["column"] = _column(asked["column"])
    return made


def _rows(given: object) -> list[int]:
    plain = isinstance(given, list) and 0 < len(given) <= MOST_ROWS
    if not plain or not all(type(row) is int and row > 0 for row in given):  # type: ignore[attr-defined]
        raise invalid("rows", "type_invalid", f"1 to {MOST_ROWS} row numbers, as in `_row`")
    return sorted(set(given))  # type: ignore[call-overload]


def _column(given: object) -> str:
    """A field's name. One that says who somebody is cannot be taken back without the row."""
    if not isinstance(given, str) or not 0 < len(given) <= _NAME_LENGTH:
        raise invalid("column", "type_invalid", "the name of a field, such as company")
    if given in KEYS:
        raise invalid("column", "field_is_key", "this field identifies people: undo the rows")
    return given


def _shown(call: Call) -> Response:
    summary = call.live.summary(call.path["import"])
    if summary is None:
        raise errors.Missing("no such import")
    return answer(202, summary)
