"""An export's item in the table: what was asked for, how far it is, where its file lies."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from chalicelib.ports import Attribute, Item, Key, Table
from chalicelib.store.items import dump
from chalicelib.store.jobs import Jobs

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
KEPT_DAYS = 7
# Who lacks something: in it for all that, or out of it by whatever rule there is.
IN, OUT = "in", "out"


@dataclass(frozen=True, slots=True)
class Export:
    """One export.

    `query` are the parts of a `LeadQuery`; `suppressed` says whether those who must not be contacted
    are in it, `incomplete` whether those are who lack something (empty: unless a rule that somebody
    set asks for it; `essential` is the stage's), `left_out` how many are not, `left_incomplete` how
    many of these for that alone. `header` is fixed when it begins. `number` is the part
    that comes next, `position` where it begins, `parts` what is written already, `file` the whole.
    """

    id: str
    kind: str
    created_ms: int
    layout: str = ""
    query: Mapping[str, Any] = field(default_factory=dict)
    suppressed: bool = False
    incomplete: str = ""
    essential: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    status: str = QUEUED
    code: str = ""
    rows: int = 0
    left_out: int = 0
    left_incomplete: int = 0
    number: int = 1
    position: str = ""
    parts: tuple[str, ...] = ()
    file: str = ""
    finished_ms: int = 0
    actor: str = ""

    @property
    def at_rest(self) -> bool:
        """Whether nothing more is done."""
        return self.status in (DONE, FAILED)

    @property
    def expires_ms(self) -> int:
        """When the object goes."""
        return self.created_ms + KEPT_DAYS * 86_400_000


def folder(export: str) -> str:
    """Under which an export's objects lie."""
    return f"exports/{export}/"


def place(export: str) -> Key:
    """Where an export's item lies."""
    return Key(f"EXPORT#{export}", "EXPORT")


def _item(made: Export) -> dict[str, Attribute]:
    content = {name: value for name, value in asdict(made).items() if value}
    when = f"{made.created_ms:013d}#{made.id}"
    return {
        "b": dump(content),
        "g1": "EXPORTS",
        "g1s": when,
        "ttl": made.expires_ms // 1000,
    }


def _read(item: Item) -> Export:
    made = Export(**json.loads(str(item["b"])))
    return replace(
        made,
        fields=tuple(made.fields),
        parts=tuple(made.parts),
        essential=tuple(made.essential),
    )


JOBS = Jobs(place, _item, _read, "EXPORTS")
load, change, listed = JOBS.load, JOBS.change, JOBS.listed


def insert(table: Table, made: Export) -> bool:
    """Write a new one; False where it is there already."""
    return JOBS.insert(table, made.id, made)
