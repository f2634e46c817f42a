"""XML: the element that repeats is the record, what is in it its values by path.

`address/city` is a nested element, `@id` an attribute, `tag[2]` a second one. An element that mixes
text and elements is one text, as CDATA is. Namespaces are left off; names as Access writes them
(`First_x0020_Name`) are read. No DTD, no entity: https://pypi.org/project/defusedxml/
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

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

_DECLARED = re.compile(r"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_BEGINS = re.compile(r"\s*<(?:\?xml\b|!--|!DOCTYPE\s|[A-Za-z_][\w.:-]*(?:\s[^<]*)?/?>)")
_HTML = re.compile(r"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+)?html\b", re.IGNORECASE | re.DOTALL)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}"


def recognises(source: Source, reading: Reading) -> int:
    """By its first tag; pages of HTML are none."""
    if is_binary(source) or source.members:
        return NO
    try:
        sample = sample_of(source, _encoding(source, reading))
    except errors.Unreadable:
        return NO
    if _HTML.match(sample) or not _BEGINS.match(sample):
        return NO
    return SURE if source.ending == "xml" or sample.lstrip().startswith("<?xml") else LIKELY


def open_rows(source: Source, reading: Reading) -> Opened:
    """Begin to read; `Unreadable`: `xml_forbidden` (a DTD or an entity) or `xml_unreadable`."""
    encoding = _encoding(source, reading)
    where = _where(source, encoding)
    return table(lambda: _records(source, encoding, where), encoding)


def _encoding(source: Source, reading: Reading) -> str:
    """What the options or a mark say, else what the declaration does, else what is found."""
    declared = _DECLARED.match(source.head[:1000].decode("latin-1"))
    named = reading.encoding or (declared[1].lower() if declared else "")
    try:
        "".encode(named or "utf-8")
    except (LookupError, UnicodeError):
        named = ""
    return encoding_of(source, named)


@dataclass
class _Tree:
    """What is known of the file's elements by path: how often they occur and what is in them."""

    counts: Counter[tuple[str, ...]] = field(default_factory=Counter)
    within: dict[tuple[str, ...], bool] = field(default_factory=dict)


def _where(source: Source, encoding: str) -> tuple[str, ...]:
    """The path of the records: of what repeats and holds something, the outermost, the most often.

    A file of one record has none that repeats: then the outermost that holds elements with text.
    """
    tree = _Tree()
    path: list[str] = []
    events = _Events(source, encoding, texts=False)
    for event, value in events:
        events.kept()
        if event == "start":
            name, attributes = value
            if path:
                tree.within[tuple(path)] = True
            path.append(name)
            here = tuple(path)
            if len(tree.counts) > 10 * MAX_COLUMNS and here not in tree.counts:
                raise errors.TooLarge(str(len(tree.counts)), code="too_many_columns")
            tree.counts[here] += 1
            tree.within[here] = tree.within.get(here, False) or bool(attributes)
        elif event == "end":
            path.pop()
    return _chosen(tree)


def _chosen(tree: _Tree) -> tuple[str, ...]:
    inner = [path for path in tree.counts if len(path) > 1 and tree.within[path]]
    repeated = [path for path in inner if tree.counts[path] > 1]
    if repeated:
        depth = min(map(len, repeated))
        return max((p for p in repeated if len(p) == depth), key=lambda p: tree.counts[p])
    # One record: the first that has a leaf of its own, from the outside in.
    leaves = {path[:-1] for path in tree.counts if not tree.within[path] and len(path) > 1}
    for path in sorted(leaves, key=len):
        return path
    return inner[0] if inner else next(iter(tree.counts), ())


@dataclass
class _Element:
    """An element of a record that is being read."""

    name: str
    attributes: list[tuple[str, str]]
    texts: list[str] = field(default_factory=list)
    inner: list["_Element"] = field(default_factory=list)
    mixed: bool = False


def _records(source: Source, encoding: str, where: tuple[str, ...]) -> Iterator[Record]:
    stack: list[_Element] = []
    path: list[str] = []
    events = _Events(source, encoding, texts=True)
    for event, value in events:
        if event == "start":
            path.append(value[0])
            if stack or tuple(path) == where:
                element = _Element(*value)
                if stack:
                    stack[-1].inner.append(element)
                stack.append(element)
        elif event == "text":
            # A text is part of everything around it: of a note with emphasis, all is the note.
            for element in stack:
                element.texts.append(value)
            if stack and not value.isspace():
                stack[-1].mixed = True
        else:
            path.pop()
            if len(stack) == 1:
                record: dict[str, str] = {}
                _flatten(stack[0], "", record)
                yield record
            stack = stack[:-1]
        if not stack:
            events.kept()


def _flatten(element: _Element, path: str, into: dict[str, str]) -> None:
    for name, value in element.attributes:
        put(into, f"{path}/@{name}" if path else f"@{name}", value)
    text = "".join(element.texts).strip()
    if not element.inner or (element.mixed and path):
        if path or text:
            put(into, path or element.name, text)
        return
    counts: Counter[str] = Counter()
    for child in element.inner:
        counts[child.name] += 1
        number = min(counts[child.name], MAX_REPEATS)
        leaf = not child.inner and not child.attributes
        name = child.name if leaf or number == 1 else f"{child.name}[{number}]"
        _flatten(child, f"{path}/{name}" if path else name, into)


class _Events:
    """`start` (name, attributes), `text`, `end`; memory is bounded as `kept` says nothing is."""

    def __init__(self, source: Source, encoding: str, *, texts: bool) -> None:
        self._stream, self._texts = Decoded(source, encoding), texts

    def kept(self) -> None:
        """Nothing of what was read so far is held any more."""
        self._stream.since = 0

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import DefusedXMLParser

        target = _Target(self._texts)
        parser = DefusedXMLParser(target=target, encoding="utf-8", forbid_dtd=True)
        try:
            while data := self._stream.read():
                parser.feed(data)
                yield from target.taken()
            parser.close()
            yield from target.taken()
        except DefusedXmlException as error:
            raise errors.Unreadable("a DTD or an entity", code="xml_forbidden") from error
        except (SyntaxError, ValueError) as error:
            raise errors.Unreadable("this file is not XML", code="xml_unreadable") from error


class _Target:
    """What the parser calls: it notes events for whoever asks next."""

    def __init__(self, texts: bool) -> None:
        self._events: list[tuple[str, Any]] = []
        self._texts, self._depth = texts, 0

    def taken(self) -> list[tuple[str, Any]]:
        """The events since the last time."""
        found, self._events = self._events, []
        return found

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise too_deep()
        named = [(_local(k), v) for k, v in attributes.items() if not k.startswith(_SCHEMA)]
        self._events.append(("start", (_local(tag), named)))

    def data(self, text: str) -> None:
        """Some text."""
        if self._texts:
            self._events.append(("text", text))

    def end(self, _tag: str) -> None:
        """An element ends."""
        self._depth -= 1
        self._events.append(("end", None))

    def close(self) -> None:
        """The file ends."""


def _local(name: str) -> str:
    local = name.rpartition("}")[2]
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), local)
