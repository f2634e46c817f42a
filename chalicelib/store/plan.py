"""What one more touch changes: claims, homes, leads, and the fate it gets. Pure over a snapshot.

Nearly every touch is *plain*: it founds a new lead or joins one, claims nothing that somebody else
claims, and so writes one lead and homes that are its own. A plain touch may be committed in a
batch without a transaction. All others (an owner changes, two leads become one) are committed by
themselves, all or nothing.
"""

from collections.abc import Iterable, Mapping

from chalicelib.intake import fold, identify
from chalicelib.intake.fold import View
from chalicelib.intake.identify import EMAIL, Keyring, Rank
from chalicelib.model import Fate, Mode, Touch
from chalicelib.noun import noun, replace
from chalicelib.store.items import NOBODY, Home, Lead
from chalicelib.store.membership import MOST_TAGS
from chalicelib.store.world import Need, Stale, World

# A key with this many claims takes no more of them: it identifies nobody for good.
SATURATED = 64
# A lead takes no more keys than this: nobody has so many addresses, phones and ids.
MOST_KEYS = 100
# Nothing that writes runs longer than a quarter of an hour; clocks may differ.
FLOORS_LAST_MS = 86_400_000
EXISTS, UNKNOWN_PERSON, CROWDED = "lead_exists", "lead_unknown", "too_many_keys"
OVERTAGGED = "too_many_tags"


@noun
class Placed:
    """A touch with its fate and lead; `plain` says that a batch may commit it."""

    touch: Touch
    plain: bool


class Entangled(Exception):
    """The partition must be derived again from the homes of more than one lead."""

    def __init__(self, nodes: Iterable[str]) -> None:
        super().__init__()
        self.nodes = frozenset(nodes)


def place(world: World, ring: Keyring, touch: Touch, now_ms: int) -> Placed:
    """Lay one effective touch over the world; raises `Need`, `Stale`, `Refold` or `Entangled`."""
    homes = world.homes(touch.keys)
    home = homes[touch.node]
    changed = _claim(homes, touch)
    gone, come = _edge_changes(homes, changed, touch, _known_keys(world, homes, changed, touch))
    # Who comes to life brings along what people once decided of them.
    others = world.homes(_met(come, touch.node)).values()
    if gone or any(each.decisions and not each.lead for each in (home, *others)):
        raise Entangled({node for edge in gone | come for node in edge} | {touch.node})
    united = _united_leads(world, ring, touch, home, come)
    if come and any(lead.barriers for lead in united):
        raise Entangled({node for edge in come for node in edge} | {touch.node})
    _check_floors(homes, united)
    survivor = _survivor(united)
    known = any(lead.alive for lead in united)
    refusal = _refusal(touch, known=known)
    if refusal:
        return Placed(replace(touch, fate=Fate.IGNORED, reason=refusal, node=""), plain=True)
    if _crowded(homes, touch, united):
        return Placed(quarantined(touch, CROWDED), plain=True)
    if touch.tags and overtagged([touch.tags, *(lead.view.tags for lead in united)]):
        return Placed(quarantined(touch, OVERTAGGED), plain=True)
    # A row that may yet be refused for its mode must not leave homes behind: it goes as a whole.
    plain = (
        touch.mode is Mode.UPSERT
        and len(united) == 1
        and not come
        and all(set(homes[key].claims) <= {touch.node} for key in changed)
    )
    _write_homes(world, homes, changed, touch, survivor)
    return Placed(_write_leads(world, touch, united, survivor, come=come, now_ms=now_ms), plain)


def _refusal(touch: Touch, *, known: bool) -> str:
    if touch.mode is Mode.CREATE and known:
        return EXISTS
    if touch.mode is Mode.UPDATE and not known:
        return UNKNOWN_PERSON
    return ""


def _crowded(homes: Mapping[str, Home], touch: Touch, united: Iterable[Lead]) -> bool:
    """Whether a lead would gather more keys than a person has: a placeholder in a list.

    What a batch that died has claimed for this very touch is there, and is let through.
    """
    leads = list(united)
    keys = set(touch.keys).union(*(lead.keys for lead in leads))
    if len(keys) <= MOST_KEYS or any(keys == lead.keys for lead in leads):
        return False
    claims = (homes[key].claims.get(touch.node) for key in touch.keys)
    return not any(rank and rank.id == touch.id for rank in claims)


def overtagged(tags: Iterable[Iterable[str]]) -> bool:
    """Whether a lead would have more tags than it may, those taken off included."""
    return len(set().union(*tags)) > MOST_TAGS


def quarantined(touch: Touch, reason: str) -> Touch:
    """The touch as it waits for a person: it claims nothing and belongs to nobody."""
    return replace(touch, fate=Fate.QUARANTINED, reason=reason, node="", keys=())


def _claim(homes: Mapping[str, Home], touch: Touch) -> dict[str, dict[str, Rank]]:
    """The claims of each key that this touch changes."""
    rank = identify.rank_of(touch)
    changed: dict[str, dict[str, Rank]] = {}
    for key in touch.keys:
        claims = homes[key].claims
        if key[0] == EMAIL or (len(claims) >= SATURATED and touch.node not in claims):
            continue
        if touch.node not in claims or rank < claims[touch.node]:
            changed[key] = {**claims, touch.node: rank}
    return changed


def _known_keys(
    world: World,
    homes: Mapping[str, Home],
    changed: Mapping[str, Mapping[str, Rank]],
    touch: Touch,
) -> frozenset[str]:
    """The keys that the node's lead knows it by; none where it has no lead yet."""
    home = homes[touch.node]
    if not home.lead:
        return frozenset()
    try:
        return world.lead(home.lead).keys
    except Need as need:
        # Who may have to be united with it is read along: one read less.
        _, come = _edge_changes(homes, changed, touch, frozenset(homes))
        others = {node for edge in come for node in edge} - set(homes)
        need.homes |= others
        raise


