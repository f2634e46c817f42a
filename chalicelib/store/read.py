"""Finding leads: by id, by what identifies them, by the indexes; and pairs that may be one person.

Index entries hold keys alone and may lag behind: what they name is read in batches and held
against the question again. Every page costs requests in proportion to its items, never to the
table (docs/decisions/0004-items-and-indexes.md lists the indexes).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from chalicelib.intake import identify
from chalicelib.intake.company import company_of
from chalicelib.noun import noun
from chalicelib.ports import Key, Table
from chalicelib.store import items, lead_items, membership
from chalicelib.store.items import Home, Lead
from chalicelib.store.listing import LAST, Listing, cut, sharded

# As long as a time is written in a sort key: the year 2286.
LATEST_MS = 9_999_999_999_999
# A merged id forwards to where its person went, at most this often: a chain, not a circle.
_MOST_FORWARDS = 20


class By(StrEnum):
    """The leading filter of a list of leads: what an index answers."""

    NEWEST = "newest"
    KEY = "key"
    SOURCE = "source"
    STAGE = "stage"
    NAME = "name"
    ACCOUNT = "account"
    TAG = "tag"


@noun
class LeadQuery:
    """Which leads: one leading filter with its value, a range of creation, and what narrows a page.

    `value` is a key of the ring for `KEY`, a beginning for `NAME`; `accounts` are the ids of one
    company, all that were merged into it. The times are inclusive.
    Channel, campaign and acquisition are the first touch's.
    """

    by: By = By.NEWEST
    value: str = ""
    from_ms: int = 0
    to_ms: int = LATEST_MS
    channel: str = ""
    campaign: str = ""
    acquisition: str = ""
    accounts: tuple[str, ...] = ()


class LeadPage(NamedTuple):
    """A page of leads, and the position to go on after; empty at the end."""

    leads: list[Lead]
    last: str


def lead_by_id(table: Table, lead: str) -> Lead | None:
    """The lead of an id, or the one it was merged into; None where nobody is left."""
    for _ in range(_MOST_FORWARDS):
        found = leads_by_id(table, [lead])
        if lead not in found or found[lead].alive or not found[lead].merged_into:
            break
        lead = found[lead].merged_into
    return found[lead] if lead in found and found[lead].alive else None


def leads_by_id(table: Table, ids: Iterable[str]) -> dict[str, Lead]:
    """Some leads as they are stored, the forwards and tombstones among them included."""
    keys = {lead: items.lead_key(lead) for lead in dict.fromkeys(ids)}
    found = table.get(list(keys.values())) if keys else {}
    return {
        lead: lead_items.read_lead(lead, found[key]) for lead, key in keys.items() if key in found
    }


def _claimants(table: Table, key: str) -> list[str]:
    """The ids of all whom a key speaks of, the strongest claim first: that is its owner."""
    home = homes_by_key(table, [key])[key]
    nodes = sorted(home.claims, key=lambda node: home.claims[node]) or [key]
    homes = {key: home, **homes_by_key(table, [node for node in nodes if node != key])}
    return list(dict.fromkeys(homes[node].lead for node in nodes if homes[node].lead))


def homes_by_key(table: Table, keys: Iterable[str]) -> dict[str, Home]:
    """The homes of some keys; one that is not there is empty."""
    wanted = {key: items.home_key(key) for key in dict.fromkeys(keys)}
    found = table.get(list(wanted.values())) if wanted else {}
    return {key: items.read_home(key, found.get(place)) for key, place in wanted.items()}


def list_leads(table: Table, query: LeadQuery, limit: int, position: str = "") -> LeadPage:
    """A page of leads, newest first (by name: in its order).

    It may come back short with a position to go on after: where something narrows it, or where
    an index spoke of what is no longer so.
    """
    if query.by is By.KEY:
        return _by_key(table, query, limit, position)
    entries, last = cut(table, _listing(query), limit, position)
    tagged = query.by is By.TAG
    ids = [membership.tagged(e.sort)[1] if tagged else _id(e.key) for e in entries]
    found = leads_by_id(table, ids)
    leads = [
        found[lead]
        for lead, entry in zip(ids, entries, strict=True)
        if lead in found and _stands(found[lead], query, entry.sort)
    ]
    return LeadPage(leads, last)


def _stands(lead: Lead, query: LeadQuery, sort: str) -> bool:
    """Whether a lead still is what an entry says; under a tag an older one of it may be left."""
    if not lead.alive or not _matches(lead, query):
        return False
    return query.by is not By.TAG or membership.tagged(sort)[0] == lead.view.created_ms


def _by_key(table: Table, query: LeadQuery, limit: int, position: str) -> LeadPage:
    """The few who claim one key (a home holds 64 claims at most); the position counts them."""
    start = int(position or 0)
    everybody = _claimants(table, query.value)
    found = leads_by_id(table, everybody[start : start + limit]).values()
    leads = [lead for lead in found if lead.alive and _matches(lead, query)]
    return LeadPage(leads, str(start + limit) if start + limit < len(everybody) else "")


def _listing(query: LeadQuery) -> Listing:
    low, high = moments(query.from_ms, query.to_ms)
    if query.by is By.SOURCE:
        return Listing(sharded(f"SOURCE#{query.value}"), "g2", low, high, newest_first=True)
    if query.by is By.STAGE:
        return Listing(sharded(f"STAGE#{query.value}"), "g4", low, high, newest_first=True)
    if query.by is By.ACCOUNT:
        parts = tuple(part for each in query.accounts for part in sharded(f"ACCOUNT#{each}"))
        return Listing(parts, "g5", low, high, newest_first=True)
    if query.by is By.TAG:
        return Listing(sharded(f"TAG#{query.value}"), "", low, high, newest_first=True)
    if query.by is By.NAME:
        name = lead_items.fold_name(query.value)
        # An index by the first character serves no shorter beginning than one.
        return Listing(sharded(f"NAME#{name[:1]}"), "g3", name, name + LAST)
    return Listing(sharded("LEAD"), "g1", low, high, newest_first=True)


def moments(from_ms: int, to_ms: int) -> tuple[str, str]:
    """The bounds of sort keys that begin with a time: both ends belong to it."""
    low, high = (min(max(ms, 0), LATEST_MS) for ms in (from_ms, to_ms))
    return f"{low:013d}", f"{high:013d}{LAST}"


def _matches(lead: Lead, query: LeadQuery) -> bool:
    view = lead.view
    if not query.from_ms <= view.created_ms <= query.to_ms or not _leads(lead, query):
        return False
    source = view.first.source if view.first else {}
    wanted = {name: getattr(query, name) for name in ("channel", "campaign", "acquisition")}
    return all(source.get(name, "") == value for name, value in wanted.items() if value)


def _leads(lead: Lead, query: LeadQuery) -> bool:
    """Whether the leading filter is true of a lead."""
    view, value = lead.view, query.value
    match query.by:
        case By.SOURCE:
            return view.first is not None and view.first.source.get("name") == value
        case By.STAGE:
            return lead.stage == value
        case By.NAME:
            return lead_items.name_sort(view).startswith(lead_items.fold_name(value))
        case By.TAG:
            return value in membership.shown_tags(view)
        case By.ACCOUNT:
            company = company_of(view)
            return company is not None and company.id in query.accounts
        case _:
            return True


def _id(key: Key) -> str:
    return key.pk.partition("#")[2]


# --- pairs that a person must look at --------------------------------------------------------


class Pair(NamedTuple):
    """Two people who meet under a key, the key's owner first."""

    key: str
    left: Lead
    right: Lead


