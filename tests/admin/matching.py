"""As much of JSON Schema as the API's description uses: enough to hold answers against it."""

import re
from collections.abc import Iterator
from typing import Any

from chalicelib.admin.schemas import SCHEMAS

TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def mismatches(value: Any, schema: dict[str, Any], place: str = "$") -> Iterator[str]:
    """Every way in which a value is not as a schema says."""
    if "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        if all(any(mismatches(value, each, place)) for each in schema["anyOf"]):
            yield f"{place}: {value!r} is none of what it may be"
        return
    if not _fits(value, schema.get("type", [])):
        yield f"{place}: {value!r} is no {schema['type']}"
    elif "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is not a known word"
    elif "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{place}: {value!r} is not of its pattern"
    elif isinstance(value, dict):
        yield from _members(value, schema, place)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from mismatches(each, schema.get("items", {}), f"{place}[{number}]")


def _fits(value: Any, types: str | list[str]) -> bool:
    named = [types] if isinstance(types, str) else types
    if isinstance(value, bool):
        return not named or "boolean" in named
    return not named or any(isinstance(value, TYPES[name]) for name in named)


def _members(value: dict[str, Any], schema: dict[str, Any], place: str) -> Iterator[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{place}.{name} is missing"
    for name, each in value.items():
        if name in known:
            yield from mismatches(each, known[name], f"{place}.{name}")
        elif others is False:
            yield f"{place}.{name} is not described"
        elif isinstance(others, dict):
            yield from mismatches(each, others, f"{place}.{name}")
