"""Texts from outside, made short and printable before they are kept."""

import json
import re
from collections.abc import Mapping

import orjson

from chalicelib.model import Raw

# C0 and C1 controls, the line and paragraph separators, bidirectional overrides (an address must
# not read otherwise than it is) and lone surrogates, which no store takes.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_PIECE = 400


def clean(text: str, limit: int) -> str:
    """Remove what does not print and the blanks around it, and cut to so many characters."""
    # Cut before the expression runs, too: a body may be megabytes long.
    return _UNPRINTABLE.sub("", text[: limit * 2]).strip()[:limit]


def scalar(value: Raw) -> str:
    """The text of a value that is a text, a number or a yes-no; anything else is empty."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return value if isinstance(value, str) else ""


def blank(value: Raw) -> bool:
    """Whether it says nothing: no value, only blanks, or a list or mapping of nothing else."""
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, list):
        return all(blank(item) for item in value)
    if isinstance(value, dict):
        return all(blank(item) for item in value.values())
    return value is None


def compact(content: Mapping[str, Raw], limit: int) -> dict[str, Raw]:
    """The content itself where its JSON has at most so many bytes, else as much as fits.

    What was cut is marked: long values become texts that end in `…`, and `_trimmed` counts the
    names that were shortened or left out.
    """
    if size(dict(content)) <= limit:
        return dict(content)
    kept: dict[str, Raw] = {}
    room, cut = limit - len('{"_trimmed":9999}'), 0
    for name, value in content.items():
        piece = _shorten(value)
        needed = size({name: piece})
        fits = needed <= room
        cut += not fits or piece != value
        if fits:
            kept[name] = piece
            room -= needed
    return {**kept, "_trimmed": cut}


def dump(content: Raw) -> str:
    """Compact JSON, readable in every script; a lone surrogate becomes `?`."""
    try:
        return orjson.dumps(content).decode()
    except TypeError:  # such a surrogate, or a number of more than 64 bits
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace").decode()


def size(content: Raw) -> int:
    """How many bytes its JSON has."""
    return len(dump(content).encode())


def _shorten(value: Raw) -> Raw:
    if size(value) <= _PIECE:
        return value
    text = value if isinstance(value, str) else dump(value)
    return text[:_PIECE] + "…"