class PairPage(NamedTuple):
    """A page of pairs, and the position to go on after; empty at the end."""

    pairs: list[Pair]
    last: str


def duplicates(table: Table, limit: int, position: str = "") -> PairPage:
    """A page of pairs that no rule may decide, without those that a person has decided.

    A page may come back short, as that of a list of leads.
    """
    start, _, seen = position.partition("/")
    entries, last = cut(table, Listing(sharded("REVIEW"), "g1"), limit, start)
    names = ([start] if seen else []) + [_id(entry.key) for entry in entries]
    met = [each for each in _meetings(homes_by_key(table, names).values()) if each > (start, seen)]
    shown = met[:limit]
    if len(met) > limit:
        last = f"{shown[-1][0]}/{shown[-1][1]}"
    return PairPage(_undecided(table, shown), last)


# A key, and the nodes of its owner and of somebody else joined by `+`, so that they have one order.
Meeting = tuple[str, str]


def _meetings(homes: Iterable[Home]) -> list[Meeting]:
    return sorted(
        (home.key, "+".join(sorted(edge, key=lambda node: node != first)))
        for home in homes
        for first in [identify.owner(home.key, home.claims)]
        for edge in identify.reviews(home.key, home.claims)
    )


def _undecided(table: Table, met: Iterable[Meeting]) -> list[Pair]:
    edges = [(key, *edge.split("+")) for key, edge in met]
    homes = homes_by_key(table, (node for _, *nodes in edges for node in nodes))
    leads = leads_by_id(table, (home.lead for home in homes.values() if home.lead))
    pairs: dict[tuple[str, str], Pair] = {}
    for key, left, right in edges:
        here, there = leads.get(homes[left].lead), leads.get(homes[right].lead)
        if here is None or there is None or right in homes[left].decisions:
            continue
        if here.alive and there.alive and here.id != there.id:
            pairs.setdefault(identify.pair(here.id, there.id), Pair(key, here, there))
    return list(pairs.values())
