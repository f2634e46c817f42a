"""What a written lead brings along: the account of its company, and its entries under its tags.

Both are written before the lead (a batch) or with it (a transaction), so none that a lead needs is
ever missing. What it needs no longer stays where a batch writes, and goes where a transaction does:
whoever reads holds an entry against the lead (docs/decisions/0030-accounts-and-tags.md).
"""

from collections.abc import Iterable, Iterator

from chalicelib.intake.company import Company, company_in, company_of
from chalicelib.intake.fold import View
from chalicelib.model import Fate, Touch
from chalicelib.noun import replace
from chalicelib.ports import Ensure, Insert, Key, Put, Remove, Update
from chalicelib.store.account_items import account_item, account_key, founded
from chalicelib.store.items import Lead, present, shard
from chalicelib.store.world import World

# A lead has no more tags than this, those taken off included: each costs it a write.
MOST_TAGS = 50


# --- accounts --------------------------------------------------------------------------------


def companies(leads: Iterable[Lead]) -> dict[str, Company]:
    """The companies of some leads by the id of their account; one that brings a name goes first."""
    found: dict[str, Company] = {}
    for lead in leads:
        company = company_of(lead.view) if lead.alive else None
        if company and (company.id not in found or not found[company.id].name):
            found[company.id] = company
    return found


def likely(touch: Touch) -> list[str]:
    """The account that a touch's own values speak of: read along with what the touch needs."""
    company = company_in(touch.values) if touch.fate is Fate.PENDING else None
    return [company.id] if company else []


def mentioned(touch: Touch) -> set[str]:
    """Every account that a touch may have given its lead, with or without what others brought."""
    alone = ({name: touch.values.get(name)} for name in ("email", "company"))
    return {company.id for values in alone if (company := company_in(values))}


def unread(world: World) -> set[str]:
    """The accounts of the leads to be written that nobody has looked at."""
    return set(companies(world.new_leads.values())) - set(world.accounts)


def ensured(world: World, now_ms: int) -> list[Ensure | Update]:
    """The accounts that the leads to be written speak of first, or name, for a transaction.

    Somebody known may be at another company than the submission says, and its account was not
    read: a read more would tell that they are known.
    """
    return [
        Ensure(write.key, write.item) if isinstance(write, Insert) else write
        for write in inserted(world, now_ms)
    ]


def inserted(world: World, now_ms: int) -> list[Insert | Update]:
    """The accounts that are due, for a batch: a refusal says that somebody else was first."""
    writes: list[Insert | Update] = []
    for account, company in companies(world.new_leads.values()).items():
        key, known = account_key(account), world.accounts.get(account)
        if known is None:
            writes.append(Insert(key, present(account_item(founded(company, now_ms)))))
        elif known.vacant or (company.name and not known.name):
            named = replace(known, name=known.name or company.name, vacant=False)
            writes.append(Update(key, account_item(named), known.version))
    return writes


# --- tags ------------------------------------------------------------------------------------


def tag_key(tag: str, created_ms: int, lead: str) -> Key:
    """Where the entry of a lead under one of its tags lies."""
    return Key(f"TAG#{tag}#{shard(lead)}", f"{created_ms:013d}#{lead}")


def tagged(sort: str) -> tuple[int, str]:
    """When the lead of an entry was created, and its id."""
    created, _, lead = sort.partition("#")
    return int(created), lead


def shown_tags(view: View) -> set[str]:
    """The tags that a lead has."""
    return {tag for tag, (_, yes) in view.tags.items() if yes}


def entries(lead: Lead) -> set[Key]:
    """The entries under its tags that a lead needs."""
    if not lead.alive:
        return set()
    return {tag_key(tag, lead.view.created_ms, lead.id) for tag in shown_tags(lead.view)}


def entries_due(world: World) -> list[Key]:
    """The entries that leads need which they did not before."""
    return sorted({key for before, after in _moves(world) for key in after - before})


def tag_puts(world: World) -> list[Put]:
    """The entries that are due, as a transaction writes them."""
    return [Put(key, {}) for key in entries_due(world)]


def tag_inserts(world: World) -> list[Insert]:
    """The entries that are due, as a batch writes them: one that is there already is right."""
    return [Insert(key, {}) for key in entries_due(world)]


def tag_removals(world: World) -> list[Remove]:
    """The entries that nobody needs any more."""
    return [Remove(key) for key in sorted({k for old, new in _moves(world) for k in old - new})]


def _moves(world: World) -> Iterator[tuple[set[Key], set[Key]]]:
    for lead in world.new_leads.values():
        before = world.read_lead(lead.id)
        yield (entries(before) if before.version and not world.anew else set()), entries(lead)
