"""What an import came to: always the sum of its chunks' records, never a counter."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.imports import records
from chalicelib.imports.undo import undone_of
from chalicelib.model import Fate, Problem
from chalicelib.ports import Table

COUNTED = (
    Fate.CREATED,
    Fate.MERGED,
    Fate.UNCHANGED,
    Fate.REPEATED,
    Fate.QUARANTINED,
    Fate.REJECTED,
    Fate.IGNORED,
)
# Fates whose reason is the code: nothing was wrong with a value.
_BY_REASON = (Fate.QUARANTINED, Fate.IGNORED)


@dataclass
class Totals:
    """Rows by fate and by code, cells filled by column, and which chunks hold faulty rows.

    `moved` are the rows that a mended file brought home, `chunks` how many were summed. `runs` says
    the same of each other run, `undone` what was taken back.
    """

    fates: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    filled: list[int] = field(default_factory=list)
    faulty: list[int] = field(default_factory=list)
    moved: set[int] = field(default_factory=set)
    mends: list[str] = field(default_factory=list)
    chunks: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    undone: Mapping[str, Any] = field(default_factory=dict)

    def chunks_of(self, run: str) -> int:
        """How many chunks of a run are done."""
        return self.runs[run] if run else self.chunks

    @property
    def rows(self) -> int:
        """All rows that have a fate."""
        return sum(self.fates.values())


def totals(table: Table, import_id: str) -> Totals:
    """Add up an import's records as they are now."""
    made = Totals()
    runs: dict[str, Mapping[str, Any]] = {}
    for sort, content in records.bodies(table, import_id, "C"):
        if not sort.startswith("C#"):
            made.runs[sort[1:].partition("#")[0]] += 1
            runs[sort] = content
            continue
        made.chunks += 1
        made.fates.update(content["fates"])
        made.codes.update(content["codes"])
        made.filled = _added(made.filled, content["filled"])
        if content["faulty"]:
            made.faulty.append(int(sort.rpartition("#")[2]))
    made.undone = undone_of(runs)
    for sort, content in records.bodies(table, import_id, "M#"):
        if "moved" in content:
            made.mends.append(sort)
            _move(made, content)
    return made


def codes_of(fate: Fate, reason: str, problems: Iterable[Problem]) -> list[str]:
    """The codes under which a row is counted, each once."""
    if fate is Fate.REPEATED:
        return []
    found = dict.fromkeys(problem.code for problem in problems)
    if fate in _BY_REASON and reason:
        found |= dict.fromkeys(reason.split(","))
    return list(found)


def _move(made: Totals, content: Mapping[str, Any]) -> None:
    for row, fate in content["moved"].items():
        old, codes = content["old"][row]
        made.fates[old] -= 1
        made.fates[fate] += 1
        made.codes.subtract(codes)
        made.moved.add(int(row))


def _added(left: Sequence[int], right: Sequence[int]) -> list[int]:
    if not left:
        return list(right)
    return [a + b for a, b in zip(left, right, strict=True)]
