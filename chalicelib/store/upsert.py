"""One upsert for one submission and for a batch.

A single submission is one transaction of submission, reference, lead and homes. A batch writes
homes and references first, then leads under their versions carrying the ids applied, last the
submissions, whose insertion seals them (docs/decisions/0001-commit-point.md says what a death
between any two writes leaves, and who mends it). Whatever a batch cannot do plainly is done
afterwards by itself, as a single submission.
"""

import random
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from chalicelib import errors
from chalicelib.intake.fold import Refold
from chalicelib.intake.identify import EMAIL, Decision, Keyring
from chalicelib.model import Door, Fate, Touch
from chalicelib.ports import Insert, Put, Table, Update, Write
from chalicelib.store import items
from chalicelib.store.plan import Entangled, Placed, place
from chalicelib.store.world import Need, Stale, Unsealed, World

if TYPE_CHECKING:
    from chalicelib.store.revise import Change, Revision

ATTEMPTS = 40
MOST_READS = 20
Made = TypeVar("Made")
STANDING = (Fate.QUARANTINED, Fate.PENDING)


def _pause(attempt: int) -> None:
    time.sleep(random.uniform(0.2, 1.0) * min(0.01 * 1.5**attempt, 0.4))  # noqa: S311 - jitter


def _now() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Upsert:
    """Stores touches: gives each its fate and its lead, exactly once in effect."""

    table: Table
    ring: Keyring
    pause: Callable[[int], None] = field(default=_pause)
    now_ms: Callable[[], int] = field(default=_now)

    def store(self, touches: Sequence[Touch]) -> list[Touch]:
        """Store a batch and return it, in order, with fates and leads.

        Raises `Contended` where too many writers met on one person, `Unavailable` where the table
        does not answer; what was stored by then is stored, and storing it again changes nothing.
        """
        if touches and touches[0].door is Door.FILE:
            return _Batch(self, touches).run()
        return [self.one(touch) for touch in touches]

    # --- a single submission ---------------------------------------------------------------

    def one(self, touch: Touch) -> Touch:
        """Store one submission in one transaction."""
        token = secrets.token_hex(8)
        for attempt in range(ATTEMPTS):
            world = World(self.table)
            keys = touch.keys if touch.fate is Fate.PENDING else ()
            world.load(Need(homes=keys, seals=[touch.id]))
            there = world.seals([touch.id])[touch.id]
            if there and world.token(touch.id) == token:
                return there
            again = self._again(touch, there) if there else None
            if again:
                return again
            try:
                done, writes = self._one(world, touch)
            except (Stale, Unsealed):
                self.pause(attempt)
                continue
            if self.table.transact([*writes, *_seal(world, done, token)]):
                return done
            self.pause(attempt)
        raise errors.Contended("too many writers met on the same person")

    def _again(self, touch: Touch, there: Touch) -> Touch | None:
        """What a submission that is there already means: repeated, or judged again (None)."""
        if touch.chunk and there.chunk == touch.chunk and there.fate is not Fate.UNDONE:
            return there
        if not (there.fate.effective or there.fate in STANDING):
            return None
        if touch.door is Door.FILE:
            imported = {touch.chunk.partition("#")[0]}
            self.table.add(items.submission_key(touch.id), "again", imported)
        else:
            self.table.add(items.submission_key(touch.id), "repeats", 1)
        return replace(there, fate=Fate.REPEATED)

    def _one(self, world: World, touch: Touch) -> tuple[Touch, list[Write]]:
        """The touch as it will be stored, and the writes that lead up to its seal."""
        if touch.fate is not Fate.PENDING:
            return touch, []
        # Who wrote no address may be known by the phone to somebody who did: one read more. It is
        # made for everybody alike, so that nobody learns from the time taken who is known.
        reads = 1 if touch.node[0] == EMAIL else 2
        try:
            done, used = _plan(world, partial(self._placed, world, touch))
        except errors.Conflict as conflict:
            # More hangs together here than one transaction holds: a person must look.
            world.rewind(({}, {}))
            world.strict = False
            held = replace(touch, fate=Fate.QUARANTINED, reason=conflict.code, node="", keys=())
            return held, []
        for _ in range(reads - used):
            # Into nothing: what is read after the plan was made must not vouch for it.
            self.table.get([items.home_key(touch.node)])
        return done, _writes(world)

    def _placed(self, world: World, touch: Touch) -> Touch:
        applied = self.applied(world, touch)
        if applied:
            return applied
        try:
            return place(world, self.ring, touch, self.now_ms()).touch
        except Entangled as entangled:
            nodes = entangled.nodes
        except Refold:
            nodes = frozenset({touch.node})
        from chalicelib.store.revise import Change

        world.rewind(({}, {}))
        revision = self._revision(world, Change(nodes, add=touch))
        assert revision.added is not None, "revise was given one to add"
        return revision.added

    def _revision(self, world: World, change: "Change") -> "Revision":
        # Most submissions never come here: a form post's cold start must not pay for it.
        from chalicelib.store.revise import revise

        return revise(world, self.ring, change, self.now_ms())

    def applied(self, world: World, touch: Touch) -> Touch | None:
        """The touch as a batch that died had its lead take it in; None where it did not.

        Where something is stored under its id all the same, it may have been sealed, taken back
        and dropped from the lead since that was read: only the lead's version tells.
        """
        home = world.home(touch.node)
        if not home.lead or touch.id not in world.lead(home.lead).applied:
            return None
        lead = world.lead(home.lead)
        if world.seals([touch.id])[touch.id] is not None:
            key = items.lead_key(lead.id)
            now = items.read_lead(lead.id, self.table.get([key]).get(key))
            if now.version != world.read_version(lead.id):
                raise Stale
        return items.applied_touch(touch, lead)

    # --- what people take back or decide -----------------------------------------------------

    def turn(self, fates: Mapping[str, Fate]) -> list[Touch]:
        """Give stored submissions other fates (undo, or undo of it) and derive their leads anew.

        All in one transaction: call it with the submissions of one lead, a few dozen at most.
        """
        from chalicelib.store.revise import Change

        return list(self._revised(Change(frozenset(), fates=fates)).touches)

    def decide(self, decisions: Mapping[tuple[str, str], Decision]) -> None:
        """Write what a person said of pairs of nodes, and derive their leads anew."""
        from chalicelib.store.revise import Change

        self._revised(Change(frozenset(), decisions=decisions))

    def _revised(self, change: "Change") -> "Revision":
        for attempt in range(ATTEMPTS):
            world = World(self.table)
            world.load(Need(seals=change.fates))
            turning = [touch for touch in world.seals(change.fates).values() if touch]
            nodes = frozenset(touch.node for touch in turning if touch.node)
            whole = replace(change, nodes=change.nodes | nodes)
            try:
                revision, _ = _plan(world, partial(self._revision, world, whole))
            except (Stale, Unsealed):
                self.pause(attempt)
                continue
            turned = [_turn(world, touch) for touch in revision.touches]
            if self.table.transact([*_writes(world), *turned]):
                return revision
            self.pause(attempt)
        raise errors.Contended("too many writers met on the same person")

    def merge(self, left: str, right: str, actor: str) -> None:
        """Say that two leads are one person; barriers between their nodes fall."""
        here, there = self._alive(left), self._alive(right)
        homes = self._homes(here.nodes)
        said = Decision(self.now_ms(), True, actor)
        pairs = {(a, b) for a in here.nodes for b in there.nodes if b in homes[a].decisions}
        pairs.add((here.nodes[0], there.nodes[0]))
        self.decide({(min(edge), max(edge)): said for edge in pairs})

    def unmerge(self, lead: str, nodes: Iterable[str], actor: str) -> None:
        """Say that some nodes of a lead are somebody else; no rule will unite them again."""
        whole = self._alive(lead)
        apart = set(nodes) & set(whole.nodes)
        rest = set(whole.nodes) - apart
        if not apart or not rest:
            raise errors.Conflict(
                "there are not two people here to part", code="nothing_to_unmerge"
            )
        said = Decision(self.now_ms(), False, actor)
        self.decide({(min(a, b), max(a, b)): said for a in apart for b in rest})

    def _alive(self, lead: str) -> items.Lead:
        key = items.lead_key(lead)
        found = items.read_lead(lead, self.table.get([key]).get(key))
        if not found.alive:
            raise errors.Missing("no such lead")
        return found

    def _homes(self, keys: Iterable[str]) -> dict[str, items.Home]:
        world = World(self.table)
        world.load(Need(homes=keys))
        return world.homes(keys)


