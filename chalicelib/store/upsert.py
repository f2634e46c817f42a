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
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from chalicelib import errors
from chalicelib.intake.fold import Refold
from chalicelib.intake.identify import EMAIL, Decision, Keyring, pair
from chalicelib.model import Door, Fate, Touch
from chalicelib.noun import replace
from chalicelib.ports import Table, Write
from chalicelib.store import items, lead_items, membership
from chalicelib.store.commit import (
    ATTEMPTS,
    MOST_WRITES,
    changes,
    filing,
    planned,
    sealed,
    stands,
    turned,
)
from chalicelib.store.plan import Entangled, place, quarantined
from chalicelib.store.world import Need, Stale, Unsealed, World

if TYPE_CHECKING:
    from chalicelib.store.marks import Marks
    from chalicelib.store.revise import Change, Revision

TOO_ENTANGLED = "too_entangled"
# A submission and the reference to it.
_SEAL = 2
# What `one` may be asked to write beside it: an opportunity and two counters.
_BESIDE = 3


def _pause(attempt: int) -> None:
    time.sleep(random.uniform(0.2, 1.0) * min(0.01 * 1.5**attempt, 0.4))  # noqa: S311 - jitter


def _notes(touches: Sequence[Touch]) -> bool:
    """Whether these are several that belong to nobody: a mail service's events come by the hundred."""
    return len(touches) > 1 and all(touch.fate is Fate.IGNORED for touch in touches)


def _now() -> int:
    return time.time_ns() // 1_000_000


