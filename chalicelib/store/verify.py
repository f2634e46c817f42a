"""Derives everything anew from the stored submissions and says what does not balance.

This is the oracle of the property tests and the core of `inlet verify`: it knows nothing of how
the store keeps leads up to date, only what `identify` and `fold` define.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from chalicelib.intake import fold, identify
from chalicelib.intake.company import company_of
from chalicelib.intake.identify import Decision, Keyring, Rank
from chalicelib.model import Touch
from chalicelib.ports import Item, Key
from chalicelib.store import (
    account_items,
    forecast,
    items,
    lead_items,
    membership,
    submission_items,
)
from chalicelib.store.account_items import Account
from chalicelib.store.commit import held_due
from chalicelib.store.items import Home, Lead
from chalicelib.store.opportunity import Opportunity, read_opportunity
from chalicelib.store.plan import SATURATED

_KINDS = {"K": "home", "L": "lead", "A": "account", "S": "submission", "O": "opportunity"}


@dataclass
class Stored:
    """All items of the table that speak of leads, read into nouns."""

    homes: dict[str, Home] = field(default_factory=dict)
    leads: dict[str, Lead] = field(default_factory=dict)
    touches: dict[str, Touch] = field(default_factory=dict)
    filed: dict[str, set[str]] = field(default_factory=dict)
    opportunities: dict[str, Opportunity] = field(default_factory=dict)
    counters: dict[forecast.Place, dict[str, forecast.Sum]] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    # By lead, the account in whose list it stands.
    members: dict[str, str] = field(default_factory=dict)
    tagged: set[Key] = field(default_factory=set)
    # Where references lie to what was held or refused.
    held: set[Key] = field(default_factory=set)
    # What of it nobody can read.
    unreadable: list[str] = field(default_factory=list)


def read(dump: Iterable[tuple[Key, Item]]) -> Stored:
    """Sort a dump of the whole table into homes, leads, submissions and references."""
    stored = Stored()
    for key, item in dump:
        kind, _, name = key.pk.partition("#")
        try:
            _take(stored, kind, name, key, item)
        except items.UNREAD:
            stored.unreadable.append(f"{_KINDS.get(kind, kind)} {name or key.sk}")
    return stored


def _take(stored: Stored, kind: str, name: str, key: Key, item: Item) -> None:
    if kind == "K" and key.sk == "H":
        stored.homes[name] = items.read_home(name, item)
    elif kind == "K" and key.sk.startswith(items.FILED):
        stored.filed.setdefault(name, set()).add(items.filed_id(key.sk))
    elif kind == "K" and key.sk.startswith(items.HELD):
        stored.held.add(key)
    elif kind == "L":
        stored.leads[name] = lead_items.read_lead(name, item)
        stored.members[name] = str(item.get("g5", "")).rpartition("#")[0]
    elif kind == "A":
        stored.accounts[name] = account_items.read_account(name, item)
    elif kind == "TAG":
        stored.tagged.add(key)
    elif kind == "S":
        stored.touches[name] = submission_items.read_submission(item)
    elif kind == "O" and (made := read_opportunity(name, item)):
        stored.opportunities[name] = made
    elif kind == forecast.PARTITION:
        stored.counters[forecast.Place(*key.sk.split("#"))] = forecast.read(item)


def verify(
    dump: Iterable[tuple[Key, Item]], ring: Keyring | None = None, now_ms: int = 0
) -> list[str]:
    """Every way in which what is stored does not follow from the stored submissions.

    With the ring it also tells of held submissions that their people would not find.
    """
    stored = read(dump)
    touches = [touch for touch in stored.touches.values() if touch.fate.effective]
    claims = identify.claims_of(touches)
    decisions = _decisions(stored.homes)
    made = identify.partition({t.node for t in touches}, claims, decisions)
    found = [
        *_wrong_groups(stored, list(made.groups()), touches),
        *_wrong_homes(stored, touches, claims),
        *_wrong_references(stored, touches),
        *forecast.unbalanced(stored.opportunities.values(), stored.counters),
        *_wrong_lists(stored),
        *(_wrong_held(stored, ring, now_ms) if ring else ()),
        *(f"{what} cannot be read" for what in stored.unreadable),
    ]
    return sorted(found)


def _decisions(homes: Mapping[str, Home]) -> dict[tuple[str, str], Decision]:
    return {
        identify.pair(home.key, other): decision
        for home in homes.values()
        for other, decision in home.decisions.items()
    }


def _wrong_groups(
    stored: Stored, groups: list[frozenset[str]], touches: list[Touch]
) -> Iterator[str]:
    by_node: dict[str, list[Touch]] = {}
    for touch in touches:
        by_node.setdefault(touch.node, []).append(touch)
    right: set[str] = set()
    for group in groups:
        ids = {stored.homes[node].lead if node in stored.homes else "" for node in group}
        if len(ids) != 1 or "" in ids:
            yield f"nodes {sorted(group)} are one person but lie in leads {sorted(ids)}"
            continue
        lead = stored.leads.get(ids.pop())
        own = [touch for node in group for touch in by_node[node]]
        if lead is None:
            yield f"nodes {sorted(group)} have no lead"
            continue
        right.add(lead.id)
        yield from _wrong_lead(lead, group, own)
    for lead in stored.leads.values():
        if lead.alive and lead.id not in right:
            yield f"lead {lead.id} stands for nobody"


def _wrong_lead(lead: Lead, group: frozenset[str], own: list[Touch]) -> Iterator[str]:
    if set(lead.nodes) != group:
        yield f"lead {lead.id} holds {sorted(lead.nodes)} instead of {sorted(group)}"
    if lead.keys != group | {key for touch in own for key in touch.keys}:
        yield f"lead {lead.id} claims other keys than its touches"
    if lead.view != fold.fold(own):
        yield f"lead {lead.id} is not the fold of its {len(own)} touches"
    for touch in own:
        if touch.lead != lead.id and touch.lead == "":
            yield f"submission {touch.id} names no lead"
    unsealed = set(lead.applied) - {touch.id for touch in own}
    for receipt in sorted(unsealed):
        yield f"lead {lead.id} waits for the seal of submission {receipt}"


def _wrong_lists(stored: Stored) -> Iterator[str]:
    """Leads that a list by account or tag would not show, and accounts that no list would."""
    for lead in stored.leads.values():
        company = company_of(lead.view) if lead.alive else None
        due = f"ACCOUNT#{company.id}" if company else ""
        if stored.members[lead.id] != due:
            yield f"lead {lead.id} does not stand in the list of its account"
        there = company and (company.id in stored.accounts or _unread(stored, company.id))
        if company and there and _vacant(stored, company.id):
            yield f"account {company.id} of lead {lead.id} stands in no list"
        if company and not there:
            yield f"account {company.id} of lead {lead.id} has no item"
        if missing := membership.entries(lead) - stored.tagged:
            yield f"lead {lead.id} has no entry under {len(missing)} of its tags"


def _unread(stored: Stored, account: str) -> bool:
    return f"account {account}" in stored.unreadable


def _vacant(stored: Stored, account: str) -> bool:
    return account in stored.accounts and stored.accounts[account].vacant


def _wrong_homes(
    stored: Stored, touches: list[Touch], claims: Mapping[str, Mapping[str, Rank]]
) -> Iterator[str]:
    nodes = {touch.node for touch in touches}
    for key in sorted(set(stored.homes) | set(claims) | nodes):
        home, due = stored.homes.get(key, Home(key)), claims.get(key, {})
        if dict(home.claims) != dict(due) and not _saturated(home, due):
            yield f"home {key} holds {len(home.claims)} claims instead of {len(due)}, or others"
        if home.lead and key not in nodes:
            yield f"home {key} belongs to lead {home.lead} without a touch"


def _saturated(home: Home, due: Mapping[str, Rank]) -> bool:
    return len(home.claims) >= SATURATED and len(due) >= SATURATED and set(home.claims) <= set(due)


def _wrong_held(stored: Stored, ring: Keyring, now_ms: int) -> Iterator[str]:
    for touch in stored.touches.values():
        if not stored.held.issuperset(held_due(touch, ring, now_ms)):
            yield f"submission {touch.id} is not found by its person"


def _wrong_references(stored: Stored, touches: list[Touch]) -> Iterator[str]:
    for touch in touches:
        if touch.id not in stored.filed.get(touch.node, set()):
            yield f"submission {touch.id} is not filed under its node"
