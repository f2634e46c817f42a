"""Nested values, from names with brackets or from JSON, within bounds of depth and number."""

import re
from collections.abc import Iterable

from chalicelib import errors
from chalicelib.model import Raw

MAX_BRACKETS = 5
MAX_DEPTH = 20

# Bounded: to go back over a million brackets takes hundreds of megabytes.
_NAME = re.compile(rf"([^\[\]]+)((?:\[[^\[\]]*\]){{1,{MAX_BRACKETS}}})")
_SURROGATE = re.compile("[\ud800-\udfff]")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Raw]:
    """Fields from names and values: `a[b]=` unfolds, `a[]=` and repeated names become lists.

    A name that is not well-formed, or that another name contradicts, stays as it was written.
    """
    fields: dict[str, Raw] = {}
    for name, value in pairs:
        if not _put(fields, _path(name), value):
            _put_anyhow(fields, name, value)
    return {name: _listed(value) for name, value in fields.items()}


def _path(name: str) -> tuple[str, ...]:
    if name.endswith("]") and name.count("[") > MAX_BRACKETS:
        raise errors.TooLarge("a field's name is nested too deeply")
    match = _NAME.fullmatch(name)
    if match is None:
        return (name,)
    keys = tuple(match[2][1:-1].split("]["))
    # `a[]` says only that there may be several, as does repeating the name.
    return (match[1], *(keys[:-1] if keys[-1] == "" else keys))


def _put(fields: dict[str, Raw], path: tuple[str, ...], value: str) -> bool:
    """Add a value at its place; False where the place is taken by something else."""
    *way, last = path
    at = fields
    for key in way:
        step = at.setdefault(key, {})
        if not isinstance(step, dict):
            return False
        at = step
    before = at.get(last)
    if isinstance(before, dict):
        return False
    if isinstance(before, list):
        before.append(value)
    else:
        at[last] = value if last not in at else [before, value]
    return True


def _put_anyhow(fields: dict[str, Raw], name: str, value: str) -> None:
    path: tuple[str, ...] = (name,)
    while not _put(fields, path, value):
        path += ("",)


def _listed(value: Raw) -> Raw:
    """The value, with mappings whose keys count from 0 as lists."""
    if not isinstance(value, dict):
        return value
    items = {key: _listed(item) for key, item in value.items()}
    if all(str(n) in items for n in range(len(items))):
        return [items[str(n)] for n in range(len(items))]
    return items


def tamed(value: Raw, max_leaves: int) -> Raw:
    """The value within its bounds, with U+FFFD for half characters, which no store takes."""
    return _tamed(value, MAX_DEPTH, [max_leaves])


def _tamed(value: Raw, depth: int, left: list[int]) -> Raw:
    if depth < 0:
        raise errors.TooLarge("the JSON is nested too deeply")
    if isinstance(value, dict) and value:
        return {_whole(k): _tamed(item, depth - 1, left) for k, item in value.items()}
    if isinstance(value, list) and value:
        return [_tamed(item, depth - 1, left) for item in value]
    left[0] -= 1
    if left[0] < 0:
        raise errors.TooLarge("the JSON has too many values")
    return _whole(value) if isinstance(value, str) else value


def _whole(text: str) -> str:
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
