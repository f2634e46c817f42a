"""An import in the shape that the outside sees, finished or under way."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib import errors
from chalicelib.imports import records
from chalicelib.imports.header import Column
from chalicelib.imports.plan import Plan, plan_of
from chalicelib.imports.records import Import, Status, Stop
from chalicelib.imports.texts import text
from chalicelib.imports.totals import COUNTED, Totals, totals
from chalicelib.model import rfc3339
from chalicelib.ports import Outside

# So many rows are listed that a commit decided anew; all of them are counted.
_LISTED = 100
_AT_REST = (Status.DONE, Status.FAILED, Status.CANCELLED, Status.UNDONE, Status.REVIEW)


def summary_key(import_id: str) -> str:
    """The object that holds a finished import's summary."""
    return f"reports/{import_id}/summary.json"


def summary(outside: Outside, import_id: str) -> dict[str, Any]:
    """An import by its id; `errors.Missing` where there is none.

    Under way, the counts are those of the chunks that are done so far, and `expected` is how many
    rows the file holds.
    """
    imp = records.load(outside.table, import_id)
    if imp is None:
        raise errors.Missing("no such import")
    return _shown(outside, imp)


def summaries(outside: Outside, import_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Several imports in the order asked for, those that are not there left out.

    One request to the table for a hundred of them, and for each what `summary` reads of the bucket;
    the records of one that is under way are added up.
    """
    return [_shown(outside, imp) for imp in records.several(outside.table, import_ids)]


def build(imp: Import, plan: Plan | None, made: Totals, status: Status) -> dict[str, Any]:
    """The contract's `summary.json`.

    Beside it: `expected` rows, and with a `code` and its `detail` why the whole file failed or
    holds nothing (counted among `codes` too), whose rows it `mends`, and the source it gave them.
    """
    codes = {code: n for code, n in sorted(made.codes.items()) if n > 0}
    return (
        {
            "import": imp.id,
            "key": imp.key,
            "status": str(status),
            "rows": made.rows,
            **{str(fate): made.fates[str(fate)] for fate in COUNTED},
            "blank": plan.blank if plan else 0,
            "codes": codes | ({imp.code: codes.get(imp.code, 0) + 1} if imp.code else {}),
            "columns": list(_columns(plan.columns, made.filled, plan.options.language))
            if plan
            else [],
            "unmapped": [c.header for c in plan.columns if not c.field] if plan else [],
            "repairs": list(_repairs(made)),
            "empty": list(_empty(plan, made)),
            "mapping": (plan.mapping or None) if plan else None,
            "preset": (plan.preset or None) if plan else None,
            "history": (plan.options.history or None) if plan else None,
            "run": (plan.options.run or None) if plan else None,
            "encoding": plan.encoding if plan else "",
            "delimiter": plan.delimiter if plan else "",
            "format": plan.format if plan else "",
            "sheet": plan.sheet if plan else "",
            "notes": list(plan.notes) if plan else [],
            "started_at": _time(imp.started_ms),
            "finished_at": _time(imp.finished_ms),
            "expected": plan.rows if plan else None,
            "code": imp.code or None,
            "detail": imp.detail or None,
            "mends": imp.mends or None,
            "source": _source(plan),
            "undone": made.undone.get("undone", 0),
            "undo": made.undone or None,
            "restore_point": _time(imp.restore_ms),
        }
        | _dry_run(imp, made)
        | _progress(imp, made, status)
    )


def _dry_run(imp: Import, made: Totals) -> dict[str, Any]:
    """What a dry run said: its fates, what it would change field by field; and what came of it."""
    if not imp.rehearsed:
        return {}
    by_field = {name: dict(made.by_field[name]) for name in sorted(made.by_field)}
    anew = [{"row": row, "planned": planned, "fate": fate} for row, planned, fate in made.anew]
    diff = {name: made.diff[name] for name in ("created", "updated", "unchanged", "suppressed")}
    return {
        "plan": {str(fate): made.plan[str(fate)] for fate in COUNTED},
        "diff": diff | {"fields": by_field},
        "decided_anew": {"count": len(anew), "rows": anew[:_LISTED]} if imp.checked else None,
    }


def _progress(imp: Import, made: Totals, status: Status) -> dict[str, Any]:
    """How far it is, while it is under way: chunks, what is being done, whether it stands still."""
    if status is not Status.RUNNING:
        return {}
    return {
        "task": str(imp.task),
        "paused": imp.stop == Stop.PAUSE,
        "chunks": {"done": made.chunks_of(imp.run), "of": imp.chunks},
    }


def _shown(outside: Outside, imp: Import) -> dict[str, Any]:
    if imp.status in _AT_REST:
        try:
            found: dict[str, Any] = json.loads(outside.files.read(summary_key(imp.id)))
        except errors.Missing:
            pass  # its time in the bucket is over; the records are not
        else:
            return found | {"status": str(imp.status)}
    return build(imp, plan_of(outside.files, imp.id), totals(outside.table, imp.id), imp.status)


def _repairs(made: Totals) -> Iterator[dict[str, Any]]:
    """What was put right, by field and kind, the most first."""
    for name, count in sorted(made.repairs.items(), key=lambda found: (-found[1], found[0])):
        field, _, code = name.rpartition(":")
        yield {"field": field, "code": code, "count": count}


def _empty(plan: Plan | None, made: Totals) -> Iterator[str]:
    """The columns in which no row has anything."""
    for column, count in zip(plan.columns if plan else (), made.filled, strict=False):
        if not count:
            yield column.header


def because(column: Column, language: str) -> str:
    """What the field of a column rests on, in words."""
    return " ".join(
        text(f"why.{kind}", language, **params) for kind, params in _grounds(column.how, column.why)
    )


def _grounds(how: str, why: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    if how in ("preset", "saved") and why:
        yield how, {"title": why[0]}
        return
    if why[:1] == ("like",):
        yield "like", {"label": why[1], "share": why[2]}
        why = why[3:]
    if why[:1] == ("looks",):
        yield f"looks.{why[1]}", {"count": why[2], "of": why[3]}


def _columns(
    columns: tuple[Column, ...], filled: list[int], language: str
) -> Iterator[dict[str, Any]]:
    counts = filled or [0] * len(columns)
    for column, count in zip(columns, counts, strict=True):
        how = column.how or "unmapped"
        shown = {"header": column.header, "field": column.field, "how": how, "filled": count}
        into = column.meaning.into if column.meaning else ()
        more = {
            "confidence": column.confidence / 100,
            "why": because(column, language),
            "suggestion": column.suggestion,
        }
        more = {name: value for name, value in more.items() if value}
        yield shown | more | ({"into": list(into)} if into else {})


def _source(plan: Plan | None) -> dict[str, str] | None:
    if plan is None:
        return None
    said = plan.options
    return {
        "name": said.source_name,
        "campaign": said.campaign,
        "acquisition": str(said.acquisition),
    }


def _time(ms: int) -> str | None:
    return rfc3339(ms) if ms else None
