"""The commit of a dry run: exactly its plan, but for the rows whose people changed since.

First every chunk is *checked*, and nothing written: a row whose lead or whose keys' homes are no
longer at the version that the rehearsal saw will be decided anew. Then all rows are stored. In
which order workers come to two rows of one person is chance; so a row of the plan is given the fate
that the plan gave it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.imports import records
from chalicelib.imports.chunk import Chunk
from chalicelib.imports.plan import Plan
from chalicelib.imports.records import Import
from chalicelib.imports.rehearse import FATES, places, read_fates
from chalicelib.imports.sheet import Record
from chalicelib.intake.receive import Leads
from chalicelib.model import Fate, Outcome
from chalicelib.ports import Insert, Key, Outside
from chalicelib.store.upsert import Upsert


@dataclass(frozen=True)
class Checked:
    """One chunk that is checked."""

    imp: Import
    number: int
    outside: Outside

    def run(self) -> None:
        """Note the rows whose people are no longer as the rehearsal saw them."""
        said = read_fates(self.outside, self.imp.id, self.number)
        on = {row: places(lead, keys) for row, _, lead, keys in said["rows"]}
        now = self._versions({key for keys in on.values() for key in keys})
        changed = [
            row
            for row, keys in on.items()
            if any(now[k] != said["seen"].get(k.pk, 0) for k in keys)
        ]
        key = records.chunk_key(self.imp.id, self.number, self.imp.run)
        self.outside.table.write([Insert(key, records.body({"changed": changed}))])

    def _versions(self, keys: set[Key]) -> dict[Key, int]:
        there = self.outside.table.get(sorted(keys)) if keys else {}
        return {key: int(str(there[key]["v"])) if key in there else 0 for key in keys}


@dataclass
class Committing(Chunk):
    """One chunk that is carried out as it was planned."""

    planned: Mapping[int, Fate] = field(kw_only=True)
    changed: frozenset[int] = field(kw_only=True)

    @classmethod
    def of(
        cls,
        imp: Import,
        number: int,
        plan: Plan,
        outside: Outside,
        *,
        upsert: Upsert,
        unerased: Callable[[Leads], Leads],
    ) -> "Committing":
        """A chunk whose store knows the plan."""
        said = read_fates(outside, imp.id, number)
        planned = {row: FATES[letter] for row, letter, _, _ in said["rows"]}
        key = records.chunk_key(imp.id, number, imp.checked)
        changed = frozenset(records.content(outside.table.get([key])[key])["changed"])
        made = cls(imp, number, plan, outside, upsert, planned=planned, changed=changed)
        fates = {
            made.rows.receipt_of(row): fate for row, fate in planned.items() if row not in changed
        }
        made.leads = unerased(replace(upsert, plan=fates))
        return made

    def more(self, pairs: Sequence[tuple[Record, Outcome]]) -> dict[str, Any]:
        """The rows that were decided anew, each with its fate in the plan and the one it has."""
        anew = [
            [record.row, str(self.planned[record.row]), str(outcome.fate)]
            for record, outcome in pairs
            if record.row in self.planned
            and (record.row in self.changed or self.planned[record.row] is not outcome.fate)
        ]
        return {"anew": anew}