def _plan(world: World, make: Callable[[], Made]) -> tuple[Made, int]:
    """What `make` makes once it knows all it needs, and how many reads that took."""
    for reads in range(MOST_READS):
        world.rewind(({}, {}))
        try:
            return make(), reads
        except Need as need:
            world.load(need)
    raise Stale


def _writes(world: World) -> list[Write]:
    writes: list[Write] = [world.home_write(key) for key in world.new_homes]
    writes += [world.lead_write(lead) for lead in world.new_leads]
    return writes + (world.checks() if world.strict else [])


def _filing(touch: Touch) -> Put:
    return Put(items.filing_key(touch), {})


def _seal(world: World, touch: Touch, token: str = "") -> list[Write]:
    """The writes that store a submission, with the reference under its node where it has one."""
    seal = _sealing(world, touch, token)
    return [_filing(touch), seal] if touch.fate.effective else [seal]


def _sealing(world: World, touch: Touch, token: str = "") -> Insert | Update:
    key, item = items.submission_key(touch.id), items.submission_item(touch)
    item["try"] = token or None
    version = world.seal_version(touch.id)
    return Update(key, item, version) if version else Insert(key, items.present(item))


def _turn(world: World, touch: Touch) -> Update:
    item = items.submission_item(touch)
    return Update(items.submission_key(touch.id), item, world.seal_version(touch.id))


