"""Writers interleaved statement by statement, killed anywhere, their answers lost: by a seed.

Each item read, each statement written and each transaction is one step; between steps chance says
who goes on, who dies, and whose answer is lost. A seed makes one schedule, the same each time.
`python -m tests.store.schedules 0 30000` runs many of them and names those that fail.
"""

import random
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Unpack
from unittest.mock import patch

from chalicelib import errors
from chalicelib.model import Acquisition, Fate, Mode, Policy, Touch
from chalicelib.ports import Insert, Item, Key, Page, Part, Update, Write
from chalicelib.store.upsert import Upsert
from chalicelib.store.verify import read, verify
from tests.fakes import MemoryTable
from tests.store.people import as_rows, touch, upsert

# A writer that waits for a dead one's seal gives up sooner than it would in earnest.
ATTEMPTS = 8
Act = Callable[[], object]
TAGS: tuple[dict[str, bool], ...] = ({}, {"vip": True}, {"vip": False}, {"vip": True, "new": True})


class Killed(BaseException):
    """What no handler catches: the process is gone."""


class Stepped(MemoryTable):
    """A table at which every statement is a step of its own, as it is in DynamoDB."""

    def __init__(self) -> None:
        super().__init__()
        self.step: Callable[[], None] = lambda: None
        self.lost: Callable[[], bool] = lambda: False

    def get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Each item is as it is at its own moment."""
        found: dict[Key, Item] = {}
        for key in keys:
            self.step()
            found |= super().get([key])
        return found

    def transact(self, writes: Sequence[Write]) -> bool:
        """All at once; where the answer is lost, the client tries again and is refused."""
        self.step()
        return super().transact(writes) and not self.lost()

    def write(self, writes: Sequence[Insert | Update]) -> list[bool]:
        """Each by itself, with whatever others do in between."""
        took = []
        for write in writes:
            self.step()
            took += [fine and not self.lost() for fine in super().write([write])]
        return took

    def add(self, key: Key, attribute: str, amount: int | set[str] | set[int]) -> Item | None:
        """One step."""
        self.step()
        return super().add(key, attribute, amount)

    def query(self, partition: str, **part: Unpack[Part]) -> Page:
        """One step."""
        self.step()
        return super().query(partition, **part)


@dataclass
class Scheduler:
    """Lets one of several threads run at a time: who goes on, and who dies, is up to chance."""

    chance: random.Random
    deadly: float
    changing: float
    failed: list[BaseException] = field(default_factory=list)
    _me: threading.local = field(default_factory=threading.local)
    _turns: dict[int, threading.Semaphore] = field(default_factory=dict)
    _back: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def step(self) -> None:
        """Hand over to whoever is next; the process may die here."""
        number: int | None = getattr(self._me, "number", None)
        if number is None:
            return
        self._back.release()
        self._turns[number].acquire()
        if self.chance.random() < self.deadly:
            raise Killed

    def run(self, acts: Sequence[Act]) -> None:
        """Run them all to their ends, or their deaths."""
        running = list(range(len(acts)))
        self._turns = {number: threading.Semaphore(0) for number in running}
        threads = [threading.Thread(target=self._live, args=each) for each in enumerate(acts)]
        for thread in threads:
            thread.start()
        current = -1
        while running:
            if current not in running or self.chance.random() < self.changing:
                current = self.chance.choice(running)
            self._turns[current].release()
            self._back.acquire()
            running = [number for number in running if number in self._turns]
        for thread in threads:
            thread.join()

    def _live(self, number: int, act: Act) -> None:
        self._me.number = number
        self._turns[number].acquire()
        try:
            # Whoever must fold a lead waits until a batch is sealed; it may be dead by now.
            with suppress(Killed, errors.Contended, errors.Conflict, errors.Missing):
                act()
        except BaseException as error:
            self.failed.append(error)
        del self._turns[number]
        self._back.release()


@dataclass
class Schedule:
    """One schedule: a few people, a few writers who meet on them, and what must hold afterwards."""

    seed: int
    table: Stepped = field(default_factory=Stepped)
    batches: list[list[Touch]] = field(default_factory=list)
    forms: list[Touch] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.store: Upsert = upsert(self.table)
        # The fewer people, the more of them meet.
        narrow = self.chance.random() < 0.5
        self.emails = ("", "a@x.org", "b@gmail.com", *(() if narrow else ("c@x.org",)))
        self.phones = ("", "+34600000001", *(() if narrow else ("+34600000002",)))
        self.ids = ("", "1") if narrow else ("", "", "1", "2")

    def run(self) -> list[str]:
        """What does not balance in the end; empty where all is well."""
        with (
            patch("chalicelib.store.upsert.ATTEMPTS", ATTEMPTS),
            patch("chalicelib.store.batch.ATTEMPTS", ATTEMPTS),
        ):
            return self._run()

    def _run(self) -> list[str]:
        chance = self.chance
        first = [self.someone() for _ in range(chance.choice((0, 0, 1, 2, 3)))]
        self.forms += first
        for each in first:
            self.store.one(each)
            if chance.random() < 0.15:
                self.store.turn({each.id: Fate.UNDONE})
        acts = [self._act() for _ in range(chance.choice((2, 2, 3, 4)))]
        deadly = chance.choice((0.0, 0.01, 0.03, 0.08))
        scheduler = Scheduler(chance, deadly, chance.choice((0.05, 0.2, 0.6)))
        losing = chance.choice((0.0, 0.0, 0.05))
        self.table.step = scheduler.step
        self.table.lost = lambda: chance.random() < losing
        scheduler.run(acts)
        self.table.step, self.table.lost = (lambda: None), (lambda: False)
        found = [f"raised {error!r}" for error in scheduler.failed]
        return found or self._settled()

    def _settled(self) -> list[str]:
        """Every batch is delivered again until it is done, and every form is sent again."""
        done: dict[int, list[Fate]] = {}
        for _ in range(6):
            for number, rows in enumerate(self.batches):
                # One batch may wait for what another has not sealed.
                with suppress(errors.Contended):
                    done[number] = [each.fate for each in self.store.store(rows)]
        if len(done) < len(self.batches):
            return ["a batch is never done"]
        for form in self.forms:
            if form.id not in self._stored():
                self.store.one(form)
        for number, rows in enumerate(self.batches):
            if [each.fate for each in self.store.store(rows)] != done[number]:
                return ["a batch delivered again reports other fates"]
        stored = self._stored()
        lost = [f"submission {t.id} is lost" for t in self._known() if t.id not in stored]
        return lost + verify(self.table.items.items())

    def _stored(self) -> Mapping[str, Touch]:
        return read(list(self.table.items.items())).touches

    def _known(self) -> list[Touch]:
        return [*self.forms, *(row for rows in self.batches for row in rows)]

    def someone(self) -> Touch:
        """A touch of one of few people, who share phones, ids, times and policies in every way."""
        chance = self.chance
        self.count += 1
        email = chance.choice(self.emails)
        phone, external = chance.choice(self.phones), chance.choice(self.ids)
        return touch(
            self.count,
            email=email if email or phone or external else "d@x.org",
            phone=phone,
            external=external,
            at=chance.randrange(6),
            acquisition=chance.choice((Acquisition.OPTED_IN, Acquisition.PARTNER)),
            policies={"company": chance.choice((Policy.OVERWRITE, Policy.FILL, Policy.CREATE))},
            company=chance.choice(("Acme", "Beta", None)),
            tags=random.Random(f"{self.seed}/{self.count}").choice(TAGS),
        )

    def _act(self) -> Act:
        kinds = (self._batch, self._batch, self._batch, self._form, self._turn, self._decide)
        return self.chance.choice(kinds)()

    def _batch(self) -> Act:
        """A chunk on its way; it may be one that somebody else is bringing too."""
        chance = self.chance
        if self.batches and chance.random() < 0.25:
            rows = chance.choice(self.batches)
            return lambda: upsert(self.table).store(rows)
        rows = as_rows(
            [self.someone() for _ in range(chance.choice((1, 1, 2, 3)))],
            f"i{len(self.batches)}#1",
        )
        if chance.random() < 0.1:
            rows = [replace(row, mode=chance.choice((Mode.CREATE, Mode.UPDATE))) for row in rows]
        self.batches.append(rows)
        return lambda: upsert(self.table).store(rows)

    def _form(self) -> Act:
        one = self.someone()
        self.forms.append(one)
        return lambda: upsert(self.table).one(one)

    def _turn(self) -> Act:
        """Somebody takes a submission back, or an undo of it."""
        known = self._known()
        if not known:
            return self._form()
        one, pick = self.chance.choice(known), self.chance.random()

        def act() -> None:
            there = self._stored().get(one.id)
            if there and there.fate.effective:
                upsert(self.table).turn({there.id: Fate.UNDONE})
            elif there and there.fate is Fate.UNDONE and pick < 0.8:
                upsert(self.table).turn({there.id: Fate.MERGED})

        return act

    def _decide(self) -> Act:
        """Somebody merges two leads, or parts one."""
        pick = self.chance.random()

        def act() -> None:
            leads = read(list(self.table.items.items())).leads.values()
            alive = sorted((lead for lead in leads if lead.alive), key=lambda lead: lead.id)
            many = [lead for lead in alive if len(lead.nodes) > 1]
            if many and pick < 0.5:
                lead = many[int(pick * 2 * len(many))]
                upsert(self.table).unmerge(lead.id, [lead.nodes[0]], "tester")
            elif len(alive) > 1:
                upsert(self.table).merge(alive[0].id, alive[-1].id, "tester")

        return act


def main(first: int, last: int) -> None:
    """Run the schedules of a range of seeds, and say which fail."""
    failed = 0
    for seed in range(first, last):
        try:
            found = Schedule(seed).run()
        except Exception as error:
            found = [f"raised {error!r}"]
        if found:
            failed += 1
            print(seed, found[:3], flush=True)
    print(f"{last - first} schedules, {failed} of them unbalanced")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
