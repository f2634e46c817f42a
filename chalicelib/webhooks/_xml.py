"""XML as untrusted data: no DTD, no entities, everything bounded while it is read.

An element becomes a text, or an object of its children by name: `{"@id": "7", "email": "…"}`.
Several children of one name are a list; an attribute is `@name`, a text beside either `#text`;
`xsi:nil` is nothing. Prefixes and namespaces are left out of the names: no body that we are sent
tells two elements apart by them alone. Everything amiss is `errors.Unreadable`, or
`errors.TooLarge` where it is a bound.
"""

import json
import re
from typing import TYPE_CHECKING, Any

from chalicelib import errors
from chalicelib.intake._charset import charset_of, decoded
from chalicelib.model import Raw, Request
from chalicelib.webhooks._body import MAX_BYTES, MAX_DEPTH

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Elements and attributes together. A hundred leads of a CRM with a hundred fields each are half.
MAX_NODES = 20_000
# What Expat takes seconds for, if one element has a hundred thousand of them: counted before.
_ATTRIBUTE = re.compile(r"""=\s*["']""")
# Expat writes an element's namespace out before each name: a long one is memory times elements.
_LONGEST_NAMESPACE = 300
_MOST_NAMESPACES = 1000
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_DECLARED = re.compile(r"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


def element_of(request: Request) -> "Element":
    """The body's root element, with local names only."""
    return element(request.body, charset_of(request.header("content-type")))


def element(body: bytes, charset: str = "") -> "Element":
    """The root element of some XML: in the charset stated, else declared in it, else UTF-8 or 16."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException

    if len(body) > MAX_BYTES:
        raise errors.TooLarge("the body is larger than 4 MB")
    text = _text(body, charset)
    if sum(1 for _ in _ATTRIBUTE.finditer(text)) > MAX_NODES:
        raise errors.TooLarge("the XML holds too many values")
    parser = _parser()
    try:
        parser.feed(text)
        root: Element = parser.close()
    except DefusedXmlException as error:
        raise errors.Unreadable("XML with a DTD or entities is not read") from error
    except (ParseError, ValueError, RecursionError) as error:
        raise errors.Unreadable("the body is not XML") from error
    return root


def raw(one: "Element") -> Raw:
    """An element as plain data."""
    if one.get("nil") == "true" and _leaf(one):
        return None
    held: dict[str, Raw] = {f"@{name}": value for name, value in one.attrib.items()}
    for child in one:
        value = raw(child)
        there = held.get(child.tag)
        if child.tag not in held:
            held[child.tag] = value
        elif isinstance(there, list):
            there.append(value)
        else:
            held[child.tag] = [there, value]
    text = (one.text or "").strip()
    if not held:
        return text
    return {**held, "#text": text} if text else held


def _leaf(one: "Element") -> bool:
    return not len(one) and not (one.text or "").strip()


def _text(body: bytes, charset: str) -> str:
    """The XML as text. A byte order mark or the label on the outside beats the declaration."""
    guessed = json.detect_encoding(body[:4])
    if not charset and guessed == "utf-8":
        declared = _DECLARED.match(body[:200].decode("latin-1"))
        charset = declared[1] if declared else ""
    return decoded(body, charset or guessed).removeprefix("\ufeff")


def _parser() -> Any:
    from defusedxml.ElementTree import XMLParser

    parser = XMLParser(target=_Bounded(), forbid_dtd=True)
    namespaces = 0

    def declared(_prefix: str | None, uri: str | None) -> None:
        nonlocal namespaces
        namespaces += 1
        if len(uri or "") > _LONGEST_NAMESPACE or namespaces > _MOST_NAMESPACES:
            raise errors.TooLarge("the XML has too many or too long namespaces")

    parser.parser.StartNamespaceDeclHandler = declared
    return parser


class _Bounded:
    """Builds the tree while it counts, with local names alone."""

    def __init__(self) -> None:
        from xml.etree.ElementTree import TreeBuilder

        self._builder = TreeBuilder()
        self._depth = self._nodes = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._nodes += 1 + len(attributes)
        if self._depth > MAX_DEPTH:
            raise errors.Unreadable("the XML is nested too deeply")
        if self._nodes > MAX_NODES:
            raise errors.TooLarge("the XML holds too many values")
        nil = {"nil": "true"} if attributes.get(_NIL) in ("true", "1") else {}
        self._builder.start(_local(tag), {_local(k): v for k, v in attributes.items()} | nil)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self._builder.end(_local(tag))

    def data(self, text: str) -> None:
        self._builder.data(text)

    def close(self) -> "Element":
        return self._builder.close()


def _local(name: str) -> str:
    return name.rpartition("}")[2]
