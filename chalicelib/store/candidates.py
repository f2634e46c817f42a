"""Leads that may be one person though no key says so, looked up when somebody wants to see them.

A submission writes nothing for it: the index by name and the homes of e-mail addresses are there
already. For a lead, who has exactly its name is a query of that index; who has nearly its address
is a batch of full keys, one for each address that is near (docs/decisions/0014-candidates.md).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from chalicelib.intake.identify import EMAIL, EXTERNAL, PHONE, Keyring
from chalicelib.ports import Table
from chalicelib.store import lead_items
from chalicelib.store.items import Lead
from chalicelib.store.likeness import PROVIDERS, Likeness, likeness
from chalicelib.store.listing import Listing, cut, sharded
from chalicelib.store.read import homes_by_key, leads_by_id

# So many leads are looked at for one page of a list.
LOOKED_AT = 20
# Of those who have exactly a lead's name, so many are compared with it.
NAMESAKES = 40
# The shortest part before the @ of which one letter may be another.
_SHORTEST = 4
_LONGEST = 40
# The reason that a shared key is, by its letter.
SHARED = {PHONE: "same_phone", EXTERNAL: "same_external_id"}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Candidate(NamedTuple):
    """Two leads that resemble one another, the one looked at first."""

    left: Lead
    right: Lead
    likeness: Likeness


class CandidatePage(NamedTuple):
    """A page of candidates, and the position to go on after; empty at the end."""

    found: list[Candidate]
    last: str


def newest(table: Table, ring: Keyring, position: str = "") -> CandidatePage:
    """Whom the next leads, the newest first, resemble; each pair once, by the lead that finds it.

    Who shares a phone or an id is listed by that key, not here.
    """
    listing = Listing(sharded("LEAD"), "g1", newest_first=True)
    entries, last = cut(table, listing, LOOKED_AT, position)
    found = leads_by_id(table, [entry.key.pk.partition("#")[2] for entry in entries])
    looked = [lead for lead in found.values() if lead.alive]
    near = {lead.id: dict(near_addresses(_email(lead))) for lead in looked}
    others = _near(table, ring, near)
    for lead in looked:
        others[lead.id] |= set(_namesakes(table, lead))
    pairs = _pairs(table, looked, others)
    shown = [
        each
        for each in pairs
        if not _shared(each.left, each.right) and _once(each, near[each.left.id])
    ]
    return CandidatePage(shown, last)


def of_lead(table: Table, ring: Keyring, lead: Lead) -> list[Candidate]:
    """Whom one lead resembles, the likest first; every address one edit away is looked up."""
    email = _email(lead)
    near = {**dict(near_addresses(email)), **dict.fromkeys(_further(email), False)}
    others = _near(table, ring, {lead.id: near})
    others[lead.id] |= set(_namesakes(table, lead)) | _met(table, lead)
    found = _pairs(table, [lead], others)
    return sorted(found, key=lambda each: (-each.likeness.score, each.right.id))


def _near(table: Table, ring: Keyring, near: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """By lead, who has an address near its own."""
    keys = {
        lead: [ring.addressed(EMAIL, address)[0] for address in addresses]
        for lead, addresses in near.items()
    }
    homes = homes_by_key(table, (key for some in keys.values() for key in some))
    return {lead: {homes[key].lead for key in some} - {""} for lead, some in keys.items()}


def _met(table: Table, lead: Lead) -> set[str]:
    """Who shares a phone or an id with a lead."""
    homes = homes_by_key(table, (key for key in lead.keys if key[0] != EMAIL))
    nodes = {node for home in homes.values() for node in home.claims} - set(lead.nodes)
    return {home.lead for home in homes_by_key(table, nodes).values()} - {""}


def _pairs(table: Table, looked: Iterable[Lead], others: Mapping[str, set[str]]) -> list[Candidate]:
    leads = leads_by_id(table, sorted(set().union(*others.values())))
    made = []
    for lead in looked:
        for other in sorted(others[lead.id] - {lead.id}):
            there = leads.get(other)
            if there is None or not there.alive or _parted(lead, there):
                continue
            shared = _shared(lead, there)
            like = likeness(lead.view, there.view, shared)
            if shared or like.enough:
                made.append(Candidate(lead, there, like))
    return made


def _shared(left: Lead, right: Lead) -> str:
    """The reason of a phone or an id that two leads share, or the empty string."""
    letters = {key[0] for key in left.keys & right.keys}
    return next((SHARED[letter] for letter in (EXTERNAL, PHONE) if letter in letters), "")


def _namesakes(table: Table, lead: Lead) -> Iterator[str]:
    name = lead_items.name_sort(lead.view)
    if " " not in name:
        return
    listing = Listing(sharded(f"NAME#{name[0]}"), "g3", f"{name}#", f"{name}#~")
    for entry in cut(table, listing, NAMESAKES).entries:
        yield entry.key.pk.partition("#")[2]


def _parted(left: Lead, right: Lead) -> bool:
    """Whether a person said already that these are two."""
    return bool(left.barriers & set(right.nodes) or right.barriers & set(left.nodes))


def _once(pair: Candidate, near: Mapping[str, bool]) -> bool:
    """Whether a pair is this lead's to tell: the other would not find it, or is the older one."""
    if near.get(_email(pair.right)) is False:
        return True
    return (pair.right.view.created_ms, pair.right.id) < (pair.left.view.created_ms, pair.left.id)


def _email(lead: Lead) -> str:
    _, email = lead.view.values.get("email", (None, None))
    return email if isinstance(email, str) else ""


def near_addresses(email: str) -> Iterator[tuple[str, bool]]:
    """Addresses near one, and whether whoever has them would find this one in the same way.

    The same name at the great mail providers; one letter less, or two exchanged, at the same host.
    """
    local, _, domain = email.rpartition("@")
    if not local or len(local) > _LONGEST:
        return
    for provider in PROVIDERS:
        if provider != domain:
            yield f"{local}@{provider}", domain in PROVIDERS
    if len(local) < _SHORTEST:
        return
    for place in range(len(local)):
        yield f"{local[:place]}{local[place + 1 :]}@{domain}", False
    for place in range(len(local) - 1):
        turned = local[:place] + local[place + 1] + local[place] + local[place + 2 :]
        if turned != local:
            yield f"{turned}@{domain}", True


def _further(email: str) -> Iterator[str]:
    """Addresses with one letter more, or another one."""
    local, _, domain = email.rpartition("@")
    if not _SHORTEST <= len(local) <= _LONGEST:
        return
    for place in range(len(local) + 1):
        for letter in _LETTERS:
            yield f"{local[:place]}{letter}{local[place:]}@{domain}"
            if place < len(local) and local[place] != letter:
                yield f"{local[:place]}{letter}{local[place + 1 :]}@{domain}"
