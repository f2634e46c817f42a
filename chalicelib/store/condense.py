"""Condensing old touches into one base: every value, stamp, claim and count stays what it was.

One transaction, under the versions of home, lead and each touch. What was condensed leaves its id,
times and door behind, so that the same submission delivered again is still `repeated`.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from chalicelib import errors
from chalicelib.intake import fold, identify
from chalicelib.intake.base import base_of, condensable
from chalicelib.model import Base, Fate, Source, Touch
from chalicelib.ports import Write
from chalicelib.store import items
from chalicelib.store.commit import ATTEMPTS, filing, planned, sealing
from chalicelib.store.erase import files_of, scrubbed
from chalicelib.store.submission_items import CONDENSED
from chalicelib.store.upsert import Upsert
from chalicelib.store.world import Stale, Unsealed, World

# So many touches a transaction of at most 100 writes, and so many a base knows of.
MOST, MOST_TAKEN = 80, 2000
_RAW = "s3:raw/"


def condense(upsert: Upsert, node: str, before_ms: int, forget: Callable[[str], object]) -> int:
    """Condense what a node's touches said before a moment; how many touches that were.

    The first and the last touch of a node stay, and whatever is needed by itself. `forget` deletes
    an object that only they named. Again changes nothing; with more than one transaction holds, it
    is asked again.
    """
    for attempt in range(ATTEMPTS):
        world = World(upsert.table)
        try:
            done, _ = planned(world, partial(_planned, world, node, before_ms))
        except Unsealed:
            return 0  # a batch is on its way: another time
        except Stale:
            upsert.pause(attempt)
            continue
        if done is None:
            return 0
        chosen, writes = done
        upsert.mark(chosen)
        if upsert.table.transact(writes):
            for touch in chosen:
                if not touch.base:
                    upsert.table.delete(items.filing_key(touch))
                if touch.raw.startswith(_RAW):
                    forget(touch.raw.removeprefix("s3:"))
            return len(chosen)
        upsert.pause(attempt)
    raise errors.Contended("too many writers met on the same person")


def _planned(
    world: World, node: str, before_ms: int
) -> tuple[Sequence[Touch], Sequence[Write]] | None:
    home = world.home(node)
    if not home.lead:
        return None
    lead = world.lead(home.lead)
    if node not in lead.nodes:
        raise Stale
    seals = world.seals(sorted(lead.applied)).values()
    if any(seal is None or not seal.fate.effective for seal in seals):
        raise Unsealed
    own = sorted(
        (touch for touch in world.touches([node]) if touch.fate.effective),
        key=lambda touch: touch.time_key,
    )
    chosen = _chosen(own, before_ms)
    if not chosen:
        return None
    made = _made(chosen, node)
    left = [touch for touch in own if touch not in chosen]
    if not _same(own, [*left, made]):
        return None
    world.strict = True
    # All of them are sealed, and some are traces from now on.
    world.set_lead(replace(lead, applied={}))
    writes: list[Write] = [world.lead_write(lead.id), *world.checks(), filing(made)]
    writes.append(sealing(world, made))
    writes += [sealing(world, _trace(t, made.id)) for t in chosen if not t.base]
    return chosen, writes


def _chosen(own: Sequence[Touch], before_ms: int) -> list[Touch]:
    """What goes into the base, with the base that is there; nothing where that would be too little."""
    bases = [touch for touch in own if touch.base]
    room = MOST_TAKEN - sum(len(touch.base.took) for touch in bases if touch.base)
    found = [
        touch
        for touch in own[1:-1]
        if not touch.base
        and touch.submitted_ms < before_ms
        and touch.received_ms < before_ms
        and condensable(touch)
        and not files_of(touch)
    ][: min(MOST, max(room, 0))]
    if not found or len(bases) + len(found) < 2 or len(bases) > 1:
        return []
    return [*bases, *found]


def _made(chosen: Sequence[Touch], node: str) -> Touch:
    """The touch that holds the base, in the place of the earliest."""
    base = base_of(chosen)
    earliest = min(chosen, key=lambda touch: touch.time_key)
    old = next((touch.id for touch in chosen if touch.base), "")
    keys = dict.fromkeys([node, *(key for touch in chosen for key in touch.keys)])
    created = any(touch.fate is Fate.CREATED for touch in chosen)
    return Touch(
        id=old or _name(node, base),
        door=earliest.door,
        received_ms=earliest.received_ms,
        submitted_ms=base.first[0],
        ordinal=base.first[1],
        source=Source(door=str(earliest.door)),
        values={},
        node=node,
        keys=tuple(keys),
        fate=Fate.CREATED if created else Fate.MERGED,
        reason=CONDENSED,
        lead=earliest.lead,
        base=base,
    )


def _name(node: str, base: Base) -> str:
    text = "#".join([node, *base.took])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _trace(touch: Touch, base: str) -> Touch:
    """What is left of a condensed touch: that it was there, when, by which door, and what it did."""
    return replace(scrubbed(touch), reason=CONDENSED, was=f"{touch.fate}@{base}")


def _same(before: Sequence[Touch], after: Sequence[Touch]) -> bool:
    """Whether fold and claims come to the same: else nothing is condensed."""
    if fold.fold(before) != fold.fold(after):
        return False
    return identify.claims_of(before) == identify.claims_of(after)
