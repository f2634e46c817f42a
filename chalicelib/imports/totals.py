"""What an import came to: always the sum of its chunks' records, never a counter."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    """Rows by fate and by code, repairs by `field:code`, cells filled by column, and which chunks hold faulty rows.

    `moved` are the rows that a mended file brought home, `chunks` how many were summed. `runs` says
    the same of each other run, `undone` what was taken back. `plan` are the fates of a dry run,
    `diff` what it would change in leads, `anew` the rows that its commit decided otherwise.
    """

    fates: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    filled: list[int] = field(default_factory=list)
    faulty: list[int] = field(default_factory=list)
    moved: set[int] = field(default_factory=set)
    mends: list[str] = field(default_factory=list)
    chunks: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    undone: Mapping[str, Any] = field(default_factory=dict)
    plan: Counter[str] = field(default_factory=Counter)
    diff: Counter[str] = field(default_factory=Counter)
    by_field: dict[str, Counter[str]] = field(default_factory=dict)
    anew: list[list[Any]] = field(default_factory=list)

    def chunks_of(self, run: str) -> int:
        """How many chunks of a run are done."""
        return self.runs[run] if run else self.chunks

    @property
    def rows(self) -> int:
        """All rows that have a fate."""
        return sum(self.fates.values())


def totals(table: Table, import_id: str) -> Totals:
    """Add up an import's records as they are now.

    Until it is carried out, an import comes to what its dry run says.
    """
    made, dry = Totals(), Totals()
    runs: dict[str, Mapping[str, Any]] = {}
    for sort, content in records.bodies(table, import_id, "C"):
        run, _, number = sort[1:].partition("#")
        if not run:
            _count(made, int(number), content)
            continue
        made.runs[run] += 1
        runs[sort] = content
        if "fates" in content:
            _count(dry, int(number), content)
    if dry.chunks and not made.chunks:
        made = replace(dry, chunks=0, runs=made.runs)
    made.plan = Counter(dry.fates)
    _compare(made, runs.values())
    made.undone = undone_of(runs)
    for sort, content in records.bodies(table, import_id, "M#"):
        if "moved" in content:
            made.mends.append(sort)
            _move(made, content)
    return made


def _count(made: Totals, number: int, content: Mapping[str, Any]) -> None:
    made.chunks += 1
    made.fates.update(content["fates"])
    made.codes.update(content["codes"])
    made.repairs.update(content.get("repairs", {}))
    made.filled = _added(made.filled, content["filled"])
    made.anew += content.get("anew", ())
    if content["faulty"]:
        made.faulty.append(number)


def _compare(made: Totals, runs: Iterable[Mapping[str, Any]]) -> None:
    for content in runs:
        made.diff.update(content.get("diff", {}))
        for name, counts in content.get("by_field", {}).items():
            made.by_field.setdefault(name, Counter()).update(counts)


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
