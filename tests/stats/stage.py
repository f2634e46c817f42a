"""A stage whose clock and table a test holds, with all that changes what is counted."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import pytest

from chalicelib.imports import records
from chalicelib.imports.records import Import, Status
from chalicelib.model import Door, Fate, Problem, Touch
from chalicelib.stats import counts, days
from chalicelib.stats.count import Sweep
from chalicelib.stats.counts import Counts
from chalicelib.store import suppression
from chalicelib.store.erase import erase
from chalicelib.store.marks import HOUR_MS, MINUTE_MS, Marks
from chalicelib.store.release import HELD, release
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger
from chalicelib.store.takeback import give_back, take_back
from chalicelib.store.upsert import Upsert
from chalicelib.store.verify import Stored, read
from tests.fakes import MemoryTable
from tests.store.people import RING, touch

START_MS = 1_790_000_000_000
DAY_MS = 24 * HOUR_MS


class Killed(BaseException):
    """A death at any instruction: no `except` of the product's sees it."""


@dataclass
class Stage:
    """Everything happens at `now_ms`; `number` is the last submission's."""

    now_ms: int = START_MS
    table: MemoryTable = field(default_factory=MemoryTable)
    number: int = 0
    imports: int = 0

    def __post_init__(self) -> None:
        self.upsert = Upsert(
            self.table,
            RING,
            pause=lambda _: None,
            now_ms=lambda: self.now_ms,
            marks=Marks(self.table),
        )
        self.ledger = Ledger(self.table, RING)

    def post(self, received_ms: int | None = None, **about: object) -> Touch:
        """One form post, received now unless said."""
        return self.upsert.one(self.touch(received_ms or self.now_ms, Door.FORM, **about))

    def touch(self, received_ms: int, door: Door, **about: object) -> Touch:
        """A submission on its way; `about` may be a source's parts, values, or a touch's own."""
        self.number += 1
        made = touch(self.number, door=door, **_values(about))  # type: ignore[arg-type]
        parts = {name: about[name] for name in ("name", "channel", "campaign") if name in about}
        own = {name: about[name] for name in ("fate", "problems", "reason") if name in about}
        source = replace(made.source, **parts)  # type: ignore[arg-type]
        times = {"received_ms": received_ms, "submitted_ms": received_ms, "source": source}
        return replace(made, **times, **own)  # type: ignore[arg-type]

    def drop(self, rows: list[Touch], chunk: str = "imp#1") -> list[Touch]:
        """Rows of one chunk of a file."""
        return self.upsert.store([replace(row, chunk=chunk) for row in rows])

    def sweep(self, left: Callable[[], float] = lambda: 60.0) -> int:
        """One run of the counting."""
        return Sweep(
            self.table, lambda: datetime.fromtimestamp(self.now_ms / 1000, UTC), left
        ).run()

    def settle(self) -> None:
        """Let everybody's time run out, and count."""
        self.now_ms += 30 * MINUTE_MS
        self.sweep()
        self.now_ms += HOUR_MS
        self.sweep()

    def stored(self) -> Stored:
        """What lies in the table."""
        return read((key, dict(item)) for key, item in self.table.items.items())

    def figures(self) -> dict[int, Counts]:
        """What the days say, without empty ones."""
        found = [int(key.pk[6:]) for key in self.table.items if key.pk.startswith("STATS#")]
        told = {day.day: _told(day.counts) for day in days.load_days(self.table, sorted(found))}
        return {day: held for day, held in told.items() if held}

    def recount(self) -> dict[int, Counts]:
        """The same from everything that is stored, without any index, mark or hour kept."""
        hours: dict[int, Counts] = {}

        def of(ms: int) -> Counts:
            return hours.setdefault(ms // HOUR_MS, counts.empty())

        for one in self.stored().touches.values():
            counts.note(of(one.received_ms), one)
        for key, item in self.table.items.items():
            if key.pk.startswith("I#") and key.sk == "I":
                made = records.read(item)
                of(made.started_ms)[counts.IMPORTS][str(made.status)] += 1
            if key.pk.startswith("X#") and key.sk == "X":
                said = suppression.read(key.pk[2:], item)
                if said.reasons:
                    of(said.changed_ms)[counts.SUPPRESSED].update(said.reasons)
        by_day: dict[int, list[Counts]] = {}
        for hour, held in hours.items():
            by_day.setdefault(hour // 24, []).append(counts.bounded(held))
        return {day: _told(counts.total(some)) for day, some in sorted(by_day.items())}


def _nothing() -> None:
    """Nothing is under way."""


def _values(about: dict[str, object]) -> dict[str, str]:
    mine = ("name", "channel", "campaign", "fate", "problems", "reason")
    return {name: str(value) for name, value in about.items() if name not in mine}


def _told(held: Counts) -> Counts:
    return {section: numbers for section, numbers in held.items() if numbers}


@dataclass
class Chance:
    """Anything that may happen to a stage, by a seed."""

    stage: Stage
    random: random.Random
    _dropping: Callable[[], object] = field(default=lambda: None)

    def redeliver(self) -> None:
        """What a queue does once a worker has died."""
        self._dropping()
        self._dropping = _nothing

    def step(self) -> None:
        """One thing happens, after some time or none."""
        self.stage.now_ms += self.random.choice([0, 1, 20, 70, 400, 3000, 9000]) * 1000
        often = [self._post, self._post, self._drop, self._turn]
        seldom = [self._erase, self._release, self._repeat, self._suppress, self._import]
        self.random.choice([*often, *seldom])()

    def _about(self) -> dict[str, object]:
        pick = self.random.choice
        about: dict[str, object] = {
            "email": pick(["a@x.org", "b@x.org", "c@x.org", "d@mailinator.com", ""]),
            "phone": pick(["", "+34600000001", "+34600000002"]),
            "first_name": pick(["", "Ana", "asdf"]),
            "name": pick(["shop", "blog", "fair", ""]),
            "channel": pick(["Organic Search", "Email", ""]),
            "campaign": pick(["", "spring"]),
        }
        if not about["email"] and not about["phone"]:
            about["email"] = "e@x.org"
        held = {name: value for name, value in about.items() if value}
        fate = pick([Fate.PENDING] * 4 + [Fate.SPAM, Fate.QUARANTINED, Fate.REJECTED])
        if fate is not Fate.PENDING:
            problem = Problem("email", "email_invalid")
            held |= {"fate": fate, "reason": "bot", "problems": (problem,)}
        return held

    def _post(self) -> None:
        late = self.random.choice([0, 0, 0, 30_000, 5 * HOUR_MS, 3 * DAY_MS])
        self.stage.post(self.stage.now_ms - late, **self._about())

    def _drop(self) -> None:
        dropped = self.stage.now_ms - self.random.choice([0, HOUR_MS, 2 * DAY_MS])
        rows = [
            self.stage.touch(dropped, Door.FILE, **self._about())
            for _ in range(self.random.randint(1, 5))
        ]
        self._dropping = partial(self.stage.drop, rows, f"imp{self.stage.number}#1")
        self._dropping()
        self._dropping = _nothing

    def _some(self, wanted: Callable[[Touch], bool]) -> list[Touch]:
        found = sorted(filter(wanted, self.stage.stored().touches.values()), key=lambda t: t.id)
        return self.random.sample(found, min(len(found), self.random.randint(1, 3)))

    def _turn(self) -> None:
        take_back(self.stage.upsert, self._some(lambda t: t.fate.effective), "somebody")
        if self.random.random() < 0.5:
            undone = self._some(lambda t: t.fate is Fate.UNDONE and bool(t.was))
            give_back(self.stage.upsert, undone)

    def _erase(self) -> None:
        alive = [lead for lead in self.stage.stored().leads.values() if lead.alive]
        if alive and self.random.random() < 0.4:
            lead = self.random.choice(sorted(alive, key=lambda lead: lead.id))
            word = Word(self.stage.now_ms, Door.API, "erased", "")
            erase(self.stage.upsert, self.stage.ledger, lead, word, lambda _: None)

    def _release(self) -> None:
        for held in self._some(lambda t: t.fate in HELD and bool(t.values)):
            release(self.stage.upsert, held, "somebody")

    def _repeat(self) -> None:
        for there in self._some(lambda t: t.fate.effective and t.door is Door.FORM):
            self.stage.upsert.one(replace(there, fate=Fate.PENDING, lead=""))

    def _suppress(self) -> None:
        key = RING.keys({"email": self.random.choice(["a@x.org", "b@x.org", "z@x.org"])}, {})[0]
        said = self.stage.now_ms - self.random.choice([0, DAY_MS])
        reason = self.random.choice([Reason.BOUNCED, Reason.UNSUBSCRIBED])
        self.stage.ledger.suppress(key, reason, Word(said, Door.WEBHOOK, "", ""))

    def _import(self) -> None:
        stage = self.stage
        if stage.imports and self.random.random() < 0.7:
            number = self.random.randint(1, stage.imports)
            status = self.random.choice([Status.RUNNING, Status.DONE, Status.UNDONE])
            records.change(stage.table, f"imp{number}", lambda imp: replace(imp, status=status))
        else:
            stage.imports += 1
            made = Import(f"imp{stage.imports}", "inbox/a.csv", started_ms=stage.now_ms)
            records.insert(stage.table, made)


def told_time(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what asks the machine for the time ask the stage."""
    monkeypatch.setattr(time, "time_ns", lambda: stage.now_ms * 1_000_000)
