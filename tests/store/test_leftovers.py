"""What nobody needs any more: accounts that nobody is at leave the lists, left-over entries go."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib import errors
from chalicelib.intake.company import account_id, company_of
from chalicelib.model import Fate, Touch
from chalicelib.ports import Key
from chalicelib.store import accounts, items
from chalicelib.store.account_items import Account
from chalicelib.store.accounts import Accounts, Listed
from chalicelib.store.leftovers import clear_tags, vacate
from chalicelib.store.looking import look
from chalicelib.store.membership import mentioned
from chalicelib.store.mend import mend
from chalicelib.store.takeback import give_back, take_back
from chalicelib.store.upsert import Upsert
from chalicelib.store.verify import read, verify
from tests.fakes import MemoryTable
from tests.store.people import RING, as_rows, touch, upsert
from tests.store.test_forecast import deal, ledger
from tests.store.test_tags import entries, tagged

ACME, BETA = account_id("d:acme.com"), account_id("d:beta.com")
NOW = 2_000_000


def listed(table: MemoryTable) -> set[str]:
    """The accounts that the whole list shows, by all its orders."""
    newest = accounts.listed(table, Listed.NEWEST, "", 100).accounts
    named = [
        each
        for first in "abcdefghijklmnopqrstuvwxyz"
        for each in accounts.listed(table, Listed.NAME, first, 100).accounts
    ]
    assert {each.id for each in named} <= {each.id for each in newest}
    return {each.id for each in newest}


def undo(table: MemoryTable, *touches: Touch) -> None:
    """Take some submissions back as an undo does."""
    stored = read(list(table.items.items())).touches
    take_back(upsert(table), [stored[one.id] for one in touches], "undo")
    vacate(table, sorted(set().union(*map(mentioned, touches))))


def redo(table: MemoryTable, *touches: Touch) -> None:
    """Give them back."""
    stored = read(list(table.items.items())).touches
    give_back(upsert(table), [stored[one.id] for one in touches])


@pytest.mark.parametrize("file", [False, True])
def test_an_account_leaves_the_lists_with_its_last_lead_and_comes_back(file: bool) -> None:
    """Undone it is nowhere; redone, or with a lead of any door, it is where it was."""
    table = MemoryTable()
    ana, eva = touch(1, email="ana@acme.com", company="Acme"), touch(2, email="eva@acme.com")
    upsert(table).store(as_rows([ana, eva]) if file else [ana, eva])
    place = items.present(dict(table.items[Key(f"A#{ACME}", "A")]))
    undo(table, ana)
    assert listed(table) == {ACME}
    undo(table, eva)
    assert listed(table) == set()
    assert accounts.found(table, ACME) is None
    assert verify(table.items.items()) == []
    redo(table, ana)
    assert listed(table) == {ACME}
    now = table.items[Key(f"A#{ACME}", "A")]
    assert {n: now[n] for n in ("g1", "g1s", "b")} == {n: place[n] for n in ("g1", "g1s", "b")}
    undo(table, ana)
    new = touch(3, email="leo@acme.com", company="Acme Inc.")
    upsert(table).store(as_rows([new], "i3#1") if file else [new])
    assert listed(table) == {ACME}
    assert verify(table.items.items()) == []
    assert [one.what for one in look(table, RING, list(table.items.items()), NOW).wrong] == []


def test_what_people_say_or_sell_keeps_an_account_in_the_lists() -> None:
    """One that somebody described, merged, or has an opportunity with stands for that."""
    table = MemoryTable()
    rows = [touch(n, email=f"p{n}@{name}.com") for n, name in enumerate(("a", "b", "c", "d"), 1)]
    upsert(table).store(rows)
    a, b, c, d = (accounts.by_id(table, [account_id(f"d:{n}.com")]).popitem()[1] for n in "abcd")
    book = Accounts(table, lambda: NOW)
    book.save(replace(a, said={"website": "https://a.com"}, by="key:1"))
    ledger(table).create(deal(1, account=b.id))
    book.merge(c, d, "key:1")
    undo(table, *rows)
    assert listed(table) == {a.id, b.id, c.id}


def test_an_account_out_of_the_lists_is_made_anew_by_a_person() -> None:
    """As if it had never been; one that is in them is refused."""
    table = MemoryTable()
    ana = touch(1, email="ana@acme.com")
    upsert(table).one(ana)
    book = Accounts(table, lambda: NOW)
    made = Account(ACME, "d:acme.com", name="Acme", by="key:1")
    assert not book.insert(made)
    undo(table, ana)
    assert book.insert(made)
    assert listed(table) == {ACME}
    [there] = accounts.by_id(table, [ACME]).values()
    assert (there.name, there.by, there.created_ms) == ("Acme", "key:1", NOW)
    assert not book.insert(made)


def test_somebody_who_comes_in_at_that_moment_is_named_and_listed_again() -> None:
    """They saw the account in the lists and wrote nothing of it: `verify` says so, repair mends."""
    table = MemoryTable()
    ana = touch(1, email="ana@acme.com")
    upsert(table).one(ana)
    undone = False

    def before(name: str) -> None:
        nonlocal undone
        if name == "TransactWriteItems" and not undone:
            undone = True
            undo(table, ana)

    table.before = before
    late = upsert(table).one(touch(2, email="eva@acme.com"))
    assert verify(table.items.items()) == [f"account {ACME} of lead {late.lead} stands in no list"]
    # Whoever asks for it by its id finds it all the same.
    assert accounts.found(table, ACME) is not None
    wrong = look(table, RING, list(table.items.items()), NOW).wrong
    assert {one.name for one in wrong} == {late.lead}
    assert mend(table, RING, wrong, NOW) == []
    assert verify(table.items.items()) == []
    assert listed(table) == {ACME}


class Killed(BaseException):
    """Somebody pulled the plug."""


@pytest.mark.parametrize("dies", range(1, 12))
def test_an_undo_that_dies_anywhere_leaves_no_account_once_it_is_done_again(dies: int) -> None:
    """The second run finds nothing to take back and still takes the account out of the lists."""
    table = MemoryTable()
    rows = [touch(1, email="ana@acme.com"), touch(2, email="eva@beta.com")]
    upsert(table).store(rows)
    left = [dies]

    def before(_name: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    table.before = before
    try:
        undo(table, *rows)
    except Killed:
        table.before = lambda _name: None
        stored = read(list(table.items.items())).touches
        undo(table, *(stored[one.id] for one in rows if stored[one.id].fate.effective))
        vacate(table, [ACME, BETA])
    assert listed(table) == set()
    assert verify(table.items.items()) == []


PEOPLE = [
    touch(n, email=f"p{n}@{name}", company=company, phone=phone)
    for n, (name, company, phone) in enumerate(
        [
            ("acme.com", "Acme", ""),
            ("acme.com", None, "+34600000001"),
            ("beta.com", "Beta", ""),
            ("gmail.com", "Acme", "+34600000001"),
            ("gmail.com", None, ""),
            ("gmail.com", "Zeta", ""),
        ],
        1,
    )
]
STEPS = st.tuples(st.sampled_from(["in", "in", "out", "merge", "part"]), st.integers(0, 5))


@settings(max_examples=150)
@given(st.lists(STEPS, max_size=14))
def test_the_lists_show_the_companies_of_those_who_are_there(steps: list[tuple[str, int]]) -> None:
    """Whatever comes in, is undone, redone, merged and parted: each company once, and no other."""
    table = MemoryTable()
    store = upsert(table)
    for step, number in steps:
        before = at(table)
        _take(table, store, step, PEOPLE[number])
        vacate(table, sorted(before))
        assert listed(table) == at(table)
        assert verify(table.items.items()) == []


def at(table: MemoryTable) -> set[str]:
    """The accounts of all leads that are there."""
    leads = read(list(table.items.items())).leads.values()
    found = (company_of(lead.view) for lead in leads if lead.alive)
    return {company.id for company in found if company}


def _take(table: MemoryTable, store: Upsert, step: str, one: Touch) -> None:
    stored = read(list(table.items.items()))
    there = stored.touches.get(one.id)
    if step == "in" and there is None:
        store.one(one)
    elif step == "in" and there and there.fate is Fate.UNDONE:
        redo(table, one)
    elif step == "out" and there and there.fate.effective:
        undo(table, one)
    alive = sorted(lead.id for lead in stored.leads.values() if lead.alive)
    try:
        if step == "merge" and len(alive) > 1:
            store.merge(alive[0], alive[-1], "somebody")
        many = [lead for lead in stored.leads.values() if len(lead.nodes) > 1]
        if step == "part" and many:
            store.unmerge(many[0].id, [many[0].nodes[0]], "somebody")
    except errors.Conflict:
        pass


# --- entries under tags ----------------------------------------------------------------------


def left_over() -> MemoryTable:
    """A lead with a tag, whose older entry a batch left over, and one that a row took off."""
    table = MemoryTable()
    upsert(table).store(as_rows([touch(5, email="a@x.org", tags={"vip": True})], "i5#1"))
    upsert(table).store(as_rows([touch(1, email="a@x.org", tags={"old": True})], "i1#1"))
    upsert(table).store(as_rows([touch(7, email="a@x.org", tags={"old": False})], "i7#1"))
    assert entries(table) == 3
    return table


def test_entries_that_no_lead_needs_are_removed_and_no_other() -> None:
    """Of whoever is gone too; what is needed stays as it is."""
    table = left_over()
    table.items[Key("TAG#vip#0", f"{9:013d}#{'0' * 32}")] = {"v": 1}
    before = dict(table.items)
    assert clear_tags(table, list(table.items.items())) == 3
    assert (entries(table), tagged(table, "vip"), tagged(table, "old")) == (1, ["a@x.org"], [])
    assert all(before[key] == item for key, item in table.items.items())
    assert clear_tags(table, list(table.items.items())) == 0
    assert verify(table.items.items()) == []


@pytest.mark.parametrize("request_name", ["BatchExecuteStatement", "TransactWriteItems"])
def test_a_tag_that_comes_back_in_between_keeps_its_entry(request_name: str) -> None:
    """Before its entry is marked, or between the mark and its going: it stays."""
    table = left_over()
    page = [(key, dict(item)) for key, item in table.items.items()]
    came = False

    def before(name: str) -> None:
        nonlocal came
        if name == request_name and not came:
            came = True
            upsert(table).one(touch(8, email="a@x.org", tags={"old": True}))

    table.before = before
    clear_tags(table, page)
    assert came
    assert tagged(table, "old") == ["a@x.org"]
    assert verify(table.items.items()) == []
    table.before = lambda _name: None
    clear_tags(table, list(table.items.items()))
    assert (entries(table), verify(table.items.items())) == (2, [])


def test_whoever_dies_in_between_leaves_what_the_next_one_clears() -> None:
    """A mark is no removal."""
    table = left_over()

    def before(name: str) -> None:
        if name == "TransactWriteItems":
            raise Killed

    table.before = before
    with pytest.raises(Killed):
        clear_tags(table, list(table.items.items()))
    table.before = lambda _name: None
    assert verify(table.items.items()) == []
    assert clear_tags(table, list(table.items.items())) == 2
    assert entries(table) == 1


def test_taking_accounts_out_of_the_lists_costs_five_queries_each() -> None:
    """Whatever else is stored; those that are out already, or described, cost none."""
    table = MemoryTable()
    rows = [touch(n, email=f"p{n}@a{n}.com") for n in range(1, 31)]
    upsert(table).store(rows)
    stored = read(list(table.items.items()))
    take_back(upsert(table), list(stored.touches.values())[:20], "undo")
    table.requests.clear()
    assert vacate(table, list(stored.accounts)) == 20
    # Where somebody is, one page of the leads and the read of one of them.
    assert table.requests["Query"] <= 20 * 5 + 10 * 4
    assert table.requests["BatchGetItem"] + table.requests["BatchExecuteStatement"] <= 1 + 1 + 10
    table.requests.clear()
    assert vacate(table, [a for a in stored.accounts if not at(table) & {a}]) == 0
    assert table.requests == {"BatchGetItem": 1}
