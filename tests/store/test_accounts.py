"""Accounts beside their leads: made once, in step with every change, one and parted again."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib import errors
from chalicelib.intake.company import account_id
from chalicelib.model import Door, Fate, Touch
from chalicelib.ports import Key
from chalicelib.store import accounts, items
from chalicelib.store.account_items import Account, Status, account_key
from chalicelib.store.accounts import MOST_ALIASES, Accounts, Listed
from chalicelib.store.erase import erase
from chalicelib.store.read import By, LeadQuery, list_leads
from chalicelib.store.revise import Change
from chalicelib.store.suppression import Word
from chalicelib.store.suppressions import Ledger
from chalicelib.store.verify import read, verify
from tests.fakes import MemoryTable
from tests.store.people import RING, as_rows, touch, upsert

ACME, ACME_ES = account_id("d:acme.com"), account_id("d:acme.es")
NAMED = account_id("n:acme")
PHONE = "+34600000001"


def stored(table: MemoryTable) -> dict[str, Account]:
    return read(list(table.items.items())).accounts


def at(table: MemoryTable, account: str) -> set[str]:
    """The addresses of the leads that a list by account shows."""
    there = accounts.current(table, [account]).get(account)
    query = LeadQuery(By.ACCOUNT, account, accounts=accounts.family(there) if there else (account,))
    found, position = [], ""
    while True:
        page = list_leads(table, query, 2, position)
        found += page.leads
        position = page.last
        if not position:
            return {str(lead.view.values["email"][1]) for lead in found}


def one(table: MemoryTable, account: str) -> Account:
    return accounts.by_id(table, [account])[account]


def said(table: MemoryTable) -> Accounts:
    return Accounts(table, lambda: 6_000_000)


@pytest.mark.parametrize("door", [Door.FORM, Door.FILE])
def test_the_first_lead_of_a_company_makes_its_account(door: Door) -> None:
    """Once, whoever comes after; the first who says its name names it."""
    table = MemoryTable()
    rows = [
        touch(1, email="ana@acme.com"),
        touch(2, email="eva@mail.acme.com", company="Acme Inc."),
        touch(3, email="leo@acme.com", company="ACME"),
        touch(4, email="gil@gmail.com"),
    ]
    for row in rows:
        upsert(table).store(as_rows([row], f"i{row.id}#1") if door is Door.FILE else [row])
    [account] = stored(table).values()
    assert (account.id, account.domain, account.name) == (ACME, "acme.com", "Acme Inc.")
    assert at(table, ACME) == {"ana@acme.com", "eva@mail.acme.com", "leo@acme.com"}
    assert verify(table.items.items()) == []


def test_a_batch_makes_each_account_once() -> None:
    """Named by whichever row brings a name."""
    table = MemoryTable()
    people = [
        touch(n, email=f"p{n}@acme.com", company="Acme" if n == 3 else None) for n in range(1, 5)
    ]
    upsert(table).store(as_rows([*people, touch(9, phone=PHONE, company="Beta")]))
    assert {a.name for a in stored(table).values()} == {"Acme", "Beta"}
    assert verify(table.items.items()) == []


def test_a_lead_that_changes_its_company_changes_its_account() -> None:
    """By an edit, and back by its undo."""
    table = MemoryTable()
    store = upsert(table)
    store.one(touch(1, email="ana@gmail.com", company="Acme"))
    moved = store.one(touch(2, email="ana@gmail.com", company="Beta"))
    assert (at(table, NAMED), at(table, account_id("n:beta"))) == (set(), {"ana@gmail.com"})
    store.turn({moved.id: Fate.UNDONE})
    assert (at(table, NAMED), at(table, account_id("n:beta"))) == ({"ana@gmail.com"}, set())
    assert verify(table.items.items()) == []


def test_whoever_is_known_costs_no_other_calls_than_somebody_new() -> None:
    """Law 7: a company known or new, a lead at another company than the submission says."""
    first = touch(1, email="ana@acme.com", phone=PHONE)
    for then in (
        touch(2, email="ana@acme.com"),
        touch(2, email="new@acme.com"),
        touch(2, email="new@beta.com"),
        touch(2, email="new@gmail.com"),
    ):
        table = MemoryTable()
        upsert(table).one(first)
        table.requests.clear()
        upsert(table).one(then)
        assert dict(table.requests) == {"BatchGetItem": 2, "TransactWriteItems": 1}
    seen = []
    for phone in (PHONE, "+34600000002"):
        table = MemoryTable()
        upsert(table).one(first)
        table.requests.clear()
        upsert(table).one(touch(2, phone=phone, company="Gamma"))
        seen.append(dict(table.requests))
        assert verify(table.items.items()) == []
    assert seen[0] == seen[1]


def test_two_who_first_speak_of_a_company_at_once_make_one_account() -> None:
    """The one who comes later finds the item there, and its own submission is stored all the same."""
    table = MemoryTable()
    met: list[str] = []

    def before(name: str) -> None:
        if name == "TransactWriteItems" and not met:
            met.append(name)
            upsert(table).one(touch(2, email="eva@acme.com", company="Acme"))

    table.before = before
    upsert(table).one(touch(1, email="ana@acme.com", company="Acme Ltd"))
    assert [account.name for account in stored(table).values()] == ["Acme"]
    assert verify(table.items.items()) == []


def test_verify_names_what_no_list_would_show_and_writing_anew_mends_it() -> None:
    """An account without an item, a lead out of its list, a tag without its entry."""
    table = MemoryTable()
    done = upsert(table).one(touch(1, email="ana@acme.com", tags={"vip": True}))
    lost = [key for key in table.items if key.pk.startswith(("A#", "TAG#"))]
    for key in lost:
        del table.items[key]
    table.items[items.lead_key(done.lead)].pop("g5")
    assert [
        line.split(" of lead ")[0].replace(done.lead, "L") for line in verify(table.items.items())
    ] == [
        f"account {ACME}",
        "lead L does not stand in the list of its account",
        "lead L has no entry under 1 of its tags",
    ]
    upsert(table).revised(Change(nodes=frozenset({done.node}), anew=True))
    assert verify(table.items.items()) == []
    assert {key for key in table.items if key.pk.startswith(("A#", "TAG#"))} == set(lost)


def erased(table: MemoryTable, account: str) -> None:
    query = LeadQuery(By.ACCOUNT, account, accounts=(account,))
    lead = list_leads(table, query, 1).leads[0]
    erase(upsert(table), Ledger(table, RING), lead, Word(1, Door.API, "t"), lambda _key: None)


def test_an_erasure_takes_an_account_that_nobody_else_is_at() -> None:
    """A domain of one's own names a person; one that people described, or others are at, stays."""
    table = MemoryTable()
    upsert(table).one(touch(1, phone=PHONE, company="Ana López"))
    upsert(table).one(touch(2, email="ana@ana-lopez.es", phone=PHONE))
    upsert(table).one(touch(3, email="eva@acme.com"))
    upsert(table).one(touch(4, email="leo@acme.com"))
    assert len(stored(table)) == 3
    erased(table, account_id("d:ana-lopez.es"))
    erased(table, ACME)
    assert set(stored(table)) == {ACME}
    said(table).save(replace(one(table, ACME), by="tester"))
    erased(table, ACME)
    assert set(stored(table)) == {ACME}
    assert verify(table.items.items()) == []


