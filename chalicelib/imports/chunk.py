"""One chunk's rows on their way down the road, and what they came to, written once.

In this order: the chunk's faulty rows to an object, its record under a condition. A death between
the two leaves a chunk that is worked again: the store says the same of every row, the record that
is there already stands.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.imports import mended, records
from chalicelib.imports import plan as plans
from chalicelib.imports.plan import Plan
from chalicelib.imports.receipts import spans
from chalicelib.imports.records import Import
from chalicelib.imports.rows import Rows, filled, parse
from chalicelib.imports.sheet import Record
from chalicelib.imports.suppressing import Suppressing
from chalicelib.imports.texts import suggesting
from chalicelib.imports.totals import codes_of
from chalicelib.intake.receive import Leads, receive
from chalicelib.model import Draft, Fate, Outcome, Problem, Screened, Submission, Verdict
from chalicelib.noun import replace
from chalicelib.ports import Insert, Outside
from chalicelib.store import findings
from chalicelib.store.suppression import Reason

_FAULTY = (Fate.REJECTED, Fate.QUARANTINED)


@dataclass
class Chunk:
    """One chunk on its way down the road."""

    imp: Import
    number: int
    plan: Plan
    outside: Outside
    leads: Leads
    rows: Rows = field(init=False)

    def __post_init__(self) -> None:
        name = f"{self.imp.id}#{self.number}"
        self.rows = Rows(self.imp, self.plan, self.outside.secret, name)

    def run(self) -> None:
        """Receive the rows and write what became of them."""
        name = plans.chunk_object(self.imp.id, self.number)
        found = parse(self.outside.files.read(name))
        before = self._before(found) if self.plan.mends else None
        if before:
            found = _known_rows(found, before)
        outcomes = self._received(found)
        pairs = list(zip(found, outcomes, strict=True))
        if before and self.real:
            rows = [(r.row, o) for r, o in pairs if r.problem != mended.UNKNOWN_ROW]
            mended.note_after(self.outside.table, before, rows)
        self._forget([record.row for record, outcome in pairs if _erased(outcome)])
        self._record(pairs)

    def _forget(self, rows: Sequence[int]) -> None:
        """Take the rows of people who were erased before out of the chunk: nothing of them is kept.

        Before the record is written: a chunk that is worked again finds them stored, and empty here.
        """
        if rows and self.real:
            from chalicelib.privacy.places.chunks import forget_rows

            forget_rows(self.outside, self.imp.id, rows, [self.number])

    @property
    def real(self) -> bool:
        """Whether what is done counts."""
        return True

    def more(self, pairs: Sequence[tuple[Record, Outcome]]) -> dict[str, Any]:
        """What else is to be noted of these rows."""
        del pairs
        return {}

    def _before(self, found: Sequence[Record]) -> mended.Before:
        receipts = {record.row: self.rows.receipt(record) for record in found if record.row}
        table, first = self.outside.table, self.plan.mends
        return mended.note_before(table, first, self.imp.id, self.number, receipts)

    def _received(self, found: Sequence[Record]) -> list[Outcome]:
        """An outcome for each record, in order; what cannot be read goes the same road."""
        rows = self.rows
        broken: dict[str, str] = {}
        good: list[Submission] = []
        said: dict[str, list[Reason]] = {}
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
                if reasons := rows.reasons(record):
                    said[receipt] = reasons
        outcomes = [*self._judged(good, said), *self._refused(bad, broken)]
        by_receipt = {outcome.receipt: outcome for outcome in outcomes}
        return [by_receipt[receipt] for receipt in order]

    def _judged(
        self, good: list[Submission], said: Mapping[str, Sequence[Reason]]
    ) -> list[Outcome]:
        mail, leads = findings.mail(self.outside, self.leads.ring), self.leads
        if said and self.real:
            leads = Suppressing(leads, self.outside.table, said)
        return receive(good, self.plan.rules, leads, mail=mail) if good else []

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
            "repairs": Counter(f"{r.field}:{r.code}" for _, o in pairs for r in o.repairs),
            "rows": spans(r.row for r, _ in pairs if r.problem != mended.UNKNOWN_ROW),
        } | self.more(pairs)
        key = records.chunk_key(self.imp.id, self.number, self.imp.run)
        self.outside.table.write([Insert(key, records.body(content))])

    def _faulty(self, record: Record, outcome: Outcome) -> bytes:
        """One row that somebody must look at, with the words of what is wrong with it."""
        problems = [p for p in outcome.problems if p.fatal] or [
            Problem("", code) for code in outcome.reason.split(",")
        ]
        labels = plans.labels(self.plan.columns)
        language = self.plan.options.language
        words = [suggesting(p, language, labels.get(p.field, "")) for p in problems]
        content = [
            record.row or record.line,
            "; ".join(dict.fromkeys(p.code for p in problems)),
            "; ".join(dict.fromkeys(p.field for p in problems if p.field)),
            " ".join(dict.fromkeys(words)),
            record.cells,
        ]
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _erased(outcome: Outcome) -> bool:
    return outcome.fate is Fate.IGNORED and outcome.reason == Reason.ERASED


def _known_rows(found: Sequence[Record], before: mended.Before) -> list[Record]:
    """A row that the first import has not, or that stands here twice, is said to be unknown."""
    seen: set[int] = set()
    known = []
    for record in found:
        stray = record.row not in before.rows or record.row in seen
        seen.add(record.row)
        known.append(record._replace(problem=mended.UNKNOWN_ROW) if stray else record)
    return known
