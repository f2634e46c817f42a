"""From a dropped object to its plan: the file is read once to its end before anything is written.

So a file that turns out unreadable in its last line, or maps no column to a key, leaves no trace
but its report. Reading costs 2 to 4 µs a row; half an import would cost somebody an afternoon.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from chalicelib import errors
from chalicelib.fields._date_column import DateColumn
from chalicelib.imports import records, saved
from chalicelib.imports.guess import LOOKED_AT
from chalicelib.imports.header import (
    MAX_COLUMNS,
    NOTHING,
    Column,
    Known,
    as_before,
    columns_of,
)
from chalicelib.imports.options import Options, layers_of, resolve
from chalicelib.imports.plan import Plan, plan_of
from chalicelib.imports.records import Import
from chalicelib.imports.saved import Saved
from chalicelib.imports.sheet import Record, Sheet, opened
from chalicelib.intake.field_set import FieldSet, field_set
from chalicelib.intake.stage_document import dump_stage
from chalicelib.ports import FileStat, Outside
from chalicelib.presets import recognise
from chalicelib.presets._layout import OCCURRED_AT
from chalicelib.store import stages
from chalicelib.store.field_set import load_fields


def make_plan(imp: Import, outside: Outside, stage: Mapping[str, object]) -> Plan:
    """Read an import's options and its whole file.

    Raises what `options`, `header` and the formats raise, and `Conflict` (`object_missing`,
    `object_replaced`) where the object that was announced is not there any more.
    """
    stat = _stat(imp, outside)
    own = load_fields(outside.table)
    fields = field_set(own)
    layers = layers_of(imp.key, stage, outside.files, stat.metadata, imp.options)
    options = resolve(layers, fields.rules)
    named = saved.by_name(outside.table, options.saved) if options.saved else saved.NONE
    options = replace(options, mapping=named.columns or options.mapping, saved="")
    with opened(outside.files, imp, options) as sheet:
        first = _first(sheet, outside) if sheet.mends and sheet.mends != "?" else None
        if first:
            options = replace(
                first.options,
                encoding="",
                delimiter="",
                sheet="",
                quote="",
                escape="",
                header="",
                dry_run=options.dry_run,
            )
        records_of = sheet.records()
        looked_at = list(islice(records_of, LOOKED_AT)) if _bounded(sheet.header) else []
        if first:
            known, columns = None, as_before(sheet.header, first.columns)
        else:
            known = _known(sheet.header, named, outside)
            columns = _columns(sheet.header, options, fields, known, looked_at)
        plan = Plan(
            import_id=imp.id,
            header=tuple(sheet.header),
            columns=tuple(columns),
            options=options,
            owner=first.owner if first else (imp.bucket, imp.key, imp.etag),
            encoding=sheet.encoding,
            delimiter=sheet.delimiter,
            format=sheet.format,
            sheet=sheet.sheet,
            mends=first.import_id if first else "",
            own=own,
            mapping=first.mapping if first else known.saved if known else "",
            preset=first.preset if first else known.title if known else "",
            scope=first.scope if first else known.scope if known else "",
            stage=first.stage if first else _stage(options.stage, outside),
        )
        every = chain(looked_at, records_of)
        rows, dates = _read_to_end(every, plan.columns, fields)
        # A mended file has the rows that were wrong: the first one's columns say more.
        dates = dict(first.dates) if first else dates
        return replace(plan, rows=rows, blank=sheet.blank, notes=sheet.notes, dates=dates)


def _stage(name: str, outside: Outside) -> dict[str, Any]:
    """The stage of a name, as it is now; `Rejected` (`stage_unknown`) where there is none."""
    if not name:
        return {}
    stage = stages.load(outside.table).get(name)
    if stage is None:
        raise errors.Rejected(name[:100], code="stage_unknown")
    return dump_stage(stage)


def _bounded(header: Sequence[str]) -> bool:
    return len(header) <= MAX_COLUMNS


def _known(header: Sequence[str], named: Saved, outside: Outside) -> Known:
    """What is known of this header: a mapping of this name or for it, and whose export it is."""
    if not _bounded(header):
        return NOTHING
    kept = named if named.name else saved.by_header(outside.table, header)
    return Known(kept.name, kept.columns, recognise(header))


def _columns(
    header: Sequence[str],
    options: Options,
    fields: FieldSet,
    known: Known,
    looked_at: Sequence[Record],
) -> list[Column]:
    if not header:
        return []
    if known.saved and options.mapping == known.columns:
        options = replace(options, mapping={})  # it is said once, and by its name
    samples = [record.cells for record in looked_at if not record.problem]
    return columns_of(header, options, fields, known, samples)


def _read_to_end(
    every: Iterable[Record], columns: Sequence[Column], fields: FieldSet
) -> tuple[int, dict[str, tuple[str, str]]]:
    """How many rows there are, and what the columns of dates show taken together."""
    types = {name: rule.type for name, rule in fields.rules.items()} | {OCCURRED_AT: "date"}
    watched = {
        place: (column.field, DateColumn())
        for place, column in enumerate(columns)
        if column.field and types.get(column.field) == "date"
    }
    rows = 0
    for record in every:
        rows += 1
        for place, (_, dates) in watched.items():
            if place < len(record.cells):
                dates.see(record.cells[place])
    shown = {name: (dates.order, dates.system) for name, dates in watched.values()}
    return rows, {name: said for name, said in shown.items() if any(said)}


def _stat(imp: Import, outside: Outside) -> FileStat:
    stat = outside.files.stat(imp.key, version=imp.version)
    if stat is None:
        raise errors.Conflict(imp.key, code="object_missing")
    if stat.etag != imp.etag:
        # Without versions the object is gone; the one in its place is an import of its own.
        raise errors.Conflict(imp.key, code="object_replaced")
    return stat


def _first(sheet: Sheet, outside: Outside) -> Plan:
    """The plan of the import that a mended file names."""
    first = records.load(outside.table, sheet.mends)
    plan = plan_of(outside.files, first.id) if first and not first.mends else None
    if plan is None:
        raise errors.Rejected(sheet.mends[:100], code="mend_unknown_import")
    return plan


def default_language(stage: Mapping[str, object]) -> str:
    """The language in which a report speaks whose options could not be read."""
    return str(stage.get("language") or Options().language)
