"""Accounts: read, listed, described by people, made one and parted again.

Every page costs requests in proportion to its items; whatever people say is written under the
version that was read (docs/decisions/0030-accounts-and-tags.md).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from chalicelib import errors
from chalicelib.intake.company import company_of
from chalicelib.ports import Attribute, Insert, Item, Key, Remove, Table, Update, Write
from chalicelib.store import lead_items
from chalicelib.store.account_items import (
    Account,
    Status,
    account_item,
    account_key,
    founded,
    read_account,
)
from chalicelib.store.items import Lead, present
from chalicelib.store.listing import LAST, Listing, cut, sharded
from chalicelib.store.read import By, LeadQuery, list_leads

# A company goes by no more names and domains than this: each costs a page of its leads a query.
MOST_ALIASES = 20
_ATTEMPTS = 8


class Listed(StrEnum):
    """What a list of accounts goes by."""

    NEWEST = "newest"
    NAME = "name"
    STATUS = "status"


class AccountPage(NamedTuple):
    """A page of accounts, and the position to go on after; empty at the end."""

    accounts: list[Account]
    last: str


# --- reading ---------------------------------------------------------------------------------


def by_id(table: Table, ids: Iterable[str]) -> dict[str, Account]:
    """Some accounts as they are stored, those merged into others included."""
    keys = {account: account_key(account) for account in dict.fromkeys(ids)}
    found = table.get(list(keys.values())) if keys else {}
    return {each: read_account(each, found[key]) for each, key in keys.items() if key in found}


def current(table: Table, ids: Iterable[str]) -> dict[str, Account]:
    """By each of some ids the account that it stands for now: its own, or what it was merged into."""
    there = by_id(table, ids)
    return there | _heirs(table, there)


def _heirs(table: Table, there: Mapping[str, Account]) -> dict[str, Account]:
    """By the id of each that was merged, what it was merged into."""
    heirs = by_id(table, {account.into for account in there.values() if account.into})
    return {each: heirs[a.into] for each, a in there.items() if a.into in heirs}


def family(account: Account) -> tuple[str, ...]:
    """The ids of all that is one company: the account's own, and those merged into it."""
    return (account.id, *account.aliases)


def places(leads: Iterable[Lead]) -> list[Key]:
    """Where the accounts of some leads lie."""
    companies = filter(None, (company_of(lead.view) for lead in leads))
    return [account_key(each) for each in dict.fromkeys(company.id for company in companies)]


def of_leads(table: Table, leads: Iterable[Lead], held: Mapping[Key, Item]) -> dict[str, Account]:
    """By lead, the account that it is at, from what was read at their places.

    One read more where some were merged. One that has no item yet is as the lead tells of it.
    """
    companies = {lead.id: company for lead in leads if (company := company_of(lead.view))}
    there = {
        company.id: read_account(company.id, held[account_key(company.id)])
        for company in companies.values()
        if account_key(company.id) in held
    }
    there |= _heirs(table, there)
    return {
        lead: there.get(company.id) or founded(company, 0) for lead, company in companies.items()
    }


def listed(table: Table, by: Listed, value: str, limit: int, position: str = "") -> AccountPage:
    """A page of accounts, the newest first (by name: in its order, from a beginning)."""
    entries, last = cut(table, _listing(by, value), limit, position)
    found = by_id(table, [entry.key.pk.partition("#")[2] for entry in entries])
    here = [each for each in found.values() if not each.into and not each.vacant]
    return AccountPage([each for each in here if _matches(each, by, value)], last)


def _listing(by: Listed, value: str) -> Listing:
    if by is Listed.NAME:
        name = lead_items.fold_name(value)
        return Listing(sharded(f"ACCOUNTNAME#{name[:1]}"), "g3", name, name + LAST)
    if by is Listed.STATUS and value != Status.PROSPECT:
        return Listing(sharded(f"ACCOUNTSTATUS#{value}"), "g4", newest_first=True)
    return Listing(sharded("ACCOUNTS"), "g1", newest_first=True)


def _matches(account: Account, by: Listed, value: str) -> bool:
    if by is Listed.STATUS:
        return account.status == value
    name = lead_items.fold_name(account.shown_name)
    return by is not Listed.NAME or name.startswith(lead_items.fold_name(value))


def namesakes(table: Table, account: Account, most: int = 5) -> list[Account]:
    """Other accounts of the same name: they may be one company, which a person decides."""
    name = lead_items.fold_name(account.shown_name)
    if not name:
        return []
    parts = sharded(f"ACCOUNTNAME#{name[:1]}")
    entries, _ = cut(table, Listing(parts, "g3", f"{name}#", f"{name}#{LAST}"), most + 1)
    found = by_id(table, [entry.key.pk.partition("#")[2] for entry in entries])
    others = (each for each in found.values() if each.id != account.id)
    return [each for each in others if not each.into and not each.vacant][:most]


