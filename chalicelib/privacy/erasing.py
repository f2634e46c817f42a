"""Erasing a person everywhere: the store at once, every other place off the path, with a record.

The record is written first, so that the sweep finishes what whoever asked left undone. Before a
submission is emptied, what lies elsewhere of it is noted as tasks; a task is done under its own item
and done again without harm. When none is left the record says what was done where, and the tasks,
which name objects, are gone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.intake import identify
from chalicelib.model import Touch, to_ms
from chalicelib.ports import Outside
from chalicelib.privacy import PLACES, asking, erasures
from chalicelib.privacy.erasures import Erasure, Status
from chalicelib.privacy.places._place import Desk, Did, Place, Who
from chalicelib.privacy.rules import dropped_files
from chalicelib.store import read
from chalicelib.store.erase import erase, erase_held, own_keys
from chalicelib.store.items import Lead
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger, unshared
from chalicelib.store.upsert import Upsert

# So many tasks a message: each rewrites some objects.
STEP = 20
# How long the sweep waits at most before it goes on with an erasure again.
_LONGEST_MS = 24 * 3_600_000
# How many people one event of a provider may be about.
_MOST_LEADS = 5


def places() -> dict[str, Place]:
    """Every place of the shelf, by name."""
    return {name: PLACES.get(name).PLACE for name in PLACES.names()}


@dataclass(frozen=True)
class Erasing:
    """Erases people on one stage."""

    outside: Outside
    upsert: Upsert
    raw_days: int = 90

    @property
    def desk(self) -> Desk:
        """What the places work with."""
        choice = dropped_files(self.outside.table)
        return Desk(self.outside, self.upsert.ring, self.raw_days, choice)

    def person(self, name: str, lead: Lead, *, actor: str, via: str) -> Erasure:
        """Erase the person of a lead: the table now, the rest by messages."""
        keys = own_keys(self.outside.table, lead)
        erasure = self.ask(name, keys, actor=actor, via=via, lead=lead.id)
        self.empty(erasure)
        self.announce(erasure.id)
        return erasure

    def ask(
        self, name: str, keys: Sequence[str], *, actor: str, via: str, lead: str = ""
    ) -> Erasure:
        """Note that the person of some keys is to be erased; nothing is done yet."""
        now = to_ms(self.outside.now())
        return asking.note(self.outside, Erasure(name, now, lead, tuple(keys), actor, via))

    def announce(self, name: str, after: str = "", waits: int = 0) -> None:
        """Send the message that goes on with an erasure."""
        self.outside.chunks.send([asking.message(name, after, waits)])

    def empty(self, erasure: Erasure) -> None:
        """Empty everything in the table that is the person's, noting what lies elsewhere."""
        table, known = self.outside.table, places()
        word = Word(erasure.asked_ms, erasure.via, erasure.actor)

        def note(touches: Sequence[Touch]) -> None:
            found = [task for place in known.values() for task in place.of(touches)]
            erasures.note(table, erasure.id, found)

        ledger = Ledger(table, self.upsert.ring)
        for lead in self._leads(erasure)[:_MOST_LEADS]:
            erase(self.upsert, ledger, lead, word, self.outside.files.delete, note=note)
        for key in erasure.keys:
            ledger.suppress(key, Reason.ERASED, word)
        erase_held(table, erasure.keys, note)

    def step(self, message: Mapping[str, Any]) -> None:
        """Do what one message asks, `{"erasure", "after", "waits"}`, and announce the next."""
        name = str(message["erasure"])
        erasure = erasures.load(self.outside.table, name)
        if erasure is None or erasure.status == Status.DONE:
            return
        if erasure.status == Status.CLEARING:
            self._clear(erasure)
            return
        if not erasure.found:
            erasure = self._find(erasure)
        last, waits = self._do(erasure, str(message.get("after", "")))
        waits += int(message.get("waits", 0))
        if last:
            self.announce(name, last, waits)
        elif waits:
            self._wait(erasure)
        else:
            self._conclude(erasure)

    def sweep(self) -> int:
        """Announce again what is overdue; how many erasures that were."""
        now = to_ms(self.outside.now())
        due = [one for one in erasures.unfinished(self.outside.table) if one.next_ms <= now]
        for one in due:
            wait = min(asking.PATIENCE_MS * 2 ** min(one.tries, 10), _LONGEST_MS)
            self._later(one.id, now + wait)
            self.announce(one.id)
        return len(due)

    def _later(self, name: str, at_ms: int) -> None:
        def wait(now: Erasure) -> Erasure:
            return erasures.due(now, at_ms, now.tries + 1)

        erasures.change(self.outside.table, name, wait)

    def _leads(self, erasure: Erasure) -> list[Lead]:
        """The lead that was meant, or those that the keys of a provider's event identify.

        Whoever came to use one of the keys since is somebody else: a known lead is never found by
        its phone again.
        """
        table = self.outside.table
        if erasure.lead:
            lead = read.lead_by_id(table, erasure.lead)
            return [lead] if lead and set(lead.nodes) & set(erasure.keys) else []
        homes = read.homes_by_key(table, unshared(table, erasure.keys) if erasure.keys else [])
        nodes = {identify.owner(key, home.claims) or key for key, home in homes.items()}
        owners = read.homes_by_key(table, sorted(nodes))
        ids = dict.fromkeys(home.lead for home in owners.values() if home.lead)
        return [lead for lead in read.leads_by_id(table, ids).values() if lead.alive]

    def _find(self, erasure: Erasure) -> Erasure:
        self.empty(erasure)
        desk, who = self.desk, Who(erasure.lead, erasure.keys)
        found = [task for place in places().values() for task in place.whole(who, desk)]
        erasures.note(self.outside.table, erasure.id, found)
        return erasures.change(self.outside.table, erasure.id, lambda now: replace(now, found=True))

    def _do(self, erasure: Erasure, after: str) -> tuple[str, int]:
        """Do some tasks; the one to go on after, empty at the end, and how many wait."""
        desk, who, known = self.desk, Who(erasure.lead, erasure.keys), places()
        waits = done = 0
        last = after
        for key, version, content in erasures.tasks(self.outside.table, erasure.id):
            if key.sk <= after or "done" in content:
                continue
            if done == STEP:
                return last, waits
            came = known[content["task"]["place"]].erase(content["task"], who, desk)
            last, done = key.sk, done + 1
            if came.what is Did.WAITS:
                waits += 1
                continue
            told = [str(came.what), came.number, came.note, to_ms(self.outside.now())]
            erasures.settle(self.outside.table, key, version, {**content, "done": told})
        return "", waits

    def _wait(self, erasure: Erasure) -> None:
        erasures.change(
            self.outside.table, erasure.id, lambda now: replace(now, status=Status.WAITING)
        )

    def _conclude(self, erasure: Erasure) -> None:
        """Say on the record what was done where; then let the tasks go."""
        made: dict[str, Any] = {}
        for _, _, content in erasures.tasks(self.outside.table, erasure.id):
            what, count, note, at_ms = content["done"]
            told = made.setdefault(content["task"]["place"], {"done": {}, "kept": []})
            told["done"][what] = told["done"].get(what, 0) + count
            told["at"] = max(at_ms, told.get("at", 0))
            told["kept"] = sorted({*told["kept"], *([note] if what == Did.KEPT else [])})
        now = to_ms(self.outside.now())

        def end(here: Erasure) -> Erasure:
            if here.status in (Status.CLEARING, Status.DONE):
                return here
            return replace(here, status=Status.CLEARING, places=made, finished_ms=now)

        self._clear(erasures.change(self.outside.table, erasure.id, end))

    def _clear(self, erasure: Erasure) -> None:
        for key, _, _ in list(erasures.tasks(self.outside.table, erasure.id)):
            self.outside.table.delete(key)
        erasures.change(
            self.outside.table, erasure.id, lambda now: replace(now, status=Status.DONE)
        )
