"""JSON and JSON lines: an array of objects, objects one after another, or the array that one holds.

Nested objects are dotted paths (`address.city`); repeated values `tags`, `tags[2]`. Read by ijson,
event by event. https://www.rfc-editor.org/rfc/rfc8259, https://jsonlines.org
"""

import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypeAlias

from chalicelib import errors
from chalicelib.formats import LIKELY, NO, SURE, Opened, Reading
from chalicelib.formats._decoded import Decoded
from chalicelib.formats._encoding import encoding_of, is_binary, sample_of
from chalicelib.formats._records import (
    MAX_COLUMNS,
    MAX_DEPTH,
    MAX_REPEATS,
    Record,
    put,
    table,
    too_deep,
)
from chalicelib.formats._source import Source

_Event: TypeAlias = tuple[str, str, Any]
_BEGINS = re.compile(r'\s*(?:\{\s*["}]|\[\s*(?:[\[\d"]|\{\s*["}]|\]))')
_LINES = ("jsonl", "ndjson")
_STARTS, _ENDS = ("start_map", "start_array"), ("end_map", "end_array")
# Events come by the block, each with its whole path: small blocks keep deep nesting cheap.
_BLOCK = 8192
_LONGEST_NUMBER = 50


def recognises(source: Source, reading: Reading) -> int:
    """By its first bracket and what follows it."""
    if is_binary(source) or source.members:
        return NO
    try:
        sample = sample_of(source, encoding_of(source, reading.encoding))
    except errors.Unreadable:
        return NO
    return (SURE if source.ending in ("json", *_LINES) else LIKELY) if _BEGINS.match(sample) else NO


def open_rows(source: Source, reading: Reading) -> Opened:
    """Begin to read; `Unreadable` (`json_unreadable`) for what is no JSON, wherever in the file."""
    encoding = encoding_of(source, reading.encoding)
    lines = source.ending in _LINES
    where = "" if lines else _where(_Events(source, encoding))
    return table(lambda: _records(_Events(source, encoding), where), encoding)


class _Events:
    """A file's events with the path of each; memory is bounded as `kept` says that nothing is."""

    def __init__(self, source: Source, encoding: str) -> None:
        self._stream = Decoded(source, encoding)

    def kept(self) -> None:
        """Nothing of what was read so far is held any more."""
        self._stream.since = 0

    def __iter__(self) -> Iterator[_Event]:
        import ijson

        depth = 0
        try:
            events = ijson.parse(self._stream, buf_size=_BLOCK, multiple_values=True)
            for path, event, value in events:
                depth += (event in _STARTS) - (event in _ENDS)
                if depth > MAX_DEPTH:
                    raise too_deep()
                yield path, event, value
        except (ijson.JSONError, ValueError, ArithmeticError) as error:
            raise errors.Unreadable("this file is not JSON", code="json_unreadable") from error


def _where(events: _Events) -> str:
    """The path of the records: the outermost list of objects, of several the longest.

    `item` is the file's own list, the empty path the file's own objects.
    """
    found: Counter[str] = Counter()
    outside = 0
    for path, event, _ in events:
        events.kept()
        if event == "start_map":
            outside += not path
            steps = path.split(".")
            if steps[-1] == "item" and steps.count("item") == 1 and len(found) <= MAX_COLUMNS:
                found[path] += 1
    if outside > 1 or not found:
        return ""
    shallowest = min(path.count(".") for path in found)
    return max((p for p in found if p.count(".") == shallowest), key=lambda p: found[p])


def _records(events: _Events, where: str) -> Iterator[Record]:
    from ijson.common import ObjectBuilder

    builder: ObjectBuilder | None = None
    for path, event, value in events:
        if builder is None and event == "start_map" and path == where:
            builder = ObjectBuilder()
        if builder is None:
            events.kept()
            continue
        builder.event(event, value)
        if event == "end_map" and path == where:
            record: dict[str, str] = {}
            _flatten(builder.value, "", record)
            yield record
            builder = None
            events.kept()


def _flatten(value: Any, path: str, into: dict[str, str]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _flatten(inner, f"{path}.{key}" if path else key, into)
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            again = f"[{number}]" if 1 < number <= MAX_REPEATS else ""
            if isinstance(inner, dict | list):
                _flatten(inner, path + again, into)
            else:
                put(into, path, _text(inner))
    else:
        put(into, path, _text(value))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal) and abs(value.adjusted()) < _LONGEST_NUMBER:
        return format(value, "f")
    return str(value)
