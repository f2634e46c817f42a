"""Work: one chunk's rows go down the road, and what they came to is written once.

In this order: the chunk's faulty rows to an object, its record under a condition, its number into
the set of those that are done. A death between any two leaves a chunk that is worked again: the
store says the same of every row, the record that is there already stands, the set has no doubles.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.imports import mended, records
from chalicelib.imports import plan as plans
from chalicelib.imports.erased import Unerased
from chalicelib.imports.finish import finish_if_complete
from chalicelib.imports.plan import Plan
from chalicelib.imports.receipts import spans
from chalicelib.imports.records import Import, Stop, Task
from chalicelib.imports.rows import Rows, filled, parse
from chalicelib.imports.runs import announce
from chalicelib.imports.sheet import Record
from chalicelib.imports.texts import explained
from chalicelib.imports.totals import codes_of
from chalicelib.imports.undo import Undoing
from chalicelib.intake.receive import Leads, receive
from chalicelib.model import Draft, Fate, Outcome, Problem, Screened, Submission, Verdict
from chalicelib.ports import Insert, Key, Outside
from chalicelib.store import findings
from chalicelib.store.suppressions import ERASURES
from chalicelib.store.upsert import Upsert

_FAULTY = (Fate.REJECTED, Fate.QUARANTINED)


def work(message: Mapping[str, Any], outside: Outside, upsert: Upsert) -> None:
    """Work one announced chunk, `{"import", "chunk", "run"}`, or announce those of a run.

    The same message again moves nothing. A chunk with which nobody began before the import was
    stopped, or that is of a run that is over, is left.
    """
    import_id, run = str(message["import"]), str(message.get("run", ""))
    if "from" in message:
        _announce(import_id, run, int(message["from"]), outside)
        return
    number = int(message["chunk"])
    here, record = records.import_key(import_id), records.chunk_key(import_id, number, run)
    mark = records.begun_key(import_id, number, run)
    there = outside.table.get([here, record, mark, ERASURES])
    imp = records.read(there[here]) if here in there else None
    if imp is None or not imp.status.active or imp.run != run:
        return
    if record not in there:
        if mark not in there and not _begun(imp, mark, outside):
            return
        _run(imp, number, outside, upsert, erased=ERASURES in there)
    records.note_done(outside.table, import_id, number, run)
    finish_if_complete(outside, import_id)


def _announce(import_id: str, run: str, first: int, outside: Outside) -> None:
    imp = records.load(outside.table, import_id)
    if imp is None or not imp.status.active or imp.run != run or imp.stop == Stop.PAUSE:
        return
    done = records.done(outside.table, import_id, run)
    due = set(range(1, imp.chunks + 1))
    if imp.stop == Stop.CANCEL:
        due = records.begun(outside.table, import_id, run)
    left = sorted(n for n in due - done if n >= first)
    if left:
        announce(outside, imp, first, left)
    else:
        finish_if_complete(outside, import_id)


def _begun(imp: Import, mark: Key, outside: Outside) -> bool:
    """Note that somebody begins with a chunk, unless the import was stopped just now."""
    if not imp.stop:
        outside.table.write([Insert(mark, {})])
        now = records.load(outside.table, imp.id)
        if now and (now.run, now.status, now.stop) == (imp.run, imp.status, ""):
            return True
        outside.table.delete(mark)
    finish_if_complete(outside, imp.id)
    return False


def _run(imp: Import, number: int, outside: Outside, upsert: Upsert, *, erased: bool) -> None:
    if imp.task in (Task.UNDO, Task.REDO):
        Undoing(imp, number, outside, upsert).run()
        return
    plan = plans.read(outside.files, imp.id)
    leads = Unerased(upsert, outside.table) if erased else upsert
    Chunk(imp, number, plan, outside, leads).run()


@dataclass
class Chunk:
    """One chunk on its way down the road."""

    imp: Import
    number: int
    plan: Plan
    outside: Outside
    leads: Leads
    _rows: Rows = field(init=False)

    def __post_init__(self) -> None:
        name = f"{self.imp.id}#{self.number}"
        self._rows = Rows(self.imp, self.plan, self.outside.secret, name)

    def run(self) -> None:
        """Receive the rows and write what became of them."""
        name = plans.chunk_object(self.imp.id, self.number)
        found = parse(self.outside.files.read(name))
        before = self._before(found) if self.plan.mends else None
        if before:
            found = _known_rows(found, before)
        outcomes = self._received(found)
        pairs = list(zip(found, outcomes, strict=True))
        if before:
            rows = [(r.row, o) for r, o in pairs if r.problem != mended.UNKNOWN_ROW]
            mended.note_after(self.outside.table, before, rows)
        self._record(pairs)

    def _before(self, found: Sequence[Record]) -> mended.Before:
        receipts = {record.row: self._rows.receipt(record) for record in found if record.row}
        table, first = self.outside.table, self.plan.mends
        return mended.note_before(table, first, self.imp.id, self.number, receipts)

    def _received(self, found: Sequence[Record]) -> list[Outcome]:
        """An outcome for each record, in order; what cannot be read goes the same road."""
        rows = self._rows
        broken: dict[str, str] = {}
        good: list[Submission] = []
        bad: list[Submission] = []
        order: list[str] = []
        for record in found:
            problem = rows.problem(record)
            stray = problem == mended.UNKNOWN_ROW
            receipt = rows.stray(record) if stray else rows.receipt(record)
            order.append(receipt)
            if problem:
                broken[receipt] = problem
                bad.append(rows.broken(record, receipt))
            else:
                good.append(rows.good(record, receipt))
        outcomes = [*self._judged(good), *self._refused(bad, broken)]
        by_receipt = {outcome.receipt: outcome for outcome in outcomes}
        return [by_receipt[receipt] for receipt in order]

    def _judged(self, good: list[Submission]) -> list[Outcome]:
        mail = findings.mail(self.outside, self.leads.ring)
        return receive(good, self.plan.rules, self.leads, mail=mail) if good else []

    def _refused(self, bad: list[Submission], codes: Mapping[str, str]) -> list[Outcome]:
        def refuse(draft: Draft) -> Screened:
            code = codes[draft.submission.id]
            return Screened(Verdict.REFUSED, code, (Problem("", code),))

        rules = replace(self.plan.rules, fields={}, policies={}, key_required=False)
        return receive(bad, rules, self.leads, refuse) if bad else []

    def _record(self, pairs: Sequence[tuple[Record, Outcome]]) -> None:
        faulty = [self._faulty(r, o) for r, o in pairs if o.fate in _FAULTY]
        if faulty:
            name = plans.errors_object(self.imp.id, self.number)
            body = b"\n".join(faulty)
            self.outside.files.write(name, body, content_type="application/x-ndjson")
        codes = Counter(c for _, o in pairs for c in codes_of(o.fate, o.reason, o.problems))
        content = {
            "fates": Counter(str(outcome.fate) for _, outcome in pairs),
            "codes": codes,
            "filled": filled([record for record, _ in pairs], len(self.plan.columns)),
            "faulty": len(faulty),
            "rows": spans(r.row for r, _ in pairs if r.problem != mended.UNKNOWN_ROW),
        }
        key = records.chunk_key(self.imp.id, self.number)
        self.outside.table.write([Insert(key, records.body(content))])

    def _faulty(self, record: Record, outcome: Outcome) -> bytes:
        """One row that somebody must look at, with the words of what is wrong with it."""
        problems = [p for p in outcome.problems if p.fatal] or [
            Problem("", code) for code in outcome.reason.split(",")
        ]
        labels = plans.labels(self.plan.columns)
        language = self.plan.options.language
        words = [explained(p, language, labels.get(p.field, "")) for p in problems]
        content = [
            record.row or record.line,
            "; ".join(dict.fromkeys(p.code for p in problems)),
            "; ".join(dict.fromkeys(p.field for p in problems if p.field)),
            " ".join(dict.fromkeys(words)),
            record.cells,
        ]
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _known_rows(found: Sequence[Record], before: mended.Before) -> list[Record]:
    """A row that the first import has not, or that stands here twice, is said to be unknown."""
    seen: set[int] = set()
    known = []
    for record in found:
        stray = record.row not in before.rows or record.row in seen
        seen.add(record.row)
        known.append(record._replace(problem=mended.UNKNOWN_ROW) if stray else record)
    return known
