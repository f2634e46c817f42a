"""What a preset is: a product's export header, what its columns are to a lead, how it is known."""

import dataclasses
from collections.abc import Mapping

from chalicelib.presets._aliases import header_key

# What a column may be beside a field of the lead.
TAGS, UNSUBSCRIBED, BOUNCED = "tags", "unsubscribed", "bounced"
OCCURRED_AT = "occurred_at"
# Ids as our own exports write them: `scope:id`, several like tags.
EXTERNAL_IDS = "external_ids"
ROLES = (TAGS, UNSUBSCRIBED, BOUNCED, OCCURRED_AT, EXTERNAL_IDS)
# The header of a column of remarks: a row with anything below it is none.
REMARK = "#"
# What parts tags where nothing says how.
ANY = ",;|\n"
# Any text in such a cell is a yes: the time at which somebody unsubscribed.
FILLED = "*"


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """One column of a layout: its header and its field (or role); an empty one is only kept.

    `split` parts several tags; `values` says what a word of theirs means, `*` any word.
    """

    header: str
    field: str = ""
    split: str = ""
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Preset:
    """One product's layout.

    `marks` are headers that together no other product writes, each tuple for itself. Of several
    places with one field the first that is filled counts, in their order. Ids are `scope`'s.
    """

    title: str
    scope: str
    marks: tuple[tuple[str, ...], ...]
    places: tuple[Place, ...]

    def place(self, header: str) -> Place | None:
        """The place of a header, however it is written."""
        key = header_key(header)
        return next((p for p in self.places if header_key(p.header) == key), None)

    def knows(self, keys: frozenset[str]) -> int:
        """How many of a file's headers are this layout's; 0 where it is none of theirs."""
        if not any(all(header_key(h) in keys for h in marks) for marks in self.marks):
            return 0
        return len({header_key(place.header) for place in self.places} & keys)


def layout(title: str, scope: str, marks: tuple[str, ...], table: str) -> Preset:
    """A preset from its table: `Header | field | ;` a line, or `Header | role | word=yes, …`.

    The marks are one text an alternative, its headers between bars.
    """
    alternatives = tuple(tuple(h.strip() for h in text.split("|")) for text in marks)
    places = tuple(_place(row) for row in table.strip().splitlines())
    return Preset(title, scope, alternatives, places)


def _place(row: str) -> Place:
    header, name, more = (f"{row}||").split("|")[:3]
    said = more.strip()
    if "=" in said:
        values = dict(pair.strip().split("=") for pair in said.split(","))
        return Place(header.strip(), name.strip(), values=values)
    return Place(header.strip(), name.strip(), {"comma": ","}.get(said, said))
