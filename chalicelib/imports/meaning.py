"""What a mapping may say of one column beside its field: words, parts, how several make one value."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.presets._layout import ROLES

_MOST_WORDS, _MOST_PARTS, _LONGEST = 2000, 20, 200
_MEMBERS = frozenset({"field", "values", "split", "into", "join"})


@dataclasses.dataclass(frozen=True, slots=True)
class Meaning:
    """One column's part in a lead.

    `field` is a field, a role (`presets._layout.ROLES`), or empty: left out. `values` says what a
    word of theirs is in ours. `split` parts a cell: into several tags, or `into` one field each.
    `join` lets several columns make one value: the text between them, or with an empty text the
    first of them that is filled; None: one column alone.
    """

    field: str = ""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    split: str = ""
    into: tuple[str, ...] = ()
    join: str | None = None

    @property
    def plain(self) -> bool:
        """Whether the cell goes to its field as it is."""
        return not (self.values or self.split or self.into or self.join is not None)

    @property
    def fields(self) -> Iterator[str]:
        """Every field that it names."""
        yield from (name for name in (self.field, *self.into) if name and name not in ROLES)


def read_meaning(said: object) -> Meaning:
    """A meaning from a mapping: a field's name, nothing, or an object.

    Raises `ValueError` or `TypeError` for anything else.
    """
    if said is None or isinstance(said, str):
        return Meaning(_text(said or ""))
    if not isinstance(said, Mapping) or not {*said} <= _MEMBERS:
        raise TypeError
    values, into, join = said.get("values") or {}, said.get("into") or [], said.get("join")
    if not isinstance(values, Mapping) or len(values) > _MOST_WORDS:
        raise TypeError
    if not isinstance(into, list | tuple) or len(into) > _MOST_PARTS:
        raise TypeError
    made = Meaning(
        field=_text(said.get("field") or ""),
        values={_text(word): _text(ours) for word, ours in values.items()},
        split=_separator(said.get("split") or ""),
        into=tuple(_text(name) for name in into),
        join=None if join is None else _separator(join),
    )
    if made.into and (made.field or not made.split or made.join is not None):
        raise ValueError  # its parts have fields, the whole has none
    return made


def dump_meaning(meaning: Meaning) -> str | dict[str, Any] | None:
    """A meaning as a mapping says it."""
    if meaning.plain:
        return meaning.field or None
    made: dict[str, Any] = {
        "field": meaning.field or None,
        "values": dict(meaning.values),
        "split": meaning.split,
        "into": list(meaning.into),
    }
    made = {name: value for name, value in made.items() if value}
    return made if meaning.join is None else {**made, "join": meaning.join}


def read_columns(said: object) -> dict[str, str | dict[str, Any] | None]:
    """A mapping's columns, checked: header → what `dump_meaning` makes of it."""
    made = json.loads(said) if isinstance(said, str) else said
    if not isinstance(made, Mapping) or len(made) > _MOST_WORDS:
        raise TypeError
    return {str(header): dump_meaning(read_meaning(each)) for header, each in made.items()}


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    text = value.strip()
    if len(text) > _LONGEST or not text.isprintable():
        raise ValueError
    return text


def _separator(value: object) -> str:
    """A text between values; a line's end is one, and blanks around it mean something."""
    if not isinstance(value, str):
        raise TypeError
    if len(value) > _MOST_PARTS or not value.replace("\n", "").replace("\t", "").isprintable():
        raise ValueError
    return value