@dataclass
class Upsert:
    """Stores touches: gives each its fate and its lead, exactly once in effect.

    `plan` gives fates to submissions that take effect, by id: those of a dry run, whose order of
    writing was another. A fate says what a submission seemed to do when it came; no fold reads it.
    `marks` hear of every change to what was counted already; a trial counts nothing and has none.
    """

    table: Table
    ring: Keyring
    pause: Callable[[int], None] = field(default=_pause)
    now_ms: Callable[[], int] = field(default=_now)
    plan: Mapping[str, Fate] = field(default_factory=dict)
    marks: "Marks | None" = None

    def mark(self, touches: Iterable[Touch]) -> None:
        """Let what these submissions count for be counted anew; ahead of the write."""
        if self.marks:
            self.marks.before([touch.received_ms for touch in touches], self.now_ms())

    def store(self, touches: Sequence[Touch]) -> list[Touch]:
        """Store a batch and return it, in order, with fates and leads.

        Raises `Contended` where too many writers met on one person, `Unavailable` where the table
        does not answer; what was stored by then is stored, and storing it again changes nothing.
        """
        if touches and (touches[0].door is Door.FILE or _notes(touches)):
            # A form post never comes here: its cold start must not pay for it.
            from chalicelib.store.batch import Batch

            self.mark(touches)
            return Batch(self, touches).run()
        return [self.one(touch) for touch in touches]

    # --- a single submission ---------------------------------------------------------------

    def one(self, touch: Touch, beside: Callable[[], Sequence[Write]] = tuple) -> Touch:
        """Store one submission in one transaction.

        `beside` gives what else must be written in it where it takes effect, anew at each attempt.
        """
        self.mark([touch])
        token = secrets.token_hex(8)
        for attempt in range(ATTEMPTS):
            world = World(self.table)
            keys = touch.keys if touch.fate is Fate.PENDING else ()
            world.load(
                Need(
                    homes=keys,
                    leads=self._likely(touch),
                    seals=[touch.id],
                    accounts=membership.likely(touch),
                )
            )
            there = world.seals([touch.id])[touch.id]
            if there and world.token(touch.id) == token:
                return there
            again = self.again(touch, there) if there else None
            if again:
                return again
            if there:
                self.mark([there])
            try:
                done, writes = self._one(world, touch)
            except (Stale, Unsealed):
                self.pause(attempt)
                continue
            more = beside() if done.fate.effective else ()
            if self.table.transact([*writes, *sealed(world, done, token, self.ring), *more]):
                return done
            self.pause(attempt)
        raise errors.Contended("too many writers met on the same person")

    def _likely(self, touch: Touch) -> list[str]:
        """The lead that a touch belongs to unless somebody was merged, parted or erased before.

        It is read along with the homes, which for most saves the read of its own. Everything that
        was read is written or demanded under its version, so the order of reads does not matter.
        """
        return [self.ring.lead_id(touch.node, 0)] if touch.fate is Fate.PENDING else []

    def again(self, touch: Touch, there: Touch) -> Touch | None:
        """What a submission that is there already means: repeated, or judged again (None)."""
        if touch.chunk and there.chunk == touch.chunk and there.fate is not Fate.UNDONE:
            return there
        if not stands(there):
            return None
        if touch.door is Door.FILE:
            imported = {touch.chunk.partition("#")[0]}
            self.table.add(items.submission_key(touch.id), "again", imported)
        else:
            self.mark([there])
            self.table.add(items.submission_key(touch.id), "repeats", 1)
        return replace(there, fate=Fate.REPEATED)

    def _one(self, world: World, touch: Touch) -> tuple[Touch, list[Write]]:
        """The touch as it will be stored, and the writes that lead up to its seal."""
        if touch.fate is not Fate.PENDING:
            return touch, []
        # Who was merged, or wrote no address and is known by the phone to somebody who did, takes
        # a read more. At the public door it is made for everybody alike, so that nobody learns from
        # the time taken who is known; who signs or holds a key may see anyway.
        public = touch.door is Door.FORM
        reads = (1 if touch.node[0] == EMAIL else 2) if public else 0
        try:
            done, used = planned(world, partial(self._placed, world, touch))
        except errors.Conflict as conflict:
            # More hangs together here than one transaction holds: a person must look.
            world.rewind(({}, {}))
            world.strict = False
            return quarantined(touch, conflict.code), []
        for _ in range(reads - used):
            # Into nothing: what is read after the plan was made must not vouch for it.
            self.table.get([items.home_key(touch.node)])
        writes = changes(world, self.now_ms(), _SEAL + _BESIDE)
        if len(writes) + _SEAL + _BESIDE > MOST_WRITES:
            world.rewind(({}, {}))
            return quarantined(touch, TOO_ENTANGLED), []
        return self.as_planned(done), writes

    def as_planned(self, touch: Touch) -> Touch:
        """A touch that takes effect, with the fate that the plan gave it."""
        fate = self.plan.get(touch.id)
        effective = touch.fate.effective and fate is not None and fate.effective
        return replace(touch, fate=fate) if fate and effective else touch

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
            now = lead_items.read_lead(lead.id, self.table.get([key]).get(key))
            if now.version != world.read_version(lead.id):
                raise Stale
        return lead_items.applied_touch(touch, lead)

    # --- what people take back or decide -----------------------------------------------------

    def turn(
        self, fates: Mapping[str, Fate], left: Callable[[Touch], Touch] | None = None
    ) -> list[Touch]:
        """Give stored submissions other fates (undo, or undo of it) and derive their leads anew.

        `left` says what is left of each beside its fate (an erasure). All in one transaction: call
        it with the submissions of one lead, a few dozen at most.
        """
        from chalicelib.store.revise import Change

        return list(self.revised(Change(fates=fates), left).touches)

    def decide(self, decisions: Mapping[tuple[str, str], Decision]) -> None:
        """Write what a person said of pairs of nodes, and derive their leads anew."""
        from chalicelib.store.revise import Change

        self.revised(Change(decisions=decisions))

    def revised(self, change: "Change", left: Callable[[Touch], Touch] | None = None) -> "Revision":
        """Make a change true in one transaction; `Conflict` where it takes more than one."""
        for attempt in range(ATTEMPTS):
            world = World(self.table)
            world.load(Need(seals=change.turning))
            turning = [touch for touch in world.seals(change.turning).values() if touch]
            nodes = frozenset(touch.node for touch in turning if touch.node)
            whole = replace(change, nodes=change.nodes | nodes)
            try:
                revision, _ = planned(world, partial(self._revision, world, whole))
            except (Stale, Unsealed):
                self.pause(attempt)
                continue
            turns = [
                turned(world, left(touch) if left and touch.id in change.fates else touch)
                for touch in revision.touches
            ]
            self.mark(revision.touches)
            before = {touch.id: touch for touch in turning}
            moved = [t for t in revision.touches if t.node and t.node != before.get(t.id, t).node]
            made = changes(world, self.now_ms(), len(turns) + len(moved))
            if self.table.transact([*made, *turns, *map(filing, moved)]):
                # A reference that is left behind leads nowhere: whoever reads it sees the node.
                for touch in moved:
                    self.table.delete(items.filing_key(before[touch.id]))
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

    def unite(self, left: str, right: str, actor: str) -> None:
        """Say that two nodes are one person, be there touches of both already or not."""
        self.decide({pair(left, right): Decision(self.now_ms(), True, actor)})

    def dismiss(self, left: str, right: str, actor: str) -> None:
        """Say that two leads are two people: a barrier between each two of their nodes."""
        here, there = self._alive(left), self._alive(right)
        said = Decision(self.now_ms(), False, actor)
        self.decide({pair(a, b): said for a in here.nodes for b in there.nodes})

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
        found = lead_items.read_lead(lead, self.table.get([key]).get(key))
        if not found.alive:
            raise errors.Missing("no such lead")
        return found

    def _homes(self, keys: Iterable[str]) -> dict[str, items.Home]:
        world = World(self.table)
        world.load(Need(homes=keys))
        return world.homes(keys)
