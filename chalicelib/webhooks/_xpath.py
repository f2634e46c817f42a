"""An endpoint's own mapping into XML: field → XPath 1.0 (https://www.w3.org/TR/xpath-10/).

As with JMESPath (`_mapping`), a path is bounded when it is set, so that it costs one walk through
the body: `//` and its kin once in each branch of a `|` and never within a predicate, where a walk
would begin anew at every element. Names stand without prefixes, as `_xml` leaves them.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any

from chalicelib import errors
from chalicelib.model import Raw
from chalicelib.webhooks import _xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Paths times elements: what is looked at in one delivery, about a second of work at the most.
MAX_LOOKS = 50_000
_MAX_LENGTH = 512
_MAX_PARTS = 64
_MAX_WALKS = 2
_WALKS = frozenset(("//", "descendant", "descendant-or-self", "following", "preceding"))
_WALKS |= {"ancestor", "ancestor-or-self", "following-sibling", "preceding-sibling"}
# Within a predicate these leave the element that is looked at.
_AWAY = _WALKS | {"..", "parent", "id"}


def path_problem(path: str) -> str:
    """What is wrong with a path, as a sentence; the empty text where nothing is."""
    if not 0 < len(path) <= _MAX_LENGTH:
        return f"a path has 1 to {_MAX_LENGTH} characters"
    try:
        expression = _compiled(path)
    except _no_result():
        return "this is not an XPath 1.0 expression"
    parts = list(_parts(expression, inside=False))
    walks = sum(symbol in _WALKS for symbol, _, _ in parts)
    if len(parts) > _MAX_PARTS or walks > _MAX_WALKS or _chain(expression) > 1:
        return "this path is too costly: fewer parts, one // at most"
    if any(inside and (symbol in _AWAY or root) for symbol, inside, root in parts):
        return "this path is too costly: a predicate stays within its element"
    return ""


def look_up(mapping: Mapping[str, str], root: "Element") -> dict[str, Raw]:
    """What the paths lead to in this element, by field; a path that leads nowhere is left out."""
    from elementpath import XPathContext, get_node_tree

    if not mapping:
        return {}
    if len(mapping) * sum(1 for _ in root.iter()) > MAX_LOOKS:
        raise errors.TooLarge("the XML holds too many values for so many paths")
    tree = get_node_tree(root)
    found: dict[str, Raw] = {}
    for field, path in mapping.items():
        try:
            value = _raw(_compiled(path).get_results(XPathContext(root=tree)))
        except _no_result():
            continue  # a function met a value that it does not take: there is none here
        if value not in (None, "", []):
            found[field] = value
    return found


def elements(path: str, root: "Element") -> list["Element"]:
    """The elements that a path leads to."""
    from elementpath import XPathContext, get_node_tree

    try:
        results = _compiled(path).get_results(XPathContext(root=get_node_tree(root)))
    except _no_result():
        return []
    return [one for one in results if hasattr(one, "tag")] if isinstance(results, list) else []


@lru_cache(1000)
def _compiled(path: str) -> Any:
    from elementpath import XPath1Parser

    return XPath1Parser().parse(path)


def _no_result() -> tuple[type[Exception], ...]:
    """What an expression may do with a value of the wrong shape, or a parser with nonsense."""
    from elementpath import ElementPathError

    usual = (ValueError, TypeError, ArithmeticError, AttributeError, LookupError, RecursionError)
    return (ElementPathError, *usual)


def _parts(token: Any, *, inside: bool) -> Iterator[tuple[str, bool, bool]]:
    """Every part: its symbol, whether it lies within a predicate, whether it begins at the root."""
    yield token.symbol, inside, token.symbol == "/" and len(token) < 2
    for place, child in enumerate(token):
        # Of `path[predicate]` the second is the predicate; so are an (outer) function's arguments
        # only where the function stands in one.
        yield from _parts(child, inside=inside or (token.symbol == "[" and place > 0))


def _chain(token: Any) -> int:
    """How many walks follow one another, each beginning where the one before has led."""
    held = [_chain(child) for child in token]
    along = sum(held) if token.symbol in ("/", "//", "[") else max(held, default=0)
    return (token.symbol in _WALKS) + along


def _raw(value: Any) -> Raw:
    """A result as plain data: one of several stands alone, a whole number without a fraction."""
    if isinstance(value, list):
        held: list[Raw] = [one for one in map(_raw, value) if one not in (None, "")]
        return held[0] if len(held) == 1 else held
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return None if not isfinite(value) else int(value) if value.is_integer() else str(value)
    return _xml.raw(value) if hasattr(value, "tag") else str(value)