# --- two accounts, one company ---------------------------------------------------------------


@pytest.fixture
def table() -> MemoryTable:
    """Three accounts that are one company, with a lead each."""
    made = MemoryTable()
    upsert(made).one(touch(1, email="ana@acme.com", company="Acme"))
    upsert(made).one(touch(2, email="eva@acme.es", company="Acme"))
    upsert(made).one(touch(3, email="leo@gmail.com", company="ACME"))
    return made


def test_merged_accounts_are_one_and_come_apart_as_they_were(table: MemoryTable) -> None:
    """Whichever is asked for shows the leads of all; what came along goes along."""
    everybody = {"ana@acme.com", "eva@acme.es", "leo@gmail.com"}
    said(table).merge(one(table, ACME_ES), one(table, NAMED), "tester")
    said(table).merge(one(table, ACME), one(table, ACME_ES), "tester")
    for account in (ACME, ACME_ES, NAMED):
        assert accounts.current(table, [account])[account].id == ACME
        assert at(table, account) == everybody
    upsert(table).one(touch(4, email="new@acme.es"))
    assert at(table, ACME) == {*everybody, "new@acme.es"}
    said(table).unmerge(one(table, ACME), ACME_ES, "tester")
    assert at(table, ACME) == {"ana@acme.com"}
    assert at(table, NAMED) == at(table, ACME_ES) == everybody - {"ana@acme.com"} | {"new@acme.es"}
    said(table).unmerge(one(table, ACME_ES), NAMED, "tester")
    assert at(table, NAMED) == {"leo@gmail.com"}
    assert verify(table.items.items()) == []
    with pytest.raises(errors.Conflict, match="not merged"):
        said(table).unmerge(one(table, ACME), NAMED, "tester")


