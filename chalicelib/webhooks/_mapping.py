"""An endpoint's own mapping: field → JMESPath into the body (https://jmespath.org).

A path is written by whoever configures the endpoint and run on whatever a stranger sends. So it is
bounded when it is set: by length, by its number of parts, and by how often it may walk a list or
multiply it; with that its cost grows with the body's size alone.
"""

import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from chalicelib.model import Raw

MAX_PATHS = 100
_MAX_LENGTH = 512
_MAX_PARTS = 64
_MAX_WALKS = 4
_WALKS = {"projection", "value_projection", "filter_projection", "expref"}
_WALKS |= {"multi_select_list", "multi_select_dict"}
# What a built-in function may do with a value of the wrong shape, beside jmespath's own errors
# (which are all ValueErrors).
_NO_RESULT = (ValueError, TypeError, ArithmeticError, AttributeError, LookupError, RecursionError)


def path_problem(path: str) -> str:
    """What is wrong with a path, as a sentence; the empty text where nothing is."""
    import jmespath

    if not 0 < len(path) <= _MAX_LENGTH:
        return f"a path has 1 to {_MAX_LENGTH} characters"
    try:
        expression = _compiled(path)
        parts = list(_parts(expression.parsed))
        if len(parts) > _MAX_PARTS or sum(part in _WALKS for part in parts) > _MAX_WALKS:
            return "this path is too costly: fewer parts, fewer lists"
        expression.search({})
    except jmespath.exceptions.UnknownFunctionError:
        return "this function does not exist in JMESPath"
    except jmespath.exceptions.JMESPathTypeError:
        pass  # an empty body is of the wrong type for it; a real one need not be
    except (*_NO_RESULT, UnicodeError):
        return "this is not a JMESPath expression"
    return ""


def look_up(mapping: Mapping[str, str], body: Raw) -> dict[str, Raw]:
    """What the paths lead to in this body, by field; a path that leads nowhere is left out."""
    found: dict[str, Raw] = {}
    for field, path in mapping.items():
        try:
            value = _raw(_compiled(path).search(body))
        except _NO_RESULT:
            continue  # a function met a shape it does not take: there is no such value here
        if value is not None:
            found[field] = value
    return found


def keys(path: str) -> tuple[str, ...]:
    """The keys that a plain path (`a.b."c d"`) walks; empty for one that does anything else."""
    return _keys(_compiled(path).parsed)


@lru_cache(1000)
def _compiled(path: str) -> Any:
    import jmespath

    with warnings.catch_warnings():
        # JMESPath's older spelling of literals is deprecated, and what most examples show.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return jmespath.compile(path)


def _keys(node: dict[str, Any]) -> tuple[str, ...]:
    if node["type"] == "field":
        return (node["value"],)
    if node["type"] != "subexpression":
        return ()
    parts = [_keys(child) for child in node["children"]]
    return tuple(key for part in parts for key in part) if all(parts) else ()


def _parts(tree: dict[str, Any]) -> Iterator[str]:
    """The types of all nodes of a parsed path."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node["type"]
        waiting.extend(child for child in node["children"] if isinstance(child, dict))


def _raw(value: Any) -> Raw:
    """A result without floats, which JMESPath's functions make: 3.0 → 3, 1.5 → "1.5"."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else str(value) if value == value else None  # noqa: PLR0124
    if isinstance(value, list):
        return [_raw(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _raw(v) for k, v in value.items()}
    return value if isinstance(value, str | int) else None
