"""Derive leads anew where adding is not enough: undo, merge, unmerge, an owner that changes.

`revise` closes a set of nodes over everything that could hang together with them, reads all their
touches, decides claims, edges and partition as `identify` defines them, folds each group from
nothing, and says which writes make that true. One transaction, under the version of everything
that was read: whoever wrote in between makes it fail as a whole, and it is done again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from chalicelib import errors
from chalicelib.intake import identify
from chalicelib.intake.identify import Decision, Keyring, Rank
from chalicelib.model import Fate, Policy, Touch
from chalicelib.noun import noun, replace
from chalicelib.store.commit import MOST_WRITES
from chalicelib.store.items import Home, Lead
from chalicelib.store.membership import companies, entries_due
from chalicelib.store.plan import CROWDED, MOST_KEYS, OVERTAGGED, overtagged
from chalicelib.store.regroup import (
    judged,
    lead_ids,
    raise_floors,
    retire,
    write_homes,
    write_leads,
)
from chalicelib.store.world import Unsealed, World


@noun
class Change:
    """What is to become otherwise: a new touch, other fates for stored ones, people's decisions.

    `by` is who takes back what becomes undone. `columns` says of stored touches which one field no
    longer counts (True), or counts again. `replaced` are stored touches as they are read today: what
    they bring is new, their place in time and what was decided when they came stay. `anew`: every lead is written, with all
    entries that it needs, as if it stood in no list yet.
    """

    nodes: frozenset[str] = frozenset()
    add: Touch | None = None
    fates: Mapping[str, Fate] = field(default_factory=dict)
    decisions: Mapping[tuple[str, str], Decision] = field(default_factory=dict)
    by: str = ""
    columns: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    replaced: Mapping[str, Touch] = field(default_factory=dict)
    anew: bool = False

    @property
    def turning(self) -> frozenset[str]:
        """The ids of the stored touches that become otherwise."""
        return frozenset(self.fates) | frozenset(self.columns) | frozenset(self.replaced)


@noun
class Revision:
    """The stored touches that change, and the new one with its fate and lead.

    `otherwise` are remaining touches that would be decided otherwise if they came today: the first
    of a lead that none of its touches created.
    """

    touches: tuple[Touch, ...]
    added: Touch | None = None
    otherwise: tuple[str, ...] = ()


def revise(world: World, ring: Keyring, change: Change, now_ms: int) -> Revision:
    """Lay a change over the world; raises `Need`, `Unsealed`, and `Conflict` where it is too big."""
    world.strict, world.anew = True, change.anew
    nodes, keys = _closure(world, change)
    named = {n: home.lead for n, home in world.homes(sorted(nodes)).items() if home.lead}
    old = {k: lead for k, lead in world.leads(sorted(set(named.values()))).items() if lead.alive}
    await_seals(world, old)
    turning = change.turning
    there = world.touches(sorted(nodes))
    stored = [_turned(touch, change) for touch in there]
    flipped = {touch.node for touch in (*there, *stored) if touch.id in turning}
    moved = {a.node: b.node for a, b in zip(there, stored, strict=True) if a.node != b.node}
    effective = [touch for touch in stored if touch.fate.effective]
    effective += [change.add] if change.add else []
    claims = _claims(world, keys, effective, flipped, change.add)
    decisions = decisions_of(world, nodes, change.decisions)
    live = _live(world, nodes, effective, flipped)
    groups = sorted(identify.partition(live, claims, decisions).groups(), key=min)
    if moved or not all(fate.effective for fate in change.fates.values()):
        effective = _pin(effective, groups, old)
    elif change.fates:
        effective = _unpin(effective, groups, stored)
    ids = lead_ids(world, ring, groups, old, moved)
    added = judged(change.add, effective, groups, ids, old) if change.add else None
    touches = [added if added and touch.id == added.id else touch for touch in effective]
    write_leads(world, groups, ids, touches, decisions=decisions, now_ms=now_ms)
    retire(world, named, ids)
    if change.add or change.decisions or change.replaced:
        _check_crowd(world, old)
    write_homes(world, nodes, ids, claims, change.decisions)
    raise_floors(world, now_ms)
    written = len(world.new_homes) + len(world.new_leads) + len(world.checks())
    written += len(companies(world.new_leads.values())) + len(entries_due(world))
    if written + 2 * len(turning) + 3 > MOST_WRITES:
        raise errors.Conflict(
            "more hangs together here than one step can change", code="too_entangled"
        )
    pinned = {touch.id: touch for touch in effective}
    turned = [t for t in stored if t.id in turning or pinned.get(t.id, t).late != t.late]
    return Revision(
        tuple(
            replace(t, late=pinned.get(t.id, t).late, lead=ids.get(t.node, t.lead)) for t in turned
        ),
        added,
        tuple(_otherwise(effective, groups)) if turning else (),
    )


def _check_crowd(world: World, old: Mapping[str, Lead]) -> None:
    """No lead gathers more keys than a person has (see `plan`)."""
    for lead in world.new_leads.values():
        known = any(lead.keys <= there.keys for there in old.values())
        if len(lead.keys) > MOST_KEYS and not known:
            raise errors.Conflict("nobody has so many addresses and phones", code=CROWDED)
        had = any(lead.view.tags.keys() <= there.view.tags.keys() for there in old.values())
        if not had and overtagged([lead.view.tags]):
            raise errors.Conflict("these are more tags than one lead may have", code=OVERTAGGED)


def _pin(
    effective: Sequence[Touch], groups: Sequence[frozenset[str]], old: Mapping[str, Lead]
) -> list[Touch]:
    """Mark as late what only an undo makes the first of its lead: it stays decided as it arrived."""
    was_first = {lead.view.first.time for lead in old.values() if lead.view.first}
    now_first = set()
    for group in groups:
        times = [touch.time_key for touch in effective if touch.node in group]
        now_first |= {min(times)} if times else set()
    return [
        replace(t, late=True)
        if t.time_key in now_first - was_first
        and not t.first
        and Policy.CREATE in t.policies.values()
        else t
        for t in effective
    ]


def _unpin(
    effective: Sequence[Touch], groups: Sequence[frozenset[str]], stored: Sequence[Touch]
) -> list[Touch]:
    """Let what is late be as it arrived once nothing is undone any more that was there before it."""
    undone = [touch for touch in stored if touch.fate is Fate.UNDONE]
    of = {node: group for group in groups for node in group}
    return [
        replace(t, late=False)
        if t.late and not any(u.node in of[t.node] and u.time_key < t.time_key for u in undone)
        else t
        for t in effective
    ]


def _otherwise(effective: Sequence[Touch], groups: Sequence[frozenset[str]]) -> Iterator[str]:
    for group in groups:
        own = [touch for touch in effective if touch.node in group]
        if own and all(touch.fate is not Fate.CREATED for touch in own):
            yield min(own, key=lambda touch: touch.time_key).id


def _turned(touch: Touch, change: Change) -> Touch:
    """A stored touch as the change makes it; one that is undone keeps what it was, and since whom."""
    if touch.id in change.fates:
        fate = change.fates[touch.id]
        was = touch.was if touch.fate is Fate.UNDONE else f"{touch.fate}@{change.by}"
        touch = replace(touch, fate=fate, was=was if fate is Fate.UNDONE else "")
    if touch.id in change.columns:
        touch = _muted(touch, *change.columns[touch.id])
    if touch.id in change.replaced and touch.fate.effective:
        touch = read_anew(touch, change.replaced[touch.id])
    return touch


def read_anew(touch: Touch, now: Touch) -> Touch:
    """A stored touch that brings what it is read to bring today.

    Its place in time stays, and so does what was decided on its arrival and about it since.
    """
    silent = dict.fromkeys(touch.muted, Policy.IGNORE)
    return replace(
        now,
        received_ms=touch.received_ms,
        submitted_ms=touch.submitted_ms,
        ordinal=touch.ordinal,
        policies={**now.policies, **silent},
        mode=touch.mode,
        first=touch.first,
        late=touch.late,
        fate=touch.fate,
        chunk=touch.chunk,
        lead=touch.lead,
        repeats=touch.repeats,
        again=touch.again,
        was=touch.was,
        muted=touch.muted,
    )


def _muted(touch: Touch, name: str, mute: bool) -> Touch:
    """A touch one of whose fields no longer counts, or counts again as it did."""
    if mute == (name in touch.muted):
        return touch
    policies, muted = dict(touch.policies), dict(touch.muted)
    if mute:
        muted[name] = policies.get(name, Policy.OVERWRITE)
        policies[name] = Policy.IGNORE
    else:
        policies[name] = muted.pop(name)
        if policies[name] is Policy.OVERWRITE:
            del policies[name]
    return replace(touch, policies=policies, muted=muted)


def _closure(world: World, change: Change) -> tuple[set[str], set[str]]:
    """The nodes that hang together with those given, and every key that any of them claims."""
    nodes, turning = set(change.nodes), change.turning
    contested = set(change.add.keys) if change.add else set()
    contested |= {key for touch in change.replaced.values() for key in touch.keys}
    for edge in change.decisions:
        nodes |= set(edge)
    keys = set(contested)
    while True:
        before = len(nodes), len(keys)
        homes = world.homes(sorted(nodes | keys))
        leads = world.leads(sorted({homes[n].lead for n in nodes if homes[n].lead}))
        for lead in leads.values():
            nodes |= set(lead.nodes)
            keys |= lead.keys
        for touch in world.touches(sorted(nodes)) if turning else ():
            contested |= set(touch.keys) if touch.id in turning else set()
        keys |= contested
        for home in world.homes(sorted(nodes | keys)).values():
            nodes |= _related(home, contested=home.key in contested, own=home.key in nodes)
        if (len(nodes), len(keys)) == before:
            return nodes, keys | nodes


def _related(home: Home, *, contested: bool, own: bool) -> set[str]:
    """The nodes that a key or a person unites now; all that claim it where claims will change."""
    found = {node for edge in identify.edges(home.key, home.claims) for node in edge}
    if contested:
        found |= set(home.claims)
    if own:
        found |= {node for node, decision in home.decisions.items() if decision.same}
    return found


def await_seals(world: World, old: Mapping[str, Lead]) -> None:
    """Nobody may fold a lead from its touches while some of them are not sealed."""
    pending = sorted({receipt for lead in old.values() for receipt in lead.applied})
    seals = world.seals(pending).values()
    if any(seal is None or not seal.fate.effective for seal in seals):
        raise Unsealed


def _claims(
    world: World,
    keys: Iterable[str],
    effective: Sequence[Touch],
    flipped: set[str],
    added: Touch | None,
) -> dict[str, dict[str, Rank]]:
    """The claims on every key: derived again for nodes whose touches turn, else only added to.

    A claim that no stored touch supports may belong to a batch that is on its way; only a node
    whose touches turn has its lead written, which stops such a batch and lets it claim again.
    """
    derived = identify.claims_of(touch for touch in effective if touch.node in flipped)
    fresh = identify.claims_of([added] if added else [])
    claims: dict[str, dict[str, Rank]] = {}
    for key, home in world.homes(sorted(set(keys))).items():
        kept = {node: rank for node, rank in home.claims.items() if node not in flipped}
        kept |= derived.get(key, {})
        for node, rank in fresh.get(key, {}).items():
            kept[node] = min(rank, kept.get(node, rank))
        claims[key] = kept
    return claims


def decisions_of(
    world: World, nodes: Iterable[str], new: Mapping[tuple[str, str], Decision]
) -> dict[tuple[str, str], Decision]:
    found = {
        identify.pair(home.key, other): decision
        for home in world.homes(sorted(nodes)).values()
        for other, decision in home.decisions.items()
    }
    return found | dict(new)


def _live(
    world: World, nodes: Iterable[str], effective: Sequence[Touch], flipped: set[str]
) -> set[str]:
    """The nodes that stand for somebody: with touches, or founded by a batch on its way."""
    with_touches = {touch.node for touch in effective}
    homes = world.homes(sorted(nodes))
    # A lead that is alive has all its touches sealed: a node of it without any is gone.
    coming = {
        node
        for node, home in homes.items()
        if home.lead and node not in flipped and not world.lead(home.lead).alive
    }
    return {node for node in homes if node in with_touches or node in coming}
