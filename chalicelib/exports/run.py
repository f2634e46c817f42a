"""The work of an export: some pages of leads a message, then all parts as one object.

Each message writes a part under a name of its own and moves the record on under its version; one
that comes again, or beside another, finds the record moved and only announces what is next. So a
part counts once, whoever wrote it.
"""

import json
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chalicelib import errors
from chalicelib.exports import encode, records
from chalicelib.exports.columns import Column, Person, own_columns, preset_columns
from chalicelib.exports.records import DONE, FAILED, IN, RUNNING, Export
from chalicelib.intake.completeness import complete
from chalicelib.model import to_ms
from chalicelib.ports import Files, Outside
from chalicelib.presets import preset
from chalicelib.store import accounts, read, suppressions
from chalicelib.store.items import Lead
from chalicelib.store.read import By, LeadQuery

PAGE, PAGES = 100, 20
_PART = "application/octet-stream"
# Beside each part lies whom it holds: so many bytes of each lead's id, for as long as the export.
_LEADS, _WIDE = ".leads", 8


def message(export: str, number: int) -> str:
    """What the queue carries: the part that is to be written."""
    return json.dumps({"export": export, "part": number})


def run(said: Mapping[str, Any], outside: Outside) -> None:
    """Write one part of an export, or, after the last, the whole of it."""
    export = records.load(outside.table, str(said["export"]))
    if export is None or export.at_rest:
        return
    if export.number == int(said["part"]):
        export = _moved(export, outside)
    if export and not export.at_rest:
        outside.chunks.send([message(export.id, export.number)])


def _moved(export: Export, outside: Outside) -> Export | None:
    columns = columns_of(export)
    people, left, position = _people(export, outside)
    rows = [[column.text(person) for column in columns] for person in people]
    written = export.rows + len(rows)
    if export.kind == "xlsx" and written > encode.MOST_XLSX_ROWS:
        return _ended(export, outside, status=FAILED, code="export_too_large")
    header = [column.header for column in columns]
    name = f"{records.folder(export.id)}{export.number:06d}-{secrets.token_hex(4)}"
    outside.files.write(name, encode.part(export.kind, header, rows), content_type=_PART)
    outside.files.write(name + _LEADS, _begun(people), content_type=_PART)
    after = replace(
        export,
        status=RUNNING,
        rows=written,
        left_out=export.left_out + sum(left.values()),
        left_incomplete=export.left_incomplete + left["incomplete"],
        number=export.number + 1,
        position=position,
        parts=(*export.parts, name),
    )
    if not position:
        # A name of its own: of two who are at it, only one is in the record.
        file = f"{name}.{export.kind}"
        _whole(after, header, outside, file)
        after = replace(after, status=DONE, file=file, finished_ms=to_ms(outside.now()))
    moved = records.change(outside.table, export.id, lambda now: after if now == export else now)
    if moved == after and not position:
        for part in after.parts:
            outside.files.delete(part)
    return moved


def holds(files: Files, export: Export, lead: str) -> bool:
    """Whether a lead is in an export, as far as it is written; `Missing` where nothing of it lies."""
    wanted, seen = bytes.fromhex(lead)[:_WIDE], False
    for stat in files.list(records.folder(export.id)):
        seen = True
        if stat.key.endswith(_LEADS):
            body = files.read(stat.key)
            if any(body.startswith(wanted, at) for at in range(0, len(body), _WIDE)):
                return True
    if not seen and export.at_rest:
        raise errors.Missing("nothing is left of it")
    return False


def _begun(people: Sequence[Person]) -> bytes:
    return b"".join(bytes.fromhex(person.lead.id)[:_WIDE] for person in people)


def _ended(export: Export, outside: Outside, *, status: str, code: str) -> Export | None:
    def end(now: Export) -> Export:
        if now.at_rest:
            return now
        return replace(now, status=status, code=code, finished_ms=to_ms(outside.now()))

    return records.change(outside.table, export.id, end)


def columns_of(export: Export) -> Sequence[Column]:
    """What each row of it holds."""
    if export.layout:
        return preset_columns(preset(export.layout))
    return own_columns(export.fields, suppressed=export.suppressed)


def _people(export: Export, outside: Outside) -> tuple[list[Person], Counter[str], str]:
    """Some pages of people, how many were left out by why, and where the next begin."""
    query = LeadQuery(**{**export.query, "by": By(export.query["by"])})
    people: list[Person] = []
    left: Counter[str] = Counter()
    position = export.position
    for _ in range(PAGES):
        found, position = read.list_leads(outside.table, query, PAGE, position)
        keys = {lead.id: lead.keys for lead in found}
        reasons = suppressions.reasons(outside.table, keys)
        places = accounts.places(found)
        held = outside.table.get(places) if places else {}
        at = accounts.of_leads(outside.table, found, held)
        for lead in found:
            if reasons[lead.id] and not export.suppressed:
                left["suppressed"] += 1
            elif not _enough(export, lead):
                left["incomplete"] += 1
            else:
                people.append(Person(lead, reasons[lead.id], at.get(lead.id)))
        if not position:
            break
    return people, left, position


def _enough(export: Export, lead: Lead) -> bool:
    """Whether a lead is complete enough: by the rule of its forms, else of the stage."""
    rule = lead.view.needs or export.essential
    if export.incomplete == IN or not (rule or export.incomplete):
        return True
    values: Any = lead.view.visible()["values"]
    return complete(values, rule)


def _whole(export: Export, header: Sequence[str], outside: Outside, file: str) -> None:
    """All parts as the one object."""
    files, kind = outside.files, export.kind
    if kind == "xlsx":
        body = encode.workbook(header, _rows(export, header, outside))
        files.write(file, body, content_type=encode.TYPES[kind])
        return

    def pieces() -> Iterator[bytes]:
        yield encode.head(kind, header)
        for name in export.parts:
            yield files.read(name)

    files.write_lines(file, pieces(), content_type=encode.TYPES[kind])


def _rows(export: Export, header: Sequence[str], outside: Outside) -> Iterator[list[str]]:
    for name in export.parts:
        for line in outside.files.read(name).splitlines():
            record = json.loads(line)
            yield [record.get(column, "") for column in header]
