"""The preset shelf: known export layouts, one a file; what all headers share is in `_aliases`."""

from collections.abc import Sequence

from chalicelib.presets._aliases import WHOLE_NAME, alias, header_key
from chalicelib.presets._layout import Place, Preset
from chalicelib.shelf import Shelf

__all__ = ["SHELF", "WHOLE_NAME", "Place", "Preset", "alias", "header_key", "preset", "recognise"]

SHELF = Shelf("chalicelib.presets")


def preset(name: str) -> Preset:
    """The layout of that name; `errors.Missing` where the shelf has none."""
    found: Preset = SHELF.get(name).PRESET
    return found


def recognise(header: Sequence[str]) -> Preset | None:
    """Whose export has this header, by the headers that only that product writes."""
    keys = frozenset(map(header_key, header))
    known = {name: preset(name).knows(keys) for name in SHELF.names()}
    best = max(known, key=lambda name: known[name], default="")
    return preset(best) if best and known[best] else None
