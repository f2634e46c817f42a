"""Looks at stored items a page at a time: does each follow from the stored submissions?

A page is any part of the table. What belongs to its items is read by full key, so that a slice of
the audit costs in proportion to itself. Each kind is held against its neighbours such that all
together say what `verify` says of a whole table: a submission must be found through its key's home
in a lead, a lead must be what `rederive` makes of its nodes, every claim on a key must be that of a
lead which knows the key, and a counter of the forecast must say what all opportunities come to.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from chalicelib import errors
from chalicelib.intake.company import company_of
from chalicelib.intake.identify import Keyring
from chalicelib.model import Touch
from chalicelib.ports import Attribute, Item, Key, Table
from chalicelib.store import (
    account_items,
    forecast,
    items,
    lead_items,
    membership,
    recount,
    submission_items,
)
from chalicelib.store.account_items import account_key
from chalicelib.store.commit import held_due, planned
from chalicelib.store.items import Home, Lead
from chalicelib.store.kinds import (
    ACCOUNT,
    COUNTER,
    HOME,
    LEAD,
    LISTED,
    SUBMISSION,
    key_of,
    kind_of,
)
from chalicelib.store.opportunity import Opportunity, opportunity_item, read_opportunity
from chalicelib.store.rederive import rederive
from chalicelib.store.submission_items import submission_item
from chalicelib.store.world import Need, Stale, Unsealed, World

UNREADABLE, UNLISTED = "unreadable", "unlisted"
Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Wrong:
    """One item that does not follow: its kind, its name, what is wrong, and why it was not mended."""

    kind: str
    name: str
    what: str
    why: str = ""


@dataclass
class Looked:
    """What of a page was understood, and what of it is wrong."""

    leads: dict[str, Lead] = field(default_factory=dict)
    homes: dict[str, Home] = field(default_factory=dict)
    touches: dict[str, Touch] = field(default_factory=dict)
    opportunities: dict[str, Opportunity] = field(default_factory=dict)
    counters: recount.Counters = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)

    def say(self, kind: str, name: str, *what: str) -> None:
        """Note what is wrong with one."""
        self.wrong += [Wrong(kind, name, one) for one in what]


def look_again(
    table: Table, ring: Keyring, places: Iterable[tuple[str, str]], now_ms: int
) -> Looked:
    """Look once more at what was wrong, each by its kind and name."""
    keys = {key_of(kind, name): kind for kind, name in places}
    found = table.get(list(keys))
    # A counter that is gone is as wrong as one that is not right.
    gone: list[tuple[Key, Item]] = [
        (key, {}) for key, kind in keys.items() if kind == COUNTER and key not in found
    ]
    return look(table, ring, [*found.items(), *gone], now_ms)


def look(table: Table, ring: Keyring, page: Iterable[tuple[Key, Item]], now_ms: int) -> Looked:
    """Hold each item of a page that something depends on against what it must follow from."""
    looked = Looked()
    for key, item in page:
        kind, name = kind_of(key)
        if kind:
            _read(looked, kind, name, item)
    _look_at_submissions(table, looked)
    _look_at_held(table, ring, looked, now_ms)
    _look_at_homes(table, looked)
    _look_at_leads(table, ring, looked, now_ms)
    _look_at_counters(table, looked)
    return looked


def _read(looked: Looked, kind: str, name: str, item: Item) -> None:
    try:
        should = understood(looked, kind, name, item)
    except items.UNREAD:
        looked.say(kind, name, UNREADABLE)
        return
    if any(item.get(one) != should.get(one) for one in LISTED[kind]):
        looked.say(kind, name, UNLISTED)


def understood(looked: Looked, kind: str, name: str, item: Item) -> dict[str, Attribute | None]:
    """Read an item, and say how its like is listed."""
    if kind == LEAD:
        lead = looked.leads[name] = lead_items.read_lead(name, item)
        return lead_items.lead_item(lead)
    if kind == HOME:
        home = looked.homes[name] = items.read_home(name, item)
        return items.home_item(home)
    if kind == SUBMISSION:
        touch = looked.touches[name] = submission_items.read_submission(item)
        return submission_item(touch)
    return _understood_beside(looked, kind, name, item)


def _understood_beside(
    looked: Looked, kind: str, name: str, item: Item
) -> dict[str, Attribute | None]:
    """The same of what stands beside leads: accounts, opportunities, counters."""
    if kind == ACCOUNT:
        return account_items.account_item(account_items.read_account(name, item))
    if kind == COUNTER:
        looked.counters[recount.place_named(name)] = forecast.read(item)
        return {}
    if (made := read_opportunity(name, item)) is None:
        return {}
    looked.opportunities[name] = made
    return opportunity_item(made)


def _look_at_submissions(table: Table, looked: Looked) -> None:
    """A touch is filed under its node, whose home names a lead that holds the node."""
    touches = [touch for touch in looked.touches.values() if touch.fate.effective]
    filed = _there(table, [items.filing_key(touch) for touch in touches])
    homes = _homes(table, [touch.node for touch in touches])
    leads = _leads(table, [home.lead for home in homes.values() if home.lead])
    for touch in touches:
        home = homes.get(touch.node)
        lead = leads.get(home.lead) if home else None
        if items.filing_key(touch) not in filed:
            looked.say(SUBMISSION, touch.id, f"submission {touch.id} is not filed under its node")
        if lead is None or touch.node not in lead.nodes:
            looked.say(SUBMISSION, touch.id, f"submission {touch.id} belongs to no lead")
        if not touch.lead:
            looked.say(SUBMISSION, touch.id, f"submission {touch.id} names no lead")


def _look_at_held(table: Table, ring: Keyring, looked: Looked, now_ms: int) -> None:
    """What claims nothing is found under what would have identified its person."""
    due = {touch.id: held_due(touch, ring, now_ms) for touch in looked.touches.values()}
    there = _there(table, [key for keys in due.values() for key in keys])
    for receipt, keys in due.items():
        if not there.issuperset(keys):
            looked.say(SUBMISSION, receipt, unheld(receipt))


def unheld(receipt: str) -> str:
    """What is said of a held submission that its person's request would not find."""
    return f"submission {receipt} is not found by its person"


