"""From a chunk's lines to submissions; what a plan says of the columns is worked out once."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from chalicelib.fields import Context
from chalicelib.fields._field import line
from chalicelib.imports._option_values import EXTERNAL_ID
from chalicelib.imports.plan import Plan
from chalicelib.imports.records import Import
from chalicelib.imports.shaping import Shaped, Shaping, is_plain
from chalicelib.imports.sheet import Record
from chalicelib.intake.ids import make_id
from chalicelib.model import HISTORY_KIND, Door, Raw, Source, Submission, from_ms
from chalicelib.noun import replace
from chalicelib.presets._layout import OCCURRED_AT
from chalicelib.store.suppression import Reason

# A submission is one stored item: 400 KB at most, with its values beside what no field took.
_MOST_EXTRA = 100_000
_LONG_LINE = 60_000
_LONGEST_ID = 200


def parse(body: bytes) -> list[Record]:
    """The records of a chunk's object."""
    lines = body.split(b"\n")
    rows = json.loads(b"[" + b",".join(lines) + b"]")
    made = [Record(row[0], row[1], row[2], row[3] if len(row) > 3 else "") for row in rows]
    return [
        record
        if len(text) < _LONG_LINE or record.problem
        else record._replace(problem=_too_much(record))
        for record, text in zip(made, lines, strict=True)
    ]


def filled(records: Iterable[Record], width: int) -> list[int]:
    """How many rows have something in each column."""
    rows = [record.cells for record in records if len(record.cells) == width]
    return [sum(map(bool, column)) for column in zip(*rows, strict=True)] or [0] * width


@dataclass
class Rows:
    """Makes submissions of one chunk's records."""

    imp: Import
    plan: Plan
    secret: bytes
    chunk: str
    _fields: list[tuple[str, int]] = field(init=False)
    _extra: list[tuple[str, int]] = field(init=False)
    _id: int = field(init=False, default=-1)

    def __post_init__(self) -> None:
        columns = list(enumerate(self.plan.columns))
        plain = [(n, c.field) for n, c in columns if c.field and is_plain(c)]
        self._fields = [(name, n) for n, name in plain if name != EXTERNAL_ID]
        self._extra = [
            (c.header, n) for n, c in columns if not c.field and c.how not in ("ignored", "remark")
        ]
        self._id = next((n for n, c in columns if c.field == EXTERNAL_ID), -1)
        options = self.plan.options
        self._scope = self.plan.id_scope
        self._defaults = self.plan.defaults
        order, system = self.plan.dates.get(OCCURRED_AT, ("", ""))
        context = Context(date_order=options.date_order or order, date_system=system)
        self._shaping = Shaping(self.plan.columns, context)
        self._shaped: dict[int, Shaped] = {}
        self._source = Source(
            door=Door.FILE,
            name=options.source_name,
            acquisition=options.acquisition,
            channel=options.channel,
            medium=options.medium,
            campaign=options.campaign,
            import_id=self.plan.mends or self.imp.id,
        )
        self._tags = dict.fromkeys(options.tags, True)
        # Not now: a chunk that is worked again must say what it said before.
        self._received = from_ms(self.imp.started_ms)
        self._submitted = from_ms(min(self.imp.event_ms, self.imp.started_ms))
        self._raw = f"s3:{self.imp.key}"

    def receipt(self, record: Record) -> str:
        """The submission's id: by the row that it is, so that the same row is the same again."""
        return self.receipt_of(record.row)

    def receipt_of(self, row: int) -> str:
        """The submission's id by the row's number alone."""
        return make_id(self.secret, "file", *self.plan.owner, str(row))

    def stray(self, record: Record) -> str:
        """The id of a mended row that is no row of the import it should be of."""
        own = (self.imp.bucket, self.imp.key, self.imp.etag)
        return make_id(self.secret, "file", *own, str(record.line))

    def good(self, record: Record, receipt: str) -> Submission:
        """The submission of a record whose cells can be read."""
        cells = record.cells
        fields: dict[str, Raw] = {**self._defaults} if self._defaults else {}
        fields |= {name: cells[n] for name, n in self._fields if cells[n]}
        extra: dict[str, Raw] = {name: cells[n] for name, n in self._extra if cells[n]}
        if self.plan.options.history:
            extra[HISTORY_KIND] = self.plan.options.history
        known_as = self._known_as(record)
        external_ids = {self._scope: known_as} if known_as else {}
        made = self._made(record.row, receipt, fields, extra, external_ids)
        if not self._shaping.places:
            return made
        shaped = self._read(record)
        return replace(
            made,
            fields={**made.fields, **shaped.fields},
            tags={**made.tags, **shaped.tags},
            external_ids={**shaped.ids, **made.external_ids},
            submitted_at=min(shaped.occurred or self._submitted, self._submitted),
        )

    def reasons(self, record: Record) -> list[Reason]:
        """Why the person of a record must not be contacted, as the file says."""
        return self._read(record).reasons if self._shaping.places else []

    def _read(self, record: Record) -> Shaped:
        """Its shaped columns; read once, for the problem, the reasons and the submission alike."""
        found = self._shaped.get(record.line)
        if found is None:
            found = self._shaped[record.line] = self._shaping.read(record.cells)
        return found

    def problem(self, record: Record) -> str:
        """What keeps a record from being read at all, or the empty string."""
        if record.problem:
            return record.problem
        if self._shaping.places:
            shaped = self._read(record)
            if shaped.problem:
                return shaped.problem
            if self.plan.options.history and shaped.occurred is None:
                return "time_missing"
        if self._id < 0:
            return ""
        return "too_long" if len(self._known_as(record)) > _LONGEST_ID else ""

    def _known_as(self, record: Record) -> str:
        """The external id; there is nothing to clear about an id."""
        text = line(record.cells[self._id]) if self._id >= 0 else ""
        return "" if text == self.plan.options.clear_token else text

    def broken(self, record: Record, receipt: str) -> Submission:
        """The submission of a record that cannot be read: kept to be looked at, never applied."""
        kept: list[Raw] = [cell[:_LONGEST_ID] for cell in record.cells[:100]]
        return self._made(record.row, receipt, {}, {"_cells": kept}, {})

    def _made(
        self,
        row: int,
        receipt: str,
        fields: Mapping[str, Raw],
        extra: Mapping[str, Raw],
        external_ids: Mapping[str, str],
    ) -> Submission:
        return Submission(
            id=receipt,
            door=Door.FILE,
            received_at=self._received,
            submitted_at=self._submitted,
            fields=fields,
            source=self._source,
            ordinal=row,
            extra=extra,
            external_ids=external_ids,
            tags=self._tags,
            raw=self._raw,
            chunk=self.chunk,
        )


def _too_much(record: Record) -> str:
    size = sum(len(cell.encode()) for cell in record.cells)
    return "too_long" if size > _MOST_EXTRA else ""
