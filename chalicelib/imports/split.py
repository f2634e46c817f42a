"""Split: a dropped object becomes chunks of rows that know nothing of the file's format.

A split that died is run again and makes the same chunks under the same names; a chunk that was
announced twice is worked once (`work`). One that needs longer than a function lives notes how far
it came and announces itself again: whoever goes on reads past the records that are split (2 to 4 µs
each) and makes the chunks that are left.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import islice
from math import inf
from types import MappingProxyType

from chalicelib import errors
from chalicelib.imports import plan as plans
from chalicelib.imports import records
from chalicelib.imports.finish import fail, finish_if_complete
from chalicelib.imports.notification import Notification, announcement
from chalicelib.imports.options import INBOX, UPLOADS
from chalicelib.imports.plan import Plan
from chalicelib.imports.planning import default_language, make_plan
from chalicelib.imports.records import Import, Status, Stop
from chalicelib.imports.runs import chunk_message, rehearsed, restore_point
from chalicelib.imports.sheet import Record, opened
from chalicelib.intake.ids import make_id
from chalicelib.model import to_ms
from chalicelib.ports import Outside

CHUNK_ROWS = 500
CHUNK_BYTES = 4 * 2**20
# What a queue takes in one request.
_TOGETHER = 10
# How often it is noted how far a split is, and looked whether somebody stopped it: in chunks.
_NOTED = 100
# Seconds before the function's end at which a split hands over to the next one.
_MARGIN = 60.0
NO_SETTINGS: Mapping[str, object] = MappingProxyType({})


def forever() -> float:
    """The seconds left of somebody who is in no hurry."""
    return inf


def split(
    notification: Notification,
    outside: Outside,
    stage: Mapping[str, object] = NO_SETTINGS,
    left: Callable[[], float] = forever,
) -> str:
    """Split one dropped object and announce its chunks; returns the import's id.

    The id is empty for what is no file to import. The same notification again moves nothing.
    `stage` holds the stage's own options, `left` says how many seconds there still are. Raises
    `Unavailable` where it should be tried again.
    """
    if not notification.wanted:
        return ""
    imp = _registered(notification, outside)
    if imp.status is Status.SPLITTING:
        try:
            if not _split(imp, outside, stage, left):
                outside.objects.send([announcement(notification)])
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
    if imp.status is Status.CANCELLED and not imp.etag:
        return imp  # cancelled before its file came
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


def _split(
    imp: Import, outside: Outside, stage: Mapping[str, object], left: Callable[[], float]
) -> bool:
    """Whether the file is split to its end."""
    plan, imp = _plan(imp, outside, stage)
    chunks = _announced(imp, plan, outside, left)
    if chunks is None:
        return False
    code = "" if plan.rows else "no_rows" if plan.header else "empty_file"
    records.change(outside.table, imp.id, lambda i: _running(i, chunks, code))
    finish_if_complete(outside, imp.id)
    return True


def _running(imp: Import, chunks: int, code: str) -> Import:
    if imp.status is not Status.SPLITTING:
        return imp
    return replace(imp, status=Status.RUNNING, chunks=chunks, code=code)


def _plan(imp: Import, outside: Outside, stage: Mapping[str, object]) -> tuple[Plan, Import]:
    there = plans.plan_of(outside.files, imp.id)
    if there is None:
        default = default_language(stage)
        records.change(outside.table, imp.id, lambda i: replace(i, language=default))
        plans.write(outside.files, make_plan(imp, outside, stage))
    plan = there or plans.read(outside.files, imp.id)
    language, mends, group = plan.options.language, plan.mends, plan.options.run
    before = restore_point(outside)

    def known(there: Import) -> Import:
        restore = there.restore_ms or before
        said = replace(there, language=language, mends=mends, group=group, restore_ms=restore)
        return rehearsed(said) if plan.options.dry_run and not said.rehearsed else said

    return plan, records.change(outside.table, imp.id, known)


def _announced(imp: Import, plan: Plan, outside: Outside, left: Callable[[], float]) -> int | None:
    """Write and announce the chunks that are left; how many there are, or None where time is up."""
    messages: list[str] = []
    number, done = imp.split_to, imp.split_rows
    first = number + 1
    with opened(outside.files, imp, plan.options) as sheet:
        rows = sheet.records()
        _pass(rows, done)
        for number, lines in enumerate(chunked(rows), first):
            if number % records.GROUP == 1:
                records.open_done(outside.table, imp.id, number, imp.run)
            name = plans.chunk_object(imp.id, number)
            outside.files.write(name, b"\n".join(lines), content_type="application/x-ndjson")
            messages.append(chunk_message(imp.id, number, len(lines), imp.run))
            done += len(lines)
            if len(messages) < _TOGETHER:
                continue
            outside.chunks.send(messages)
            messages = []
            late = left() < _MARGIN
            if (late or number % _NOTED == 0) and _noted(imp, number, done, outside):
                return number
            if late:
                return None
    if messages:
        outside.chunks.send(messages)
    return number


def _pass(rows: Iterator[Record], count: int) -> None:
    """Read past the records that an earlier attempt split."""
    for _ in islice(rows, count):
        pass


def _noted(imp: Import, number: int, rows: int, outside: Outside) -> bool:
    """Note how far a split is; whether somebody cancelled it meanwhile."""
    change = partial(replace, split_to=number, split_rows=rows)
    return records.change(outside.table, imp.id, change).stop == Stop.CANCEL


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
