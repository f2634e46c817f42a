"""The laws, as properties of the store on the fake table; `verify` is the oracle of each."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.model import Acquisition, Door, Fate, Policy, Touch
from chalicelib.store.erase import erase
from chalicelib.store.items import Lead
from chalicelib.store.suppression import Word
from chalicelib.store.suppressions import Ledger
from chalicelib.store.verify import read, verify
from tests.fakes import MemoryTable
from tests.store.people import RING, as_rows, crowds, picture, touch, upsert


@settings(max_examples=300)
@given(crowds(), st.randoms())
def test_any_order_gives_the_same_leads(crowd: list[Touch], chance: random.Random) -> None:
    """Submissions one by one in any order: the same partition and values, and all balances."""
    one, other = MemoryTable(), MemoryTable()
    upsert(one).store(crowd)
    shuffled = list(crowd)
    chance.shuffle(shuffled)
    upsert(other).store(shuffled)
    assert verify(one.items.items()) == []
    assert verify(other.items.items()) == []
    assert picture(one) == picture(other)


@settings(max_examples=300)
@given(crowds(), st.integers(0, 8))
def test_a_batch_gives_the_same_leads_as_single_submissions(crowd: list[Touch], cut: int) -> None:
    """Split among batches anywhere: the same partition and values as one by one."""
    rows = as_rows(crowd)
    one, other = MemoryTable(), MemoryTable()
    single = upsert(one)
    for row in rows:
        single.one(row)
    upsert(other).store(rows[:cut])
    upsert(other).store(rows[cut:])
    assert verify(one.items.items()) == []
    assert verify(other.items.items()) == []
    assert picture(one) == picture(other)


@settings(max_examples=200)
@given(crowds(), st.data())
def test_undo_equals_the_fold_of_the_rest(crowd: list[Touch], data: st.DataObject) -> None:
    """Taking some submissions back leaves what the others alone make, and back again."""
    table = MemoryTable()
    store = upsert(table)
    stored = store.store(crowd)
    before = picture(table)
    gone = data.draw(st.lists(st.sampled_from(stored), unique_by=lambda t: t.id))
    for each in gone:
        store.turn({each.id: Fate.UNDONE})
        assert verify(table.items.items()) == []
    rest = [t for t in read(table.items.items()).touches.values() if t.fate.effective]
    assert {t.id for t in rest} == {t.id for t in crowd} - {t.id for t in gone}
    for each in reversed(gone):
        store.turn({each.id: each.fate})
        assert verify(table.items.items()) == []
    assert picture(table) == before


def test_what_an_undo_made_the_first_is_as_it_arrived_once_all_is_given_back() -> None:
    """Somebody else's phone moves away and back: what only creates counts as it did before."""
    table = MemoryTable()
    store = upsert(table)
    phone, bought = "+34600000001", Acquisition.PARTNER
    only = {"company": Policy.CREATE}
    crowd = [
        touch(1, phone=phone),
        touch(2, email="b@x.org", phone=phone, acquisition=bought, policies=only, company="Acme"),
        touch(3, email="a@x.org", phone=phone),
    ]
    one, _, other = store.store(crowd)
    before = picture(table)
    for each in (other, one):
        store.turn({each.id: Fate.UNDONE})
    for each in (one, other):
        store.turn({each.id: each.fate})
        assert verify(table.items.items()) == []
    assert picture(table) == before


@settings(max_examples=200)
@given(crowds(), st.data())
def test_merge_unmerge_and_undo_compose(crowd: list[Touch], data: st.DataObject) -> None:
    """Whatever people merge, part and take back, in between submissions, all balances."""
    table = MemoryTable()
    store = upsert(table)
    for each in crowd:
        store.store([each])
        alive = sorted(k for k, v in read(table.items.items()).leads.items() if v.alive)
        step = data.draw(st.sampled_from(["", "merge", "unmerge", "undo"]))
        if step == "merge" and len(alive) > 1:
            left, right = data.draw(st.permutations(alive))[:2]
            store.merge(left, right, "tester")
        if step == "unmerge":
            lead = read(table.items.items()).leads[data.draw(st.sampled_from(alive))]
            if len(lead.nodes) > 1:
                store.unmerge(lead.id, [data.draw(st.sampled_from(lead.nodes))], "tester")
        if step == "undo":
            taken = [t for t in read(table.items.items()).touches.values() if t.fate.effective]
            store.turn(
                {data.draw(st.sampled_from(sorted(taken, key=lambda t: t.id))).id: Fate.UNDONE}
            )
        assert verify(table.items.items()) == [], step


def _erase(table: MemoryTable, lead: Lead) -> None:
    ledger = Ledger(table, RING)
    erase(upsert(table), ledger, lead, Word(1, Door.API, "tester"), lambda _key: None)


STEPS = ("merge", "unmerge", "dismiss", "undo", "redo", "edit", "erase")


@settings(max_examples=200)
@given(crowds(), st.data())
def test_whatever_anybody_does_the_store_balances(crowd: list[Touch], data: st.DataObject) -> None:
    """Intake, edit, merge, unmerge, dismiss, undo, redo and erase in any order."""
    table = MemoryTable()
    store = upsert(table)
    undone: dict[str, Fate] = {}
    for number, each in enumerate(crowd):
        store.store(as_rows([each], f"i{number}#1") if number % 2 else [each])
        for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=3)):
            stored = read(table.items.items())
            alive = sorted((v for v in stored.leads.values() if v.alive), key=lambda v: v.id)
            taken = sorted(t.id for t in stored.touches.values() if t.fate.effective)
            undone = {k: v for k, v in undone.items() if stored.touches[k].fate is Fate.UNDONE}
            if step == "redo" and undone:
                receipt = data.draw(st.sampled_from(sorted(undone)))
                store.turn({receipt: undone.pop(receipt)})
            if not alive:
                continue
            lead = data.draw(st.sampled_from(alive))
            other = data.draw(st.sampled_from(alive))
            if step in ("merge", "dismiss") and other.id != lead.id:
                getattr(store, step)(lead.id, other.id, "tester")
            if step == "unmerge" and len(lead.nodes) > 1:
                store.unmerge(lead.id, [data.draw(st.sampled_from(lead.nodes))], "tester")
            if step == "undo":
                one = stored.touches[data.draw(st.sampled_from(taken))]
                undone[one.id] = one.fate
                store.turn({one.id: Fate.UNDONE})
            if step == "edit":
                edit = touch(10**6 + len(stored.touches), email="e@x.org", company="Edited")
                store.unite(lead.nodes[0], edit.node, "tester")
                store.one(edit)
            if step == "erase":
                _erase(table, lead)
                gone = read(table.items.items()).touches
                assert not any(gone[t].values for t in gone if gone[t].reason == "erased")
            assert verify(table.items.items()) == [], step
