"""Condensing: whatever comes, goes, is merged or parted afterwards, all is as if it had not been."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.intake import fold
from chalicelib.model import Fate, Policy, StageWord, Touch
from chalicelib.store.condense import condense
from chalicelib.store.explain import explain
from chalicelib.store.history import touches_of
from chalicelib.store.items import Lead
from chalicelib.store.submission_items import is_condensed
from chalicelib.store.verify import read, verify
from tests.fakes import MemoryTable
from tests.store.people import as_rows, crowds, picture, touch, upsert

STEPS = ("merge", "unmerge", "dismiss", "undo", "redo", "condense", "condense", "")


def everything(table: MemoryTable) -> set[tuple[object, ...]]:
    """Values, stamps, tags, notes, ends, counts: all that a lead shows, by its nodes."""
    leads = read(table.items.items()).leads.values()
    return {(lead.nodes, lead.keys, repr(_plain(lead))) for lead in leads if lead.alive}


def _plain(lead: Lead) -> object:
    view = lead.view
    return (
        sorted(view.values.items()), sorted(view.tags.items()), sorted(view.notes.items()),
        view.first, view.last, view.touches, view.created_ms, sorted(view.needs), view.standing,
    )  # fmt: skip


def condensed(table: MemoryTable, before_ms: int = 10**15) -> int:
    """Condense every node once; how many touches went."""
    store, nodes = upsert(table), sorted(read(table.items.items()).filed)
    return sum(condense(store, node, before_ms, lambda _key: None) for node in nodes)


@settings(max_examples=250)
@given(crowds(most=12), st.data())
def test_a_condensed_store_stays_the_twin_of_one_that_is_not(
    crowd: list[Touch], data: st.DataObject
) -> None:
    """Intake, rows, merge, unmerge, dismiss, undo and redo in any order, condensing in between."""
    one, other = MemoryTable(), MemoryTable()
    undone: dict[str, Fate] = {}
    for number, each in enumerate(crowd):
        for table in (one, other):
            upsert(table).store(as_rows([each], f"i{number}#1") if number % 2 else [each])
        for step in data.draw(st.lists(st.sampled_from(STEPS), max_size=3)):
            _both(one, other, step, undone, data)
            assert verify(one.items.items()) == [], step
            assert verify(other.items.items()) == [], step
            assert everything(one) == everything(other), step
    condensed(one)
    assert verify(one.items.items()) == []
    assert everything(one) == everything(other)
    assert picture(one) == picture(other)


def _both(
    one: MemoryTable, other: MemoryTable, step: str, undone: dict[str, Fate], data: st.DataObject
) -> None:
    """The same step at both, where it can still be said of both."""
    if step == "condense":
        condensed(one)
        return
    stored = read(one.items.items())
    free = {r for r, t in stored.touches.items() if t.fate.effective and not t.base}
    stores = (upsert(one), upsert(other))
    if step == "undo" and free:
        receipt = data.draw(st.sampled_from(sorted(free)))
        undone[receipt] = stored.touches[receipt].fate
        for store in stores:
            store.turn({receipt: Fate.UNDONE})
    if step == "redo" and undone:
        receipt = data.draw(st.sampled_from(sorted(undone)))
        fate = undone.pop(receipt)
        for store in stores:
            store.turn({receipt: fate})
    alive = sorted((lead for lead in stored.leads.values() if lead.alive), key=lambda v: v.id)
    if step in ("merge", "dismiss") and len(alive) > 1:
        left, right = data.draw(st.permutations(alive))[:2]
        for store in stores:
            getattr(store, step)(left.id, right.id, "tester")
    if step == "unmerge" and alive:
        lead = data.draw(st.sampled_from(alive))
        if len(lead.nodes) > 1:
            node = data.draw(st.sampled_from(lead.nodes))
            for store in stores:
                store.unmerge(lead.id, [node], "tester")


def many(table: MemoryTable, count: int = 10) -> str:
    """So many touches of one person; the lead."""
    return [
        upsert(table).one(touch(n, email="ana@x.org", company=f"C{n}", at=n))
        for n in range(1, count + 1)
    ][-1].lead


def test_what_was_in_between_becomes_one_touch() -> None:
    """The first and the last stay; the others leave an empty trace that says what they were."""
    table = MemoryTable()
    lead = many(table)
    before = read(table.items.items()).leads[lead]
    assert condensed(table) == 8
    stored = read(table.items.items())
    assert stored.leads[lead].view == before.view
    assert stored.leads[lead].version == before.version + 1
    assert len(touches_of(table, before, 100)) == 3
    traces = [t for t in stored.touches.values() if is_condensed(t)]
    assert len(traces) == 8
    assert not any(t.values or t.keys or t.node for t in traces)
    assert {t.was.partition("@")[0] for t in traces} == {"merged"}
    assert condensed(table) == 0


def test_a_base_takes_in_what_came_later() -> None:
    """There is never more than one for a node."""
    table = MemoryTable()
    lead = many(table)
    condensed(table)
    for n in range(11, 15):
        upsert(table).one(touch(n, email="ana@x.org", company=f"C{n}", at=n))
    assert condensed(table) == 5  # the base, the last of before, and three of the new ones
    bases = [t for t in read(table.items.items()).touches.values() if t.base]
    assert len(bases) == 1
    assert bases[0].base
    assert len(bases[0].base.took) == 12
    assert read(table.items.items()).leads[lead].view.touches == 14


def test_what_was_condensed_is_repeated_when_it_comes_again() -> None:
    """It took effect, and still does."""
    table = MemoryTable()
    many(table)
    condensed(table)
    again = upsert(table).one(touch(5, email="ana@x.org", company="C5", at=5))
    assert again.fate is Fate.REPEATED
    assert verify(table.items.items()) == []


def test_only_what_is_old_enough_is_condensed() -> None:
    """By the time it happened and by the time it came."""
    table = MemoryTable()
    many(table)
    assert condensed(table, 1_000_005) == 3


@pytest.mark.parametrize(
    "special",
    [
        {"policies": {"company": Policy.CREATE}},
        {"values": {"email": "ana@x.org", "consent": "true"}},
        {"muted": {"company": Policy.OVERWRITE}},
        {"stage": StageWord("won", 3)},
        {"values": {"email": "ana@x.org", "cv": f"files/contact/{5:032x}/{'a' * 32}/cv.pdf"}},
    ],
)
def test_what_is_needed_by_itself_stays(special: dict[str, object]) -> None:
    """What a first touch alone may set, a proof, a stage, a column taken back, a file."""
    table = MemoryTable()
    for n in range(1, 11):
        made = touch(n, email="ana@x.org", company=f"C{n}", at=n)
        upsert(table).one(replace(made, **special) if n == 5 else made)  # type: ignore[arg-type]
    assert condensed(table) == 7
    assert read(table.items.items()).touches[f"{5:032x}"].fate.effective
    assert verify(table.items.items()) == []


def test_the_explanation_names_the_submission_that_won() -> None:
    """Though it is part of a base by now."""
    table = MemoryTable()
    lead = many(table)
    store = upsert(table)
    store.one(touch(3, email="ana@x.org"))
    store.one(touch(20, email="ana@x.org", first_name="Ana", at=6))
    store.one(touch(21, email="ana@x.org", at=21))
    condensed(table)
    found = read(table.items.items()).leads[lead]
    told = explain(found.view, touches_of(table, found, 100))
    assert told["first_name"].winner.stamp.id == f"{20:032x}"
    assert told["company"].winner.value == "C10"


def test_a_batch_that_has_not_sealed_is_waited_for() -> None:
    """Its rows are in the lead and not among the touches yet."""
    table = MemoryTable()
    lead = many(table)
    key = next(key for key in table.items if key.pk == f"L#{lead}")
    there = read(table.items.items()).leads[lead]
    from chalicelib.store.lead_items import lead_item

    waiting = replace(there, applied={"f" * 32: "m"})
    table.items[key] = {k: v for k, v in lead_item(waiting).items() if v is not None} | {"v": 50}
    assert condensed(table) == 0


def test_an_undo_of_a_touch_beside_a_base_is_exact() -> None:
    """What was beaten by it shows again, out of the base."""
    table = MemoryTable()
    lead = many(table)
    condensed(table)
    upsert(table).turn({f"{10:032x}": Fate.UNDONE})
    view = read(table.items.items()).leads[lead].view
    assert view.visible()["values"]["company"] == "C9"  # type: ignore[index]
    assert view.touches == 9
    assert verify(table.items.items()) == []


def test_a_fold_with_a_base_is_the_same_in_any_order() -> None:
    """As every fold is."""
    table = MemoryTable()
    many(table)
    condensed(table)
    own = [t for t in read(table.items.items()).touches.values() if t.fate.effective]
    assert fold.fold(own) == fold.fold(list(reversed(own)))
