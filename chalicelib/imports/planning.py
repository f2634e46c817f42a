"""From a dropped object to its plan: the file is read once to its end before anything is written.

So a file that turns out unreadable in its last line, or maps no column to a key, leaves no trace
but its report. Reading costs 2 to 4 µs a row; half an import would cost somebody an afternoon.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from chalicelib import errors
from chalicelib.fields._date_column import DateColumn
from chalicelib.imports import records
from chalicelib.imports.header import Column, columns_of
from chalicelib.imports.options import Options, layers_of, resolve
from chalicelib.imports.plan import Plan, plan_of
from chalicelib.imports.records import Import
from chalicelib.imports.sheet import Sheet, opened
from chalicelib.intake.field_set import FieldSet, field_set
from chalicelib.ports import FileStat, Outside
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
        plan = Plan(
            import_id=imp.id,
            header=tuple(sheet.header),
            columns=tuple(columns_of(sheet.header, options, fields)) if sheet.header else (),
            options=options,
            owner=first.owner if first else (imp.bucket, imp.key, imp.etag),
            encoding=sheet.encoding,
            delimiter=sheet.delimiter,
            format=sheet.format,
            sheet=sheet.sheet,
            mends=first.import_id if first else "",
            own=own,
        )
        rows, dates = _read_to_end(sheet, plan.columns, fields)
        # A mended file has the rows that were wrong: the first one's columns say more.
        dates = dict(first.dates) if first else dates
        return replace(plan, rows=rows, blank=sheet.blank, notes=sheet.notes, dates=dates)


def _read_to_end(
    sheet: Sheet, columns: Sequence[Column], fields: FieldSet
) -> tuple[int, dict[str, tuple[str, str]]]:
    """How many rows there are, and what the columns of dates show taken together."""
    types = {name: rule.type for name, rule in fields.rules.items()}
    watched = {
        place: (column.field, DateColumn())
        for place, column in enumerate(columns)
        if column.field and types.get(column.field) == "date"
    }
    rows = 0
    for record in sheet.records():
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