def test_a_merge_over_somebody_elses_change_is_refused(table: MemoryTable) -> None:
    """Nothing is half merged."""
    here, there = one(table, ACME), one(table, ACME_ES)
    said(table).save(there)
    with pytest.raises(errors.Conflict, match="changed"):
        said(table).merge(here, there, "tester")
    assert one(table, ACME).aliases == {}


def test_a_company_goes_by_so_many_accounts_and_no_more(table: MemoryTable) -> None:
    """Each costs every page of its leads a query."""
    for number in range(MOST_ALIASES + 1):
        upsert(table).one(touch(10 + number, email=f"p@acme{number}.com"))
    for number in range(MOST_ALIASES):
        said(table).merge(one(table, ACME), one(table, account_id(f"d:acme{number}.com")), "t")
    with pytest.raises(errors.Conflict) as caught:
        said(table).merge(
            one(table, ACME), one(table, account_id(f"d:acme{MOST_ALIASES}.com")), "t"
        )
    assert caught.value.code == "too_many_aliases"


def test_lists_of_accounts_skip_those_that_were_merged(table: MemoryTable) -> None:
    """Newest, by the beginning of the name, by status; a namesake is only suggested."""
    assert [a.id for a in accounts.listed(table, Listed.NAME, "acm", 9).accounts].count(ACME) == 1
    assert {a.id for a in accounts.namesakes(table, one(table, ACME))} == {ACME_ES, NAMED}
    said(table).merge(one(table, ACME), one(table, NAMED), "tester")
    newest = accounts.listed(table, Listed.NEWEST, "", 9).accounts
    assert {a.id for a in newest} == {ACME, ACME_ES}
    assert {a.id for a in accounts.namesakes(table, one(table, ACME))} == {ACME_ES}
    customer = replace(one(table, ACME), status=Status.CUSTOMER)
    said(table).save(customer)
    found = {
        status: [a.id for a in accounts.listed(table, Listed.STATUS, status, 9).accounts]
        for status in Status
    }
    assert found == {Status.PROSPECT: [ACME_ES], Status.CUSTOMER: [ACME], Status.FORMER: []}


def test_an_account_with_leads_is_not_removed_and_an_empty_one_is(table: MemoryTable) -> None:
    """Nor one into which others were merged."""
    with pytest.raises(errors.Conflict, match="leads"):
        said(table).delete(one(table, ACME))
    assert said(table).insert(Account("0" * 32, "d:beta.com", by="tester"))
    said(table).delete(one(table, "0" * 32))
    assert account_key("0" * 32) not in table.items


def test_an_account_whose_item_is_not_there_is_as_its_leads_tell_of_it(table: MemoryTable) -> None:
    """Those stored before there were accounts, until they are written anew."""
    before = one(table, ACME)
    del table.items[account_key(ACME)]
    told = accounts.found(table, ACME)
    assert told is not None
    assert (told.version, told.domain, told.name) == (0, before.domain, before.name)
    assert accounts.found(table, "0" * 32) is None


# --- what pages cost -------------------------------------------------------------------------

LEADS = 10_000


def crowd() -> Iterator[Touch]:
    """Ten thousand people: one in a hundred at one company and tagged, the others on their own."""
    for n in range(1, LEADS + 1):
        few = n % 100 == 0
        email = f"p{n}@acme.com" if few else f"p{n}@company{n}.com"
        yield touch(n, email=email, tags={"vip": True} if few else {})


@pytest.mark.slow
def test_a_page_costs_reads_by_its_items_among_ten_thousand_leads() -> None:
    """By account and by tag: entries and items read stay within thrice the page, whatever is there."""
    table = MemoryTable()
    rows = as_rows(list(crowd()))
    for start in range(0, LEADS, 500):
        upsert(table).store(rows[start : start + 500])
    for query in (
        LeadQuery(By.ACCOUNT, ACME, accounts=(ACME,)),
        LeadQuery(By.TAG, "vip"),
    ):
        for limit in (10, 50):
            table.requests.clear()
            counted = Counting(table)
            page = list_leads(counted, query, limit)  # type: ignore[arg-type]
            assert len(page.leads) == limit
            assert counted.read <= 3 * limit + 10
            assert table.requests.total() <= 8
    table.requests.clear()
    assert len(accounts.listed(table, Listed.NEWEST, "", 50).accounts) == 50
    assert table.requests.total() <= 8


class Counting:
    """A table that counts the entries and items that it hands out."""

    def __init__(self, table: MemoryTable) -> None:
        self.table, self.read = table, 0

    def get(self, keys: list[Key]) -> object:
        found = self.table.get(keys)
        self.read += len(found)
        return found

    def query(self, *args: object, **named: object) -> object:
        page = self.table.query(*args, **named)  # type: ignore[arg-type]
        self.read += len(page.items)
        return page
