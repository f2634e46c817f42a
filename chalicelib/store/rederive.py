"""Derives what hangs together with some nodes from the stored submissions alone, and says what differs.

`revise` trusts the claims, homes and leads that it does not change. Here nothing is trusted but the
submissions and what people decided: claims are derived anew for every node that is reached, edges
and partition from these, each lead is folded from nothing. What is stored otherwise is wrong; the
writes that are left in the world make it right. The audit only looks, `mend` writes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.intake import identify
from chalicelib.intake.identify import Keyring, Rank
from chalicelib.model import Touch
from chalicelib.store.items import Home, Lead
from chalicelib.store.plan import SATURATED
from chalicelib.store.regroup import lead_ids, raise_floors, retire, write_homes, write_leads
from chalicelib.store.revise import await_seals, decisions_of
from chalicelib.store.world import World

Claims = dict[str, dict[str, Rank]]


@dataclass
class _Reached:
    """The nodes that hang together by what is stored or by what should be, and what is known of them."""

    nodes: set[str]
    keys: set[str]
    leads: dict[str, Lead]
    touches: list[Touch]
    claims: Claims


def rederive(
    world: World,
    ring: Keyring,
    now_ms: int,
    *,
    nodes: Iterable[str] = (),
    keys: Iterable[str] = (),
    leads: Iterable[str] = (),
    wait: bool = True,
) -> list[str]:
    """Lay what should be over the world, and say each thing that is otherwise.

    Begins at some nodes, contested keys, leads by id. Raises `Need`, and `Unsealed` where a batch is
    not done with one of the leads, unless nobody waits: then what is not sealed was never there.
    """
    world.strict = True
    reached = _reach(world, set(nodes), set(keys), set(leads))
    if wait:
        await_seals(world, reached.leads)
    live = {touch.node for touch in reached.touches}
    decisions = decisions_of(world, reached.nodes, {})
    groups = sorted(identify.partition(live, reached.claims, decisions).groups(), key=min)
    old = {name: lead for name, lead in reached.leads.items() if lead.alive}
    ids = lead_ids(world, ring, groups, old, {})
    write_leads(world, groups, ids, reached.touches, decisions=decisions, now_ms=now_ms)
    named = {node: home.lead for node, home in world.homes(sorted(reached.nodes)).items()}
    standing = {node: lead for node, lead in named.items() if lead}
    # A lead whose nodes all lie elsewhere is named by nobody, and stands for nobody.
    retire(world, standing | {f"lead {name}": name for name in old}, ids)
    write_homes(world, reached.nodes, ids, reached.claims, {})
    found = [*_wrong_leads(world, reached, groups, ids), *_wrong_homes(world)]
    raise_floors(world, now_ms)
    return found


def _reach(world: World, nodes: set[str], keys: set[str], extra: set[str]) -> _Reached:
    """Close over stored leads, homes, claims and decisions, and over the edges that should be."""
    while True:
        before = len(nodes), len(keys)
        homes = world.homes(sorted(nodes | keys))
        named = {homes[node].lead for node in nodes if homes[node].lead}
        leads = world.leads(sorted(named | extra))
        for lead in leads.values():
            nodes |= set(lead.nodes)
            keys |= lead.keys
        touches = [touch for touch in world.touches(sorted(nodes)) if touch.fate.effective]
        keys |= nodes | {key for touch in touches for key in touch.keys}
        homes = world.homes(sorted(keys))
        claims = _claims(homes, nodes, touches)
        for home in homes.values():
            nodes |= _united(home, claims[home.key], own=home.key in nodes)
        if (len(nodes), len(keys)) == before:
            return _Reached(nodes, keys, leads, touches, claims)


def _claims(homes: Mapping[str, Home], nodes: Iterable[str], touches: Iterable[Touch]) -> Claims:
    """The claims on each key as they should be, and of nodes that were not reached as they are."""
    derived, inside = identify.claims_of(touches), set(nodes)
    made: Claims = {}
    for key, home in homes.items():
        due = derived.get(key, {})
        kept = {node: rank for node, rank in home.claims.items() if node not in inside}
        # A key with so many claims took no more of them: those it holds are as good as any.
        full = len(home.claims) >= SATURATED
        ours = {node: rank for node, rank in due.items() if not full or node in home.claims}
        made[key] = kept | ours
    return made


def _united(home: Home, due: Mapping[str, Rank], *, own: bool) -> set[str]:
    edges = identify.edges(home.key, home.claims) | identify.edges(home.key, due)
    found = {node for edge in edges for node in edge}
    if own:
        found |= {node for node, decision in home.decisions.items() if decision.same}
    return found


def _wrong_leads(
    world: World,
    reached: _Reached,
    groups: Sequence[frozenset[str]],
    ids: Mapping[str, str],
) -> Iterator[str]:
    sizes = {ids[min(group)]: sum(t.node in group for t in reached.touches) for group in groups}
    sealed = {touch.id for touch in reached.touches}
    for name, made in list(world.new_leads.items()):
        there = world.read_lead(name)
        if _same(there, made) and set(there.applied) <= sealed:
            del world.new_leads[name]
        elif not made.alive:
            yield f"lead {name} stands for nobody"
        elif not there.alive:
            yield f"nodes {sorted(made.nodes)} have no lead"
        elif set(there.nodes) != set(made.nodes):
            yield f"lead {name} holds {sorted(there.nodes)} instead of {sorted(made.nodes)}"
        elif not set(there.applied) <= sealed:
            yield f"lead {name} waits for the seal of {sorted(set(there.applied) - sealed)}"
        elif there.keys != made.keys:
            yield f"lead {name} claims other keys than its touches"
        else:
            yield f"lead {name} is not the fold of its {sizes[name]} touches"


def _same(there: Lead, made: Lead) -> bool:
    """Whether two leads say the same; when one was written, and for whom it waits, is no matter."""
    return (
        set(there.nodes) == set(made.nodes)
        and there.keys == made.keys
        and there.view == made.view
        and (there.alive or there.merged_into == made.merged_into)
    )


def _wrong_homes(world: World) -> Iterator[str]:
    for key, made in world.new_homes.items():
        there = world.read_home(key)
        if there.lead != made.lead:
            yield f"home {key} belongs to lead {there.lead or 'of nobody'} instead of {made.lead}"
        elif there.claims != made.claims:
            yield f"home {key} holds {len(there.claims)} claims instead of {len(made.claims)}, or others"
        else:
            yield f"home {key} is of another generation"
