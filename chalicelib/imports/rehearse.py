"""A dry run: every row goes down the whole road, and what it would write lies in shadows.

First all chunks are *rehearsed* on a table that keeps what it is told beside what is there
(`store.rehearsal`): each row gets the fate that it would have, those that meet one another in the
file included. Then they are *compared*: each lead that was touched, once, as it is and as it would
be. What the rows came to lies in one object a chunk, for the commit.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.imports import plan as plans
from chalicelib.imports import records
from chalicelib.imports.chunk import Chunk
from chalicelib.imports.plan import Plan
from chalicelib.imports.records import Import
from chalicelib.imports.sheet import Record
from chalicelib.intake.identify import Keyring
from chalicelib.intake.receive import Leads
from chalicelib.model import Fate, Outcome, Touch
from chalicelib.ports import Insert, Item, Key, Outside
from chalicelib.store import items
from chalicelib.store.items import Lead
from chalicelib.store.lead_items import read_lead
from chalicelib.store.rehearsal import Rehearsal, read_shadow
from chalicelib.store.suppressions import standing
from chalicelib.store.upsert import Upsert

# Long enough to look at it over a holiday; a commit needs the shadows no more.
_SHADOW_DAYS = 14
LETTERS = {
    Fate.CREATED: "c",
    Fate.MERGED: "m",
    Fate.UNCHANGED: "u",
    Fate.REPEATED: "=",
    Fate.QUARANTINED: "q",
    Fate.REJECTED: "x",
    Fate.IGNORED: "i",
    Fate.PENDING: "p",
}
FATES = {letter: fate for fate, letter in LETTERS.items()}


@dataclass
class Noting:
    """A `Leads` that remembers what it was asked to store, as it was then stored."""

    leads: Leads
    touches: list[Touch] = field(default_factory=list)

    @property
    def ring(self) -> Keyring:
        """The keyring of the store behind it."""
        return self.leads.ring

    def store(self, touches: Sequence[Touch]) -> list[Touch]:
        """Store a batch and remember it, with the keys that each had on its way in."""
        done = self.leads.store(touches)
        self.touches += [replace(d, keys=t.keys) for t, d in zip(touches, done, strict=True)]
        return done


@dataclass
class Rehearsing(Chunk):
    """One chunk that is rehearsed."""

    shadows: Rehearsal = field(kw_only=True)
    noting: Noting = field(kw_only=True)

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
    ) -> "Rehearsing":
        """A chunk with shadows under its store."""
        ttl = int(outside.now().timestamp()) + _SHADOW_DAYS * 86400
        shadows = Rehearsal(outside.table, imp.id, f"{imp.id}#{number}", ttl)
        noting = Noting(unerased(replace(upsert, table=shadows, marks=None)))
        return cls(imp, number, plan, outside, noting, shadows=shadows, noting=noting)

    @property
    def real(self) -> bool:
        """Nothing of this counts."""
        return False

    def more(self, pairs: Sequence[tuple[Record, Outcome]]) -> dict[str, Any]:
        """Write the rows' fates, and what each of them saw, to an object beside the chunk's."""
        rows = {outcome.receipt: record.row for record, outcome in pairs}
        planned: list[tuple[int, str, str, list[str]]] = [
            (rows[t.id], LETTERS[t.fate], t.lead, list(t.keys)) for t in self.noting.touches
        ]
        known = {items.lead_key(str(lead)) for _, _, lead, _ in planned if lead}
        known |= {items.home_key(key) for _, _, _, keys in planned for key in keys}
        bases = self.shadows.bases
        seen = {key.pk: bases[key] for key in sorted(known) if bases.get(key)}
        text = json.dumps({"rows": planned, "seen": seen}, separators=(",", ":"))
        name = plans.fates_object(self.imp.id, self.number)
        self.outside.files.write(name, text.encode(), content_type="application/json")
        return {}


@dataclass(frozen=True)
class Compared:
    """One chunk whose leads are compared: as they are, and as the rehearsal left them."""

    imp: Import
    number: int
    outside: Outside

    def run(self) -> None:
        """Count what would become otherwise, of each lead that this chunk touched first."""
        made = _Difference()
        for now, then in self._leads():
            made.note(now, then)
        keys = [key for lead in made.touched for key in lead.keys]
        held = standing(self.outside.table, keys)
        suppressed = sum(any(key in held for key in lead.keys) for lead in made.touched)
        content = {"diff": {**made.counts, "suppressed": suppressed}, "by_field": made.by_field}
        key = records.chunk_key(self.imp.id, self.number, self.imp.run)
        self.outside.table.write([Insert(key, records.body(content))])

    def _leads(self) -> Iterable[tuple[Lead, Lead]]:
        table, name = self.outside.table, f"{self.imp.id}#{self.number}"
        shadows = Rehearsal(table, self.imp.id, name, 0)
        planned = read_fates(self.outside, self.imp.id, self.number)["rows"]
        keys = {items.lead_key(lead): lead for _, _, lead, _ in planned if lead}
        places = {shadows.shadow_key(key): key for key in keys}
        there = table.get([*keys, *places]) if keys else {}
        for place, key in places.items():
            shadow = read_shadow(there[place]) if place in there else None
            if shadow and shadow.by == name:
                yield _lead(keys[key], there.get(key)), _lead(keys[key], {**shadow.item, "v": 1})


@dataclass
class _Difference:
    counts: Counter[str] = field(default_factory=Counter)
    by_field: dict[str, Counter[str]] = field(default_factory=dict)
    touched: list[Lead] = field(default_factory=list)

    def note(self, now: Lead, then: Lead) -> None:
        """Count one lead as it is and as it would be."""
        if not then.alive:
            self.counts["united"] += now.alive
            return
        self.touched.append(then)
        if not now.alive:
            self.counts["created"] += 1
            return
        fields = dict(_changes(_values(now), _values(then)))
        self.counts["updated" if fields else "unchanged"] += 1
        for name, how in fields.items():
            self.by_field.setdefault(name, Counter())[how] += 1


def _changes(now: Mapping[str, object], then: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    for name in sorted({*now, *then}):
        if now.get(name) != then.get(name):
            how = "filled" if name not in now else "cleared" if name not in then else "changed"
            yield name, how


def _values(lead: Lead) -> dict[str, object]:
    shown = lead.view.visible()
    values = shown["values"]
    assert isinstance(values, dict)
    beside = {name: shown[name] for name in ("tags", "stage") if shown[name]}
    return {**values, **beside}


def _lead(name: str, item: Item | None) -> Lead:
    return read_lead(name, item)


def read_fates(outside: Outside, import_id: str, number: int) -> dict[str, Any]:
    """What the rehearsal said of a chunk's rows: `rows` of row, letter, lead and keys, and `seen`.

    `seen` holds the versions of the homes and leads that they met; what is missing was not there.
    """
    made: dict[str, Any] = json.loads(outside.files.read(plans.fates_object(import_id, number)))
    return made


def places(lead: str, keys: Iterable[str]) -> list[Key]:
    """The items on which the fate of a row hangs."""
    return [*([items.lead_key(lead)] if lead else []), *(items.home_key(key) for key in keys)]
