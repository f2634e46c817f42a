"""Split: a dropped object becomes chunks of rows that know nothing of the file's format.

A split that died is run again and makes the same chunks under the same names; a chunk that was
announced twice is worked once (`work`). So nothing here asks how far an earlier attempt came.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from chalicelib import errors
from chalicelib.imports import plan as plans
from chalicelib.imports import records
from chalicelib.imports.finish import fail, finish_if_complete
from chalicelib.imports.notification import Notification
from chalicelib.imports.options import INBOX, UPLOADS
from chalicelib.imports.plan import Plan
from chalicelib.imports.planning import default_language, make_plan
from chalicelib.imports.records import Import, Status
from chalicelib.imports.sheet import Record, opened
from chalicelib.intake.ids import make_id
from chalicelib.model import to_ms
from chalicelib.ports import Outside

CHUNK_ROWS = 500
CHUNK_BYTES = 4 * 2**20
# What a queue takes in one request.
_TOGETHER = 10
NO_SETTINGS: Mapping[str, object] = MappingProxyType({})


def split(
    notification: Notification, outside: Outside, stage: Mapping[str, object] = NO_SETTINGS
) -> str:
    """Split one dropped object and announce its chunks; returns the import's id.

    The id is empty for what is no file to import. The same notification again moves nothing.
    `stage` holds the stage's own options. Raises `Unavailable` where it should be tried again.
    """
    if not notification.wanted:
        return ""
    imp = _registered(notification, outside)
    if imp.status is Status.SPLITTING:
        try:
            _split(imp, outside, stage)
        except errors.Unavailable:
            raise
        except errors.InletError as error:
            fail(outside, imp.id, error)
    elif imp.status is Status.RUNNING:
        finish_if_complete(outside, imp.id)
    return imp.id


def import_id(notification: Notification, secret: bytes) -> str:
    """The import that an object makes: the same each time that it is announced."""
    which = notification.version or notification.sequencer
    parts = (notification.bucket, notification.key, notification.etag, which)
    return make_id(secret, "import", *parts)


def _registered(notification: Notification, outside: Outside) -> Import:
    found = _prepared(notification, outside)
    if found:
        return found
    made = _known_by(
        notification, Import(import_id(notification, outside.secret), notification.key), outside
    )
    if records.insert(outside.table, made):
        return made
    return records.load(outside.table, made.id) or made


def _prepared(notification: Notification, outside: Outside) -> Import | None:
    """The import that the API prepared for an upload, unless another object took its place."""
    folders = notification.key.removeprefix(INBOX).split("/")
    if folders[0] != UPLOADS or len(folders) != 3:
        return None
    imp = records.load(outside.table, folders[1])
    if imp is None or imp.key != notification.key:
        return None
    if imp.status is Status.QUEUED:
        imp = records.change(
            outside.table,
            imp.id,
            lambda i: _known_by(notification, i, outside) if i.status is Status.QUEUED else i,
        )
    same = (imp.etag, imp.version) == (notification.etag, notification.version)
    return imp if same else None


def _known_by(notification: Notification, imp: Import, outside: Outside) -> Import:
    return replace(
        imp,
        bucket=notification.bucket,
        etag=notification.etag,
        version=notification.version,
        sequencer=notification.sequencer,
        event_ms=notification.event_ms,
        size=notification.size,
        started_ms=to_ms(outside.now()),
        status=Status.SPLITTING,
    )


def _split(imp: Import, outside: Outside, stage: Mapping[str, object]) -> None:
    plan = _plan(imp, outside, stage)
    chunks = _announced(imp, plan, outside)
    code = "" if plan.rows else "no_rows" if plan.header else "empty_file"
    records.change(outside.table, imp.id, lambda i: _running(i, chunks, code))
    finish_if_complete(outside, imp.id)


def _running(imp: Import, chunks: int, code: str) -> Import:
    if imp.status is not Status.SPLITTING:
        return imp
    return replace(imp, status=Status.RUNNING, chunks=chunks, code=code)


def _plan(imp: Import, outside: Outside, stage: Mapping[str, object]) -> Plan:
    there = plans.plan_of(outside.files, imp.id)
    if there is None:
        default = default_language(stage)
        records.change(outside.table, imp.id, lambda i: replace(i, language=default))
        plans.write(outside.files, make_plan(imp, outside, stage))
    plan = there or plans.read(outside.files, imp.id)
    language, mends = plan.options.language, plan.mends
    records.change(outside.table, imp.id, lambda i: replace(i, language=language, mends=mends))
    return plan


def _announced(imp: Import, plan: Plan, outside: Outside) -> int:
    """Write and announce all chunks, and return how many there are."""
    messages: list[str] = []
    number = 0
    with opened(outside.files, imp, plan.options) as sheet:
        for number, lines in enumerate(chunked(sheet.records()), 1):
            if number % records.GROUP == 1:
                records.open_done(outside.table, imp.id, number)
            name = plans.chunk_object(imp.id, number)
            outside.files.write(name, b"\n".join(lines), content_type="application/x-ndjson")
            messages.append(chunk_message(imp.id, number, len(lines)))
            if len(messages) == _TOGETHER:
                outside.chunks.send(messages)
                messages = []
    if messages:
        outside.chunks.send(messages)
    return number


def chunk_message(imp: str, number: int, rows: int) -> str:
    """What the queue carries of a chunk."""
    return json.dumps({"import": imp, "chunk": number, "rows": rows})


def chunked(rows: Iterable[Record]) -> Iterator[list[bytes]]:
    """The rows as JSON lines, by 500, and fewer where they are large."""
    lines: list[bytes] = []
    size = 0
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
    for line, row, cells, problem in rows:
        held = [line, row, cells, problem] if problem else [line, row, cells]
        data = encode(held).encode()
        if len(lines) == CHUNK_ROWS or (lines and size + len(data) > CHUNK_BYTES):
            yield lines
            lines, size = [], 0
        lines.append(data)
        size += len(data)
    if lines:
        yield lines