def member(table: Table, account: Account) -> Lead | None:
    """One lead that is at an account, or None."""
    query = LeadQuery(By.ACCOUNT, account.id, accounts=family(account))
    page = list_leads(table, query, 1)
    while not page.leads and page.last:
        page = list_leads(table, query, MOST_ALIASES, page.last)
    return page.leads[0] if page.leads else None


def found(table: Table, account: str) -> Account | None:
    """The account of an id, or the one it was merged into.

    One whose item is not there, but to which a lead belongs, is as that lead tells of it; a vacant
    one is not there unless a lead is.
    """
    there = current(table, [account]).get(account)
    if there and not there.vacant:
        return there
    lead = member(table, Account(account, ""))
    if there:
        return there if lead else None
    company = company_of(lead.view) if lead else None
    return founded(company, lead.view.created_ms) if lead and company else None


def forget(table: Table, ids: Iterable[str]) -> None:
    """Remove those of some accounts that nobody is at and of which no person has said anything.

    Where a lead comes in meanwhile, the next one of the company makes the account again.
    """
    for account in by_id(table, ids).values():
        if not account.by and not account.into and member(table, account) is None:
            table.transact([Remove(account_key(account.id), account.version)])


# --- what people say -------------------------------------------------------------------------


@dataclass(frozen=True)
class Accounts:
    """Writes what people say of accounts; `now_ms` is the clock."""

    table: Table
    now_ms: Callable[[], int]

    def insert(self, account: Account) -> bool:
        """Make an account; False where there is one already."""
        now = self.now_ms()
        made = replace(account, created_ms=now, updated_ms=now)
        if self._written([Insert(account_key(made.id), _new(made))]):
            return True
        there = by_id(self.table, [made.id]).get(made.id)
        if there is None or found(self.table, made.id):
            return False
        return self._written([_update(replace(made, version=there.version))])

    def save(self, account: Account) -> Account:
        """Write an account under the version that was read; `Conflict` where it has moved."""
        made = replace(account, updated_ms=self.now_ms())
        write = _update(made) if made.version else Insert(account_key(made.id), _new(made))
        if not self._written([write]):
            raise _changed()
        return replace(made, version=account.version + 1)

    def merge(self, account: Account, other: Account, by: str) -> None:
        """Say that two accounts are one company: the other, with all of its, becomes this one's."""
        joined = {other.id: account.id, **other.aliases}
        aliases = {**account.aliases, **joined}
        if len(aliases) > MOST_ALIASES:
            raise errors.Conflict(
                f"a company goes by at most {MOST_ALIASES} other accounts", code="too_many_aliases"
            )
        now = self.now_ms()
        whole = replace(account, aliases=aliases, by=by, updated_ms=now)
        part = replace(other, aliases={}, into=account.id, by=by, updated_ms=now)
        below = by_id(self.table, other.aliases).values()
        moved = [replace(each, into=account.id) for each in below]
        if not self._written([_update(each) for each in (whole, part, *moved)]):
            raise _changed()

    def unmerge(self, account: Account, other: str, by: str) -> None:
        """Take a merge back: the other account is one of its own again, with all that was its."""
        if other not in account.aliases:
            raise errors.Conflict("this account was not merged into it", code="not_merged")
        gone = _below(account.aliases, other)
        now = self.now_ms()
        left = {each: of for each, of in account.aliases.items() if each not in gone | {other}}
        there = by_id(self.table, [other, *gone])
        part = replace(
            there[other],
            into="",
            aliases={each: account.aliases[each] for each in account.aliases if each in gone},
            by=by,
            updated_ms=now,
        )
        whole = replace(account, aliases=left, by=by, updated_ms=now)
        moved = [replace(there[each], into=other) for each in sorted(gone) if each in there]
        if not self._written([_update(each) for each in (whole, part, *moved)]):
            raise _changed()

    def delete(self, account: Account) -> None:
        """Remove an account that no lead is at; a later lead of the company makes it anew."""
        if account.aliases:
            raise errors.Conflict("other accounts were merged into it", code="account_merged")
        if self.occupied(account):
            raise errors.Conflict("leads are at this account", code="account_has_leads")
        if not self._written([Remove(account_key(account.id), account.version)]):
            raise _changed()

    def occupied(self, account: Account) -> bool:
        """Whether any lead is at an account."""
        return member(self.table, account) is not None

    def _written(self, writes: list[Write]) -> bool:
        return self.table.transact(writes)


def _below(aliases: Mapping[str, str], account: str) -> set[str]:
    """The accounts that came along with one when it was merged."""
    found: set[str] = set()
    while True:
        more = {each for each, of in aliases.items() if of in found | {account}} - found
        if not more:
            return found
        found |= more


def _new(account: Account) -> dict[str, Attribute]:
    return present(account_item(account))


def _update(account: Account) -> Update:
    listed = replace(account, vacant=False)
    return Update(account_key(account.id), account_item(listed), account.version)


def _changed() -> errors.Conflict:
    return errors.Conflict("the account has changed", code="version_changed", status=412)
