"""One batch of file rows, or of events that carry no lead: homes and references, then leads, then the submissions that seal them.

docs/decisions/0001-commit-point.md says what a death between any two of these writes leaves, and
who mends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib import errors
from chalicelib.intake.fold import Refold
from chalicelib.model import Door, Fate, Touch
from chalicelib.noun import replace
from chalicelib.ports import Insert, Update
from chalicelib.store import items, lead_items, membership
from chalicelib.store.commit import ATTEMPTS, holding, sealing, stands
from chalicelib.store.plan import Entangled, place
from chalicelib.store.world import Need, Stale, World

if TYPE_CHECKING:
    from chalicelib.store.upsert import Upsert


@dataclass
class Batch:
    """One batch on its way into the store."""

    upsert: "Upsert"
    touches: Sequence[Touch]
    done: dict[str, Touch] = field(default_factory=dict)
    alone: dict[str, Touch] = field(default_factory=dict)

    def run(self) -> list[Touch]:
        """Store them all, and return them in order."""
        todo = {touch.id: touch for touch in self.touches}
        for attempt in range(ATTEMPTS):
            if attempt:
                self.upsert.pause(attempt)
            self._round(list(todo.values()))
            todo = {k: v for k, v in todo.items() if k not in self.done and k not in self.alone}
            if not todo:
                break
        else:
            raise errors.Contended("too many writers met on the same people")
        for touch in self.alone.values():
            self.done[touch.id] = self.upsert.one(touch)
        return [self.done[touch.id] for touch in self.touches]

    def _round(self, todo: list[Touch]) -> None:
        world = self._read(todo)
        placed: list[Touch] = []
        again: list[Update] = []
        for touch in todo:
            there = world.seals([touch.id])[touch.id]
            if there and self._settled(world, touch, there, again):
                continue
            self.upsert.mark([there] if there else [])
            settled = touch if touch.fate is not Fate.PENDING else self._place(world, touch)
            if settled:
                placed.append(settled)
        self._commit(world, placed, again)

    def _read(self, todo: list[Touch]) -> World:
        """Homes, then leads, and only then the seals.

        A lead that was read before a seal cannot hide it: whoever dropped the id from the lead
        after that has moved its version, and our write under the old one is refused.
        """
        world, ring = World(self.upsert.table), self.upsert.ring
        pending = [touch for touch in todo if touch.fate is Fate.PENDING]
        homes_due = {key for touch in pending for key in touch.keys}
        accounts = {account for touch in pending for account in membership.likely(touch)}
        world.load(Need(homes=homes_due, accounts=accounts))
        homes = world.homes({touch.node for touch in pending})
        world.load(Need(leads={h.lead or ring.lead_id(k, h.generation) for k, h in homes.items()}))
        applied = {receipt for lead in world.known_leads().values() for receipt in lead.applied}
        world.load(Need(seals={touch.id for touch in todo} | applied))
        _drop_sealed(world)
        return world

    def _settled(self, world: World, touch: Touch, there: Touch, again: list[Update]) -> bool:
        """Whether a submission that is stored already needs nothing more than to be counted."""
        known = touch.chunk or there.fate is touch.fate
        if there.chunk == touch.chunk and known and there.fate is not Fate.UNDONE:
            self.done[touch.id] = there
        elif stands(there) and touch.door is not Door.FILE:
            self.done[touch.id] = self.upsert.again(touch, there) or there
        elif stands(there):
            imported = touch.chunk.partition("#")[0]
            if imported not in there.again:
                marks = {*there.again, imported}
                key = items.submission_key(touch.id)
                again.append(Update(key, {"again": marks}, world.seal_version(touch.id)))
            self.done[touch.id] = replace(there, fate=Fate.REPEATED)
        return touch.id in self.done

    def _place(self, world: World, touch: Touch) -> Touch | None:
        """The touch placed plainly; None where it must be stored alone, later."""
        mark = world.mark()
        try:
            applied = self.upsert.applied(world, touch)
            if applied:
                return applied
            placed = place(world, self.upsert.ring, touch, self.upsert.now_ms())
        except (Need, Entangled, Refold):
            placed = None
        except Stale:
            world.rewind(mark)
            return None
        if placed is None or not placed.plain:
            world.rewind(mark)
            self.alone[touch.id] = touch
            return None
        if not placed.touch.fate.effective:
            return placed.touch
        taken = self.upsert.as_planned(placed.touch)
        _note_applied(world, taken)
        return taken

    def _commit(self, world: World, placed: list[Touch], again: list[Update]) -> None:
        table = self.upsert.table
        filed = [touch for touch in placed if touch.fate.effective]
        homes = list(world.new_homes)
        first = [world.home_write(key) for key in homes]
        references = [Insert(items.filing_key(touch), {}) for touch in filed]
        held = (put for touch in placed for put in holding(touch, self.upsert.ring))
        references += [Insert(put.key, put.item) for put in held]
        world.load(Need(accounts=membership.unread(world)))
        accounts = membership.inserted(world, self.upsert.now_ms())
        tags = membership.tag_inserts(world)
        took = table.write([*first, *references, *accounts, *tags])
        lost = {key for key, fine in zip(homes, took, strict=False) if not fine}
        leads = self._leads_to_write(world, filed, lost)
        took = table.write([world.lead_write(lead) for lead in leads])
        written = {lead for lead, fine in zip(leads, took, strict=True) if fine}
        unwritten = set(world.new_leads) - written
        seals = [touch for touch in placed if touch.lead not in unwritten]
        took = table.write([*(sealing(world, touch) for touch in seals), *again])
        for touch, fine in zip(seals, took, strict=False):
            if fine:
                self.done[touch.id] = touch

    @staticmethod
    def _leads_to_write(world: World, filed: list[Touch], lost: set[str]) -> list[str]:
        """The changed leads none of whose touches lost a home to another writer."""
        held_up = {touch.lead for touch in filed if lost & set(touch.keys)}
        return [lead for lead in world.new_leads if lead not in held_up]


def _note_applied(world: World, touch: Touch) -> None:
    lead = world.lead(touch.lead)
    letter = lead_items.applied_letter(touch)
    world.set_lead(replace(lead, applied={**lead.applied, touch.id: letter}))


def _sealed(there: Touch | None) -> bool:
    """Whether a stored submission is one that took effect; a rejected one is not sealed yet."""
    return there is not None and there.fate.effective


def _drop_sealed(world: World) -> None:
    """Let every lead that is going to be written forget the ids that are sealed by now."""
    for lead in world.known_leads().values():
        seals = world.seals(lead.applied)
        left = {k: v for k, v in lead.applied.items() if not _sealed(seals[k])}
        if len(left) < len(lead.applied):
            world.replace_read(replace(lead, applied=left))
