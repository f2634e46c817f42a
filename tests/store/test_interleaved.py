"""Schedules of two writers that once lost or doubled something, each as it was found."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib import errors
from chalicelib.intake.identify import rank_of
from chalicelib.model import Fate, Mode, Policy, Touch
from chalicelib.store import items
from chalicelib.store.plan import MOST_KEYS
from chalicelib.store.verify import read, verify
from tests.fakes import MemoryTable
from tests.store.people import as_rows, picture, touch, upsert
from tests.store.schedules import Schedule
from tests.store.test_crash import Killed

PHONE = "+34600000001"
READ, WRITE = "BatchGetItem", "BatchExecuteStatement"


def at(table: MemoryTable, kind: str, turn: int, act: Callable[[], object]) -> None:
    """Act once, right before the so-manieth request of a kind from now on."""
    met = [0]

    def before(name: str) -> None:
        met[0] += name == kind
        if met[0] == turn:
            table.before = lambda _name: None
            act()

    table.before = before


def killed(table: MemoryTable, rows: list[Touch], turn: int) -> None:
    """Store a batch whose worker dies before its so-manieth batch of writes."""

    def die() -> None:
        raise Killed

    at(table, WRITE, turn, die)
    try:
        upsert(table).store(rows)
    except Killed:
        return
    raise AssertionError("it was to die")


def balanced(table: MemoryTable) -> bool:
    return verify(table.items.items()) == []


def test_a_claim_made_while_a_form_is_on_its_way_is_kept() -> None:
    """The read that evens out the calls does not vouch for what was planned before it."""
    table = MemoryTable()
    store = upsert(table)
    at(table, READ, 3, lambda: store.one(touch(2, email="a@x.org", phone=PHONE)))
    store.one(touch(1, phone=PHONE, first_name="Ana"))
    assert balanced(table)


def test_a_lead_on_its_way_learns_that_its_node_went_elsewhere() -> None:
    """An owner that changes retires the lead that a batch is about to insert."""
    table = MemoryTable()
    store = upsert(table)
    policies = {"company": Policy.CREATE}
    store.one(touch(1, email="b@x.org", at=5, company="Acme", policies=policies))
    at(table, WRITE, 2, lambda: store.one(touch(2, email="b@x.org", external="1", at=1)))
    store.store(as_rows([touch(3, email="a@x.org", external="1", at=3)], "i#1"))
    assert balanced(table)


def test_a_row_refused_for_its_mode_leaves_no_claim() -> None:
    """It died with its homes written; by its redelivery the person is known."""
    table = MemoryTable()
    row = replace(as_rows([touch(1, email="a@x.org", phone=PHONE)], "i#1")[0], mode=Mode.CREATE)
    at(table, "TransactWriteItems", 1, lambda: upsert(table).one(touch(2, email="a@x.org")))
    assert upsert(table).store([row])[0].fate is Fate.IGNORED
    assert balanced(table)


def test_a_row_applied_by_a_batch_is_not_applied_again_alone() -> None:
    """Its lead has it already; only the seal is missing."""
    table = MemoryTable()
    row = as_rows([touch(1, email="a@x.org")], "i#1")
    killed(table, row, 3)
    assert upsert(table).one(row[0]).fate is Fate.CREATED
    assert balanced(table)


def test_a_row_taken_back_between_two_reads_stays_taken_back() -> None:
    """A redelivery that read the lead before and the seal after an undo looks again."""
    table = MemoryTable()
    row = as_rows([touch(1, email="a@x.org")], "i#1")
    killed(table, row, 3)

    def undo() -> None:
        upsert(table).store(row)
        upsert(table).turn({row[0].id: Fate.UNDONE})

    at(table, READ, 3, undo)
    upsert(table).store(row)
    assert balanced(table)


def test_a_node_that_only_a_batch_on_its_way_has_leaves_its_lead() -> None:
    """A lead that is alive holds no node without a touch."""
    table = MemoryTable()
    store = upsert(table)

    def others() -> None:
        store.one(touch(2, phone=PHONE, at=5))
        store.one(touch(3, email="c@x.org", phone=PHONE, at=1))

    at(table, WRITE, 2, others)
    store.store(as_rows([touch(1, email="a@x.org", phone=PHONE, at=3)], "i#1"))
    assert balanced(table)


def test_a_claim_taken_back_while_its_row_is_on_its_way_is_made_again() -> None:
    """The rank of the row's own claim is written anew under the home's version."""
    table = MemoryTable()
    store = upsert(table)
    first = store.one(touch(1, email="a@x.org", phone=PHONE, at=5))
    store.one(touch(2, email="a@x.org", phone=PHONE, at=6))
    row = as_rows([touch(3, email="a@x.org", phone=PHONE, at=3)], "i#1")
    killed(table, row, 2)
    at(table, READ, 2, lambda: store.turn({first.id: Fate.UNDONE}))
    store.store(row)
    assert balanced(table)


def test_a_constant_external_id_parts_people_instead_of_blocking_the_chunk() -> None:
    """A mis-mapped column: beyond the bound it identifies nobody, and every row is stored."""
    table = MemoryTable()
    rows = [touch(n, email=f"p{n}@x.org", phone=f"+346{n:08d}", external="0") for n in range(1, 41)]
    done = upsert(table).store(as_rows(rows, "i#1"))
    assert len({t.lead for t in done if t.fate is not Fate.QUARANTINED}) >= 1
    assert balanced(table)


def test_a_claim_of_a_batch_that_died_has_its_edges_drawn_when_it_comes_again() -> None:
    """Its node has got a lead by a form without that key in the meantime."""
    table = MemoryTable()
    row = as_rows([touch(1, email="a@x.org", phone=PHONE)], "i#1")
    upsert(table).one(touch(2, phone=PHONE))
    node, key = row[0].keys
    home = table.items.pop(items.home_key(key))
    upsert(table).one(touch(3, email="a@x.org"))
    table.items[items.home_key(key)] = home
    claimed = items.read_home(key, home)
    claims = {**claimed.claims, node: rank_of(row[0])}
    table.items[items.home_key(key)] |= items.present(
        items.home_item(replace(claimed, claims=claims))
    )
    upsert(table).store(row)
    assert balanced(table)
    assert len({lead for lead, _ in picture(table)}) == 1


def test_who_read_a_claim_before_it_was_taken_back_reads_again() -> None:
    """It found its own claim there already and writes no home: only the lead can tell it."""
    table = MemoryTable()
    store = upsert(table)
    first = store.one(touch(1, email="a@x.org", phone=PHONE, at=2))
    store.one(touch(2, email="a@x.org", phone=PHONE, at=4))
    at(table, READ, 2, lambda: store.turn({first.id: Fate.UNDONE}))
    store.one(touch(3, email="a@x.org", phone=PHONE, at=3))
    assert balanced(table)


def test_two_homes_that_name_one_lead_are_both_held_against_it() -> None:
    """A node that left its lead between two reads is not written into it again."""
    table = MemoryTable()
    store = upsert(table)
    store.one(touch(1, phone=PHONE))
    gone = store.one(touch(2, email="a@x.org", phone=PHONE))
    at(table, READ, 2, lambda: store.turn({gone.id: Fate.UNDONE}))
    store.one(touch(3, email="a@x.org", phone=PHONE))
    assert balanced(table)


def test_a_claim_of_a_dead_batch_has_its_edges_drawn_though_others_brought_its_key() -> None:
    """Its node lost its lead to a fold anew, and found another by the same external id."""
    table = MemoryTable()
    row = as_rows([touch(1, email="c@x.org", external="2", at=0)], "i#1")
    killed(table, row, 2)
    store = upsert(table)
    create = {"company": Policy.CREATE}
    store.one(touch(104, email="a@x.org", at=0, company="Acme", policies=create))
    store.one(touch(107, email="a@x.org", external="2", at=0))
    store.one(touch(103, external="2", at=0))
    store.one(touch(106, email="b@x.org", external="2", at=0))
    store.store(row)
    assert balanced(table)
    assert len({lead for lead, _ in picture(table)}) == 1


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_schedules_of_writers_who_die_and_lose_answers_end_in_balance(start: int) -> None:
    """At the grain of single statements, by seed: `python -m tests.store.schedules` runs more."""
    for seed in range(start, start + 100):
        assert Schedule(seed).run() == [], seed


def test_a_claim_of_a_dead_batch_does_not_bring_to_life_whom_people_decided_about() -> None:
    """Its node was merged, then taken back; who meets its claim does not unite with it alone."""
    table = MemoryTable()
    store = upsert(table)
    stays = store.one(touch(1, email="a@x.org"))
    gone = store.one(touch(2, email="b@x.org"))

    def die() -> None:
        raise Killed

    def others() -> None:
        store.merge(stays.lead, gone.lead, "tester")
        store.turn({gone.id: Fate.UNDONE})
        at(table, WRITE, 1, die)

    row = as_rows([touch(3, email="b@x.org", external="1", at=3)], "i#1")
    at(table, WRITE, 1, others)
    with pytest.raises(Killed):
        store.store(row)
    table.before = lambda _name: None
    store.one(touch(4, email="c@x.org", external="1", at=4))
    store.store(row)
    assert balanced(table)
    assert len(picture(table)) == 1


def test_an_address_in_a_list_with_hundreds_of_phones_takes_no_more_than_a_person_has() -> None:
    """A placeholder: what goes beyond the bound waits for a person and claims nothing."""
    table = MemoryTable()
    rows = [touch(n, email="no@x.org", phone=f"+346{n:08d}") for n in range(1, 151)]
    done = upsert(table).store(as_rows(rows, "i#1"))
    held = [each for each in done if each.fate is Fate.QUARANTINED]
    assert len(held) == len(rows) - (MOST_KEYS - 1)
    assert {each.reason for each in held} == {"too_many_keys"}
    assert upsert(table).one(touch(200, email="no@x.org", phone="+34600000001")).fate.effective
    assert balanced(table)


def test_two_people_are_not_merged_into_one_with_more_keys_than_a_person_has() -> None:
    """The API's merge is a conflict beyond the bound, and nothing has changed."""
    table = MemoryTable()
    store = upsert(table)
    for name in ("a", "b"):
        rows = [
            touch(ord(name) * 1000 + n, email=f"{name}@x.org", phone=f"+34{ord(name)}{n:06d}")
            for n in range(60)
        ]
        store.store(as_rows(rows, f"{name}#1"))
    left, right = (lead.id for lead in read(table.items.items()).leads.values())
    with pytest.raises(errors.Conflict) as refused:
        store.merge(left, right, "tester")
    assert refused.value.code in ("too_many_keys", "too_entangled")
    assert balanced(table)
