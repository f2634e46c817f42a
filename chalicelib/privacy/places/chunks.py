"""An import's chunks and its faulty rows, in the bucket for 90 days: rewritten without the person.

A chunk's row stays as a row without content: a chunk that is worked again must find as many.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chalicelib import errors
from chalicelib.imports import plan as plans
from chalicelib.model import Touch
from chalicelib.ports import Outside
from chalicelib.privacy.places import _rows
from chalicelib.privacy.places._objects import rewrite
from chalicelib.privacy.places._place import Desk, Did, Done, Held, Place, Task, Who

_LINES = "application/x-ndjson"


class Chunks(Place):
    """`work/{import}/…`."""

    def of(self, touches: Sequence[Touch]) -> list[Task]:
        """A task for each import."""
        return _rows.tasks("chunks", touches)

    def erase(self, task: Task, who: Who, desk: Desk) -> Done:
        """Take the rows out of chunks and faulty rows, older versions included."""
        del who
        name = str(task["import"])
        numbers = _rows.chunks_of(desk.outside.table, name, task)
        changed = forget_rows(desk.outside, name, task["rows"], numbers)
        return Done(Did.REWRITTEN if changed else Did.NOTHING, changed)

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """The rows as they came, for as long as they are kept."""
        del who
        for task in self.of(touches):
            name, wanted = str(task["import"]), set(task["rows"])
            for number in _rows.chunks_of(desk.outside.table, name, task):
                try:
                    body = desk.outside.files.read(plans.chunk_object(name, number))
                except errors.Missing:
                    continue
                lines = (json.loads(line) for line in body.split(b"\n"))
                found = [line for line in lines if line[0] in wanted]
                yield Held([{"import": name, "row": row, "cells": c} for row, _, c, *_ in found])

    def until(self, asked_ms: int, desk: Desk) -> int:
        """A list that is dropped later is another; nothing of the old ones is left."""
        del asked_ms, desk
        return 0


def forget_rows(outside: Outside, name: str, gone: Iterable[int], numbers: Iterable[int]) -> int:
    """Take rows out of some chunks of an import and of its faulty rows; how many objects changed."""
    files = outside.files
    chunks = list(numbers)
    _rows.redact(outside.table, name, gone)

    def work(rows: set[int]) -> int:
        changed = 0
        for number in chunks:
            chunk, faulty = plans.chunk_object(name, number), plans.errors_object(name, number)
            changed += rewrite(files, chunk, lambda body: _emptied(body, rows), _LINES)
            changed += rewrite(files, faulty, lambda body: _without(body, rows), _LINES)
        return changed

    return _rows.settled(outside.table, name, work)


def _emptied(body: bytes, rows: set[int]) -> bytes:
    return b"\n".join(_blank(line, rows) for line in body.split(b"\n"))


def _blank(line: bytes, rows: set[int]) -> bytes:
    record: list[Any] = json.loads(line)
    if record[0] not in rows:
        return line
    record[2] = [""] * len(record[2])
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def _without(body: bytes, rows: set[int]) -> bytes:
    return b"\n".join(
        line for line in body.split(b"\n") if line and json.loads(line)[0] not in rows
    )


PLACE = Chunks()