@dataclass
class _Batch:
    """One batch of file rows on its way into the store."""

    upsert: Upsert
    touches: Sequence[Touch]
    done: dict[str, Touch] = field(default_factory=dict)
    alone: list[Touch] = field(default_factory=list)

    def run(self) -> list[Touch]:
        """Store them all, and return them in order."""
        todo = {touch.id: touch for touch in self.touches}
        for attempt in range(ATTEMPTS):
            if attempt:
                self.upsert.pause(attempt)
            self._round(list(todo.values()))
            todo = {k: v for k, v in todo.items() if k not in self.done and v not in self.alone}
            if not todo:
                break
        else:
            raise errors.Contended("too many writers met on the same people")
        for touch in self.alone:
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
        world.load(Need(homes={key for touch in pending for key in touch.keys}))
        homes = world.homes({touch.node for touch in pending})
        world.load(Need(leads={h.lead or ring.lead_id(k, h.generation) for k, h in homes.items()}))
        applied = {receipt for lead in world.known_leads().values() for receipt in lead.applied}
        world.load(Need(seals={touch.id for touch in todo} | applied))
        _drop_sealed(world)
        return world

    def _settled(self, world: World, touch: Touch, there: Touch, again: list[Update]) -> bool:
        """Whether a submission that is stored already needs nothing more than to be counted."""
        if there.chunk == touch.chunk and there.fate is not Fate.UNDONE:
            self.done[touch.id] = there
        elif there.fate.effective or there.fate in STANDING:
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
            self.alone.append(touch)
            return None
        if placed.touch.fate.effective:
            _note_applied(world, placed)
        return placed.touch

    def _commit(self, world: World, placed: list[Touch], again: list[Update]) -> None:
        table = self.upsert.table
        filed = [touch for touch in placed if touch.fate.effective]
        homes = list(world.new_homes)
        first = [world.home_write(key) for key in homes]
        references = [Insert(items.filing_key(touch), {}) for touch in filed]
        took = table.write([*first, *references])
        lost = {key for key, fine in zip(homes, took, strict=False) if not fine}
        leads = self._leads_to_write(world, filed, lost)
        took = table.write([world.lead_write(lead) for lead in leads])
        written = {lead for lead, fine in zip(leads, took, strict=True) if fine}
        unwritten = set(world.new_leads) - written
        seals = [touch for touch in placed if touch.lead not in unwritten]
        took = table.write([*(_sealing(world, touch) for touch in seals), *again])
        for touch, fine in zip(seals, took, strict=False):
            if fine:
                self.done[touch.id] = touch

    @staticmethod
    def _leads_to_write(world: World, filed: list[Touch], lost: set[str]) -> list[str]:
        """The changed leads none of whose touches lost a home to another writer."""
        held_up = {touch.lead for touch in filed if lost & set(touch.keys)}
        return [lead for lead in world.new_leads if lead not in held_up]


def _note_applied(world: World, placed: Placed) -> None:
    lead = world.lead(placed.touch.lead)
    letter = items.applied_letter(placed.touch)
    world.set_lead(replace(lead, applied={**lead.applied, placed.touch.id: letter}))


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
