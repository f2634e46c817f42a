"""What was needed once and no more: accounts that nobody is at, entries under tags of nobody.

Neither is an error, and no list shows either; so nothing waits for this. An account is taken out of
the lists as soon as somebody is taken away from it, and stands in them again with its next lead. An
entry under a tag that a batch left over goes when the audit or the repair comes by.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from chalicelib.ports import Item, Key, Remove, Table, Update
from chalicelib.store import accounts, membership
from chalicelib.store.account_items import Account, account_key
from chalicelib.store.items import UNREAD, integer, lead_key
from chalicelib.store.lead_items import read_lead
from chalicelib.store.listing import cut
from chalicelib.store.opportunities import Wanted

# A transaction holds a hundred; a refused one costs as many again.
_TOGETHER = 25


# --- accounts --------------------------------------------------------------------------------


def vacate(table: Table, ids: Iterable[str]) -> int:
    """Take those of some accounts out of the lists that are empty; how many. Safe to repeat.

    Empty is one at which nobody is, with no opportunity, of which no person has said anything. It
    keeps its item: the next lead of the company, a redo too, puts it back where it stood. Where that
    one comes in at this very moment, having seen the account listed, `verify` names it, and the
    repair or the next lead lists it again.
    """
    there = accounts.by_id(table, ids).values()
    empty = [account for account in there if not account.vacant and is_empty(table, account)]
    writes = [Update(account_key(each.id), {"g1": None}, each.version) for each in empty]
    return sum(table.write(writes)) if writes else 0


def is_empty(table: Table, account: Account) -> bool:
    """Whether nothing but an item is left of an account."""
    if account.by or account.into or account.aliases:
        return False
    if accounts.member(table, account) is not None:
        return False
    return not cut(table, Wanted(accounts=(account.id,)).listing(), 1).entries


# --- entries under tags ----------------------------------------------------------------------


def is_tag(key: Key) -> bool:
    """Whether an entry under a tag lies at a key."""
    return key.pk.startswith("TAG#")


def clear_tags(table: Table, page: Iterable[tuple[Key, Item]]) -> int:
    """Remove the entries of a page that no lead needs; how many. Not while an import is under way.

    Each is written first, then its lead is read again, and it goes under the version that it got:
    whoever gives the lead its tag back in between writes the entry anew, or the lead before it is
    read. An import's batch writes entry and lead apart from one another, hence not beside one.
    """
    versions = {key: integer(item["v"]) for key, item in page if is_tag(key)}
    over = list(_unneeded(table, versions))
    took = table.write([Update(key, {"over": 1}, versions[key]) for key in over])
    touched = [key for key, fine in zip(over, took, strict=True) if fine]
    gone = 0
    due = iter([Remove(key, versions[key] + 1) for key in _unneeded(table, touched)])
    while some := list(islice(due, _TOGETHER)):
        gone += _removed(table, some)
    return gone


def _unneeded(table: Table, entries: Iterable[Key]) -> Iterator[Key]:
    """Those of some entries that their leads, as they are now, do not need."""
    leads = {key: membership.tagged(key.sk)[1] for key in entries}
    places = [lead_key(lead) for lead in dict.fromkeys(leads.values())]
    found = table.get(places) if places else {}
    for key, lead in leads.items():
        # Of one that nobody can read nobody knows what it needs.
        with suppress(*UNREAD):
            if key not in membership.entries(read_lead(lead, found.get(lead_key(lead)))):
                yield key


def _removed(table: Table, removals: Sequence[Remove]) -> int:
    """How many of them went: where somebody came between, each is tried by itself."""
    if table.transact(removals):
        return len(removals)
    return sum(table.transact([each]) for each in removals) if len(removals) > 1 else 0
