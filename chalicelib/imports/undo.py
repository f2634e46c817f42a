"""Undo and redo of an import, a chunk at a time: all of its rows, some of them, or one column.

What is taken back is whatever still is this import's: a row that another file repeats since, or
that was judged again after an undo, belongs to that one. Leads become what their remaining touches
make them; what came after stays. A chunk that is delivered again finds less to do and counts the
same, for what is counted is what lies in the table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.imports import records
from chalicelib.imports.receipts import receipts, rows_of
from chalicelib.imports.records import Import, Task
from chalicelib.model import Fate, Touch
from chalicelib.ports import Insert, Outside
from chalicelib.store.history import submissions_by_id
from chalicelib.store.leftovers import vacate
from chalicelib.store.membership import mentioned
from chalicelib.store.submission_items import CONDENSED, is_condensed
from chalicelib.store.takeback import Taken, give_back, mute, take_back
from chalicelib.store.upsert import Upsert

# So many of what is listed go into a chunk's record; all of it is counted.
LISTED = 100


@dataclass(frozen=True)
class Undoing:
    """One chunk of an undo, or of its undoing."""

    imp: Import
    number: int
    outside: Outside
    upsert: Upsert

    def run(self) -> None:
        """Take back or give back the rows, and write what came of it."""
        rows = self._rows()
        touches = list(submissions_by_id(self.outside.table, rows).values())
        own = [touch for touch in touches if self._owns(touch)]
        asked = self.imp.asked.get("rows")
        chosen = [t for t in own if asked is None or rows[t.id] in asked]
        taken = self._turned(chosen)
        if self.imp.task is not Task.REDO:
            # Of all, whatever a run that died took back before.
            vacate(self.outside.table, sorted(set().union(*map(mentioned, chosen))))
        # What was condensed cannot be told apart any more.
        taken.kept |= {t.id: CONDENSED for t in chosen if is_condensed(t)}
        now = {**{touch.id: touch for touch in own}, **taken.touches}
        undone = [r for r, t in now.items() if r in rows and t.fate is Fate.UNDONE]
        content = {
            "undone": len(undone),
            "kept": len(taken.kept),
            "kept_rows": [[rows[r], why] for r, why in list(taken.kept.items())[:LISTED]],
            "otherwise": len(taken.otherwise),
            "otherwise_listed": sorted(taken.otherwise)[:LISTED],
        }
        key = records.chunk_key(self.imp.id, self.number, self.imp.run)
        self.outside.table.write([Insert(key, records.body(content))])

    def _rows(self) -> dict[str, int]:
        key = records.chunk_key(self.imp.id, self.number)
        item = self.outside.table.get([key]).get(key)
        rows = rows_of(records.content(item)) if item else []
        return receipts(self.outside, self.imp, rows)

    def _owns(self, touch: Touch) -> bool:
        by = touch.chunk.partition("#")[0]
        return self.imp.id in (by, touch.source.import_id)

    def _turned(self, touches: Sequence[Touch]) -> Taken:
        redo = self.imp.task is Task.REDO
        column = self.imp.asked.get("column")
        if column:
            concerned = [t for t in touches if column in t.values and (column in t.muted) == redo]
            return mute(self.upsert, _filed(concerned), column, silent=not redo)
        if not redo:
            by = f"{self.imp.id}#{self.imp.run}"
            return take_back(self.upsert, [t for t in touches if t.fate.effective], by)
        taken = give_back(self.upsert, [t for t in touches if t.fate is Fate.UNDONE and t.was])
        for name in sorted({name for touch in touches for name in touch.muted}):
            now = [taken.touches.get(touch.id, touch) for touch in touches]
            silent = [touch for touch in now if name in touch.muted]
            more = mute(self.upsert, _filed(silent), name, silent=False)
            taken.touches |= more.touches
            taken.kept |= more.kept
        return taken


def undone_of(bodies: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the undos of an import came to: of each chunk the last one counts.

    `bodies` are the records of all its runs by their sort keys.
    """
    last: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for sort in sorted(bodies):
        if "undone" in bodies[sort]:
            run, _, chunk = sort.partition("#")
            last[chunk] = (run, bodies[sort])
    if not last:
        return {}
    newest = max(run for run, _ in last.values())
    now = [content for run, content in last.values() if run == newest]
    kept = [row for content in now for row in content["kept_rows"]]
    return {
        "undone": sum(content["undone"] for _, content in last.values()),
        "kept": sum(content["kept"] for content in now),
        "kept_rows": [{"row": row, "code": why} for row, why in kept[:LISTED]],
        "otherwise": sum(content["otherwise"] for content in now),
        "submissions": [r for content in now for r in content["otherwise_listed"]][:LISTED],
    }


def _filed(touches: Sequence[Touch]) -> list[Touch]:
    """Those that are filed under somebody: a rejected row has no lead to change."""
    return [touch for touch in touches if touch.node]