def _look_at_homes(table: Table, looked: Looked) -> None:
    """A home's lead holds it; whoever claims the key is a node of a lead that knows the key."""
    claimants = _homes(table, (n for home in looked.homes.values() for n in home.claims))
    named = [home.lead for home in (*looked.homes.values(), *claimants.values()) if home.lead]
    leads = _leads(table, named)
    for key, home in looked.homes.items():
        lead = leads.get(home.lead)
        if home.lead and (lead is None or key not in lead.nodes):
            looked.say(HOME, key, f"home {key} belongs to lead {home.lead}, which does not hold it")
        strays = [n for n in home.claims if not _claims(claimants.get(n), n, key, leads)]
        if strays:
            looked.say(HOME, key, f"home {key} holds claims of {sorted(strays)} without a touch")


def _claims(home: Home | None, node: str, key: str, leads: dict[str, Lead]) -> bool:
    lead = leads.get(home.lead) if home else None
    return lead is not None and node in lead.nodes and key in lead.keys


def _look_at_leads(table: Table, ring: Keyring, looked: Looked, now_ms: int) -> None:
    alive = {name: lead for name, lead in looked.leads.items() if lead.alive}
    if not alive:
        return
    world = MendingWorld(table)
    nodes = {node for lead in alive.values() for node in lead.nodes}
    homes = nodes | {key for lead in alive.values() for key in lead.keys}
    world.load(Need(homes=homes, leads=alive, nodes=nodes))
    _look_at_lists(table, looked, alive.values())
    for name, lead in alive.items():
        looked.say(LEAD, name, *found_wrong(world, ring, now_ms, lead))


def _look_at_lists(table: Table, looked: Looked, leads: Iterable[Lead]) -> None:
    """A lead stands under each of its tags, and its company has an account."""
    due = {lead.id: membership.entries(lead) for lead in leads}
    for lead in leads:
        company = company_of(lead.view)
        due[lead.id] |= {account_key(company.id)} if company else set()
    places = list(dict.fromkeys(key for keys in due.values() for key in keys))
    found = table.get(places) if places else {}
    # An account that is vacant stands in no list.
    there = {key for key, item in found.items() if "g1" in item or key.pk.startswith("TAG#")}
    for name, keys in due.items():
        if keys - there:
            looked.say(LEAD, name, UNLISTED)


def _look_at_counters(table: Table, looked: Looked) -> None:
    """What an opportunity counts in is there, and a counter says what all of them come to."""
    lost = recount.lost(table, looked.opportunities.values())
    for place in dict.fromkeys([*lost, *recount.wrong(table, looked.counters)]):
        looked.say(COUNTER, "#".join(place), recount.told(place))


def found_wrong(world: World, ring: Keyring, now_ms: int, lead: Lead) -> list[str]:
    """What is wrong with one lead, its nodes, and all that hangs together with them."""
    derive = partial(rederive, world, ring, now_ms, nodes=lead.nodes, leads=[lead.id])
    try:
        found, _ = planned(world, derive)
    except Unsealed:
        return [f"lead {lead.id} waits for the seal of a submission"]
    except (Stale, errors.Contended):
        return [f"lead {lead.id} is being written"]
    return found


class MendingWorld(World):
    """A world that takes what it cannot read for what is not there, but for its version."""

    def _take(self, kind: str, name: str, item: Item | None) -> None:
        try:
            super()._take(kind, name, item)
        except items.UNREAD:
            version = int(str(item.get("v", 0))) if item else 0
            if kind == HOME:
                self._homes[name] = Home(name, version)
            elif kind == LEAD:
                self._leads[name] = Lead(name, version)
            elif kind == "seal":
                self._seals[name] = None


def _there(table: Table, keys: Sequence[Key]) -> set[Key]:
    return set(table.get(list(dict.fromkeys(keys)))) if keys else set()


def _homes(table: Table, keys: Iterable[str]) -> dict[str, Home]:
    wanted = {items.home_key(key): key for key in keys}
    found = table.get(list(wanted)) if wanted else {}
    return dict(
        _readable((wanted[k], partial(items.read_home, wanted[k], i)) for k, i in found.items())
    )


def _leads(table: Table, ids: Iterable[str]) -> dict[str, Lead]:
    wanted = {items.lead_key(name): name for name in ids}
    found = table.get(list(wanted)) if wanted else {}
    read_one = lead_items.read_lead
    return dict(_readable((wanted[k], partial(read_one, wanted[k], i)) for k, i in found.items()))


def _readable(some: Iterable[tuple[str, Callable[[], Read]]]) -> Iterator[tuple[str, Read]]:
    for name, make in some:
        try:
            yield name, make()
        except items.UNREAD:
            continue