def _edge_changes(
    homes: Mapping[str, Home],
    changed: Mapping[str, Mapping[str, Rank]],
    touch: Touch,
    known: frozenset[str],
) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """The edges that go and those that come with the changed claims.

    A batch that died may have left a claim of the node on a key that its lead does not know, or
    one of this very touch: nobody drew the edges of that claim, so they come now.
    """
    node = touch.node
    gone: set[tuple[str, str]] = set()
    come: set[tuple[str, str]] = set()
    for key, home in homes.items():
        mine = home.claims.get(node)
        drawn = key in known and not (mine and mine.id == touch.id)
        if key not in changed and drawn:
            continue
        before = identify.edges(key, home.claims)
        if before and not drawn:
            before = {edge for edge in before if node not in edge}
        after = identify.edges(key, changed.get(key, home.claims))
        gone |= before - after
        come |= after - before
    return gone, come


def _met(come: Iterable[tuple[str, str]], node: str) -> list[str]:
    """Whom new edges join to a node, in one order; nearly always nobody."""
    return sorted({each for edge in come for each in edge} - {node}) if come else []


def _united_leads(
    world: World, ring: Keyring, touch: Touch, home: Home, come: Iterable[tuple[str, str]]
) -> list[Lead]:
    """The leads that this touch finds or makes one: its own first."""
    met = [home, *world.homes(_met(come, touch.node)).values()]
    ids = [there.lead or ring.lead_id(there.key, there.generation) for there in met]
    leads = world.leads(dict.fromkeys(ids))
    founded = {there.lead for there in met if there.lead}
    for there, lead in zip(met, map(leads.__getitem__, ids), strict=True):
        # A home without its lead is no error: the next writer creates it. But a home that names a
        # lead which does not name it back was read before somebody changed both.
        if lead.version and there.key not in lead.nodes:
            raise Stale
    alive = [lead for lead in leads.values() if lead.alive or lead.id in founded]
    return alive or [leads[ids[0]]]


def _check_floors(homes: Mapping[str, Home], united: Iterable[Lead]) -> None:
    """A home that was read before a claim in it was taken back vouches for nothing."""
    for lead in united:
        for key, version in lead.floors.items():
            if key in homes and homes[key].version < version:
                raise Stale


def _floors(united: Iterable[Lead]) -> dict[str, int]:
    floors: dict[str, int] = {}
    for lead in united:
        for key, version in lead.floors.items():
            floors[key] = max(version, floors.get(key, 0))
    return floors


def _survivor(united: list[Lead]) -> Lead:
    """The lead whose id stays when several become one: the oldest that is alive."""
    alive = [lead for lead in united if lead.alive]
    return min(alive, key=lambda lead: (lead.view.created_ms, lead.id)) if alive else united[0]


def _write_homes(
    world: World,
    homes: Mapping[str, Home],
    changed: Mapping[str, Mapping[str, Rank]],
    touch: Touch,
    survivor: Lead,
) -> None:
    for key in touch.keys:
        home = homes[key]
        lead = survivor.id if key == touch.node else home.lead
        # A claim that the lead does not know of may be one that is being taken back just now:
        # writing its home again under its version finds that out.
        mine = home.claims.get(touch.node)
        unsure = mine is not None and (key not in survivor.keys or mine.id == touch.id)
        if key in changed or lead != home.lead or unsure:
            world.set_home(replace(home, lead=lead, claims=changed.get(key, home.claims)))


def _write_leads(
    world: World,
    touch: Touch,
    united: list[Lead],
    survivor: Lead,
    *,
    come: Iterable[tuple[str, str]],
    now_ms: int,
) -> Touch:
    view = NOBODY
    for lead in united:
        view = fold.join(view, lead.view)
    after = fold.add(view, touch)
    nodes = {node for lead in united for node in lead.nodes} | {touch.node}
    nodes |= {node for edge in come for node in edge}
    for lead in united:
        if lead.id != survivor.id:
            for home in world.homes(lead.nodes).values():
                world.set_home(replace(world.home(home.key), lead=survivor.id))
            world.set_lead(Lead(lead.id, lead.version, merged_into=survivor.id))
    for home in world.homes(nodes - set(survivor.nodes)).values():
        if home.lead != survivor.id:
            world.set_home(replace(home, lead=survivor.id))
    keys = frozenset().union(*(lead.keys for lead in united), touch.keys, nodes)
    fate = _fate(survivor, united, view, after, keys)
    applied = {k: v for lead in united for k, v in lead.applied.items()}
    floored_ms = max(lead.floored_ms for lead in united)
    recent = united if now_ms - floored_ms < FLOORS_LAST_MS else []
    world.set_lead(
        replace(
            survivor,
            nodes=tuple(sorted(nodes)),
            keys=keys,
            view=after,
            applied=applied,
            merged_into="",
            updated_ms=survivor.updated_ms if fate is Fate.UNCHANGED else now_ms,
            floors=_floors(recent),
            floored_ms=floored_ms if recent else 0,
        )
    )
    return replace(touch, fate=fate, lead=survivor.id, first=fold.is_first(view, touch))


def _fate(
    survivor: Lead, united: list[Lead], before: View, after: View, keys: frozenset[str]
) -> Fate:
    if not any(lead.alive for lead in united):
        return Fate.CREATED
    same = before.visible() == after.visible() and keys == survivor.keys
    return Fate.UNCHANGED if same else Fate.MERGED
