"""What a revision writes: an id for every group of nodes, its lead folded anew, its homes.

`revise` decides who hangs together with whom; this lays the outcome over the world.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from chalicelib import errors
from chalicelib.intake import fold
from chalicelib.intake.identify import EMAIL, Decision, Keyring, Rank
from chalicelib.model import Fate, Touch
from chalicelib.store.items import Lead
from chalicelib.store.world import World

# Weaker than any claim.
_NONE = Rank(True, True, 1 << 62, "")


def lead_ids(
    world: World,
    ring: Keyring,
    groups: Sequence[frozenset[str]],
    old: Mapping[str, Lead],
    moved: Mapping[str, str],
) -> dict[str, str]:
    """The lead id of every node: each group keeps an id of its nodes, or else founds one.

    `moved` says which nodes lost a touch to which: an id that none of its nodes keeps goes there.
    """
    # All that may be needed at once: thirty people may part in one step.
    firsts = [world.home(_first(group)) for group in groups]
    world.leads([ring.lead_id(home.key, home.generation) for home in firsts])
    named: dict[frozenset[str], str] = {}
    for lead in sorted(old.values(), key=lambda lead: (lead.view.created_ms, lead.id)):
        own = set(lead.nodes)
        later = {moved[node] for node in own if node in moved}
        free = [group for group in groups if group not in named]
        heirs = [group for group in free if group & own] or [g for g in free if g & later]
        if heirs:
            named[max(heirs, key=lambda g: (_founds(world, ring, g, lead.id), len(g), min(g)))] = (
                lead.id
            )
    for group in groups:
        if group not in named:
            named[group] = _found(world, ring, group, set(named.values()))
    return {node: lead for group, lead in named.items() for node in group}


def _first(group: Iterable[str]) -> str:
    return min(group, key=lambda key: (key[0] != EMAIL, key))


def _founds(world: World, ring: Keyring, group: Iterable[str], lead: str) -> bool:
    return any(ring.lead_id(n, world.home(n).generation) == lead for n in group)


def _found(world: World, ring: Keyring, group: Iterable[str], taken: set[str]) -> str:
    """An id for a group that has none: what its first node founds, in the next free generation."""
    home = world.home(_first(group))
    for generation in range(home.generation, home.generation + 10):
        lead = ring.lead_id(home.key, generation)
        if lead not in taken and not world.lead(lead).alive:
            world.set_home(replace(home, generation=generation))
            return lead
    raise errors.Contended("no free generation for a lead")


def judged(
    added: Touch,
    effective: Sequence[Touch],
    groups: Sequence[frozenset[str]],
    ids: Mapping[str, str],
    old: Mapping[str, Lead],
) -> Touch:
    """The new touch with its lead, its fate, and whether it is its lead's first on arrival."""
    group = next(group for group in groups if added.node in group)
    others = [t.time_key for t in effective if t.node in group and t.id != added.id]
    known = any(group & set(lead.nodes) for lead in old.values())
    return replace(
        added,
        lead=ids[added.node],
        fate=Fate.MERGED if known else Fate.CREATED,
        first=not others or added.time_key < min(others),
    )


def write_leads(
    world: World,
    groups: Sequence[frozenset[str]],
    ids: Mapping[str, str],
    touches: Sequence[Touch],
    *,
    decisions: Mapping[tuple[str, str], Decision],
    now_ms: int,
) -> None:
    """Let every group's lead be the fold of its touches."""
    for group in groups:
        own = [touch for touch in touches if touch.node in group]
        lead = world.lead(ids[min(group)])
        if own:
            world.set_lead(
                replace(
                    lead,
                    nodes=tuple(sorted(group)),
                    keys=group | {key for touch in own for key in touch.keys},
                    view=fold.fold(own),
                    applied={},
                    barriers=_barriers(group, decisions),
                    merged_into="",
                    updated_ms=now_ms,
                )
            )


def _barriers(
    group: frozenset[str], decisions: Mapping[tuple[str, str], Decision]
) -> frozenset[str]:
    return frozenset(
        other
        for (left, right), decision in decisions.items()
        for node, other in ((left, right), (right, left))
        if not decision.same and node in group
    )


def retire(world: World, named: Mapping[str, str], ids: Mapping[str, str]) -> None:
    """An id that no group keeps forwards to where its nodes went, or becomes a tombstone.

    So does one that a home names and a batch has not written yet: it is on its way with a row of
    the node, and must find out that the node has gone elsewhere.
    """
    for lead in world.leads(sorted(set(named.values()) - set(ids.values()))).values():
        if not lead.alive and lead.version:
            continue
        nodes = set(lead.nodes) | {node for node, there in named.items() if there == lead.id}
        heirs = sorted({ids[node] for node in nodes if node in ids})
        world.set_lead(Lead(lead.id, lead.version, merged_into=heirs[0] if heirs else ""))


def write_homes(
    world: World,
    nodes: Iterable[str],
    ids: Mapping[str, str],
    claims: Mapping[str, Mapping[str, Rank]],
    decided: Mapping[tuple[str, str], Decision],
) -> None:
    """Let every home name its node's lead, and hold its claims and what people decided."""
    new: dict[str, dict[str, Decision]] = {}
    for (left, right), decision in decided.items():
        new.setdefault(left, {})[right] = decision
        new.setdefault(right, {})[left] = decision
    inside = set(nodes)
    for key, home in world.homes(sorted(set(claims) | inside)).items():
        lead = ids.get(key, "") if key in inside else home.lead
        after = replace(
            home,
            lead=lead,
            generation=home.generation + (1 if home.lead and not lead else 0),
            claims=claims.get(key, home.claims),
            decisions={**home.decisions, **new.get(key, {})},
        )
        if after != home:
            world.set_home(after)


def raise_floors(world: World, now_ms: int) -> None:
    """Let the leads tell whoever read a home before a claim in it was taken back to read again.

    Such a writer may have found its own claim there already, and so write no home that would be
    refused; but it must write the lead.
    """
    lowered = {}
    for key, after in world.new_homes.items():
        before = world.read_home(key)
        if any(after.claims.get(node, _NONE) > rank for node, rank in before.claims.items()):
            lowered[key] = before.version + 1
    for lead in list(world.new_leads.values()) if lowered else ():
        if lead.alive:
            floors = {**lead.floors, **lowered}
            world.set_lead(replace(lead, floors=floors, floored_ms=now_ms))
