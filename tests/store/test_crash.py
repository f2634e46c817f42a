"""A worker may die at any instruction: the redelivery finishes the work, and all balances."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import Contended
from chalicelib.model import Fate, Touch
from chalicelib.store.verify import read, verify
from tests.fakes import MemoryTable
from tests.store.people import as_rows, crowds, picture, touch, upsert


class Killed(BaseException):
    """What no handler catches: the process is gone."""


def after(requests: int) -> Callable[[str], None]:
    """Let so many requests pass, then die."""
    left = [requests]

    def before(_name: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    return before


def store_killed(table: MemoryTable, rows: list[Touch], deaths: list[int]) -> list[Touch]:
    """Store a batch whose worker dies after so many requests, each time; then let it through."""
    for requests in deaths:
        table.before = after(requests)
        try:
            upsert(table).store(rows)
        except Killed:
            continue
    table.before = lambda _name: None
    return upsert(table).store(rows)


@settings(max_examples=300)
@given(crowds(), st.lists(st.integers(0, 12), max_size=4))
def test_a_batch_killed_anywhere_ends_as_if_undisturbed(
    crowd: list[Touch], deaths: list[int]
) -> None:
    """Whatever request the worker dies before, again and again: the same leads, and balance."""
    rows = as_rows(crowd)
    calm, killed = MemoryTable(), MemoryTable()
    upsert(calm).store(rows)
    done = store_killed(killed, rows, deaths)
    assert verify(killed.items.items()) == []
    assert picture(killed) == picture(calm)
    again = upsert(killed).store(rows)
    assert [t.fate for t in again] == [t.fate for t in done], "fates first given are given again"


@settings(max_examples=200)
@given(crowds(), crowds(), st.lists(st.integers(0, 12), max_size=3), st.integers(0, 20))
def test_others_may_write_while_a_batch_lies_dead(
    crowd: list[Touch], others: list[Touch], deaths: list[int], seed: int
) -> None:
    """Forms that come between a batch's death and its redelivery lose and double nothing."""
    rows = as_rows(crowd)
    forms = [replace(t, id=f"{int(t.id, 16) + 100:032x}") for t in others]
    table = MemoryTable()
    for number, requests in enumerate(deaths):
        table.before = after(requests)
        with suppress(Killed):
            upsert(table).store(rows)
        table.before = lambda _name: None
        for form in forms[number :: max(1, len(deaths))]:
            # Whoever must fold a lead waits until the batch is sealed; it is dead by now.
            with suppress(Contended):
                upsert(table).one(form)
    upsert(table).store(rows)
    upsert(table).store(forms)
    calm = MemoryTable()
    upsert(calm).store(forms)
    upsert(calm).store(rows)
    assert verify(table.items.items()) == []
    assert picture(table) == picture(calm)


def test_a_lost_answer_is_not_a_repetition() -> None:
    """The transaction took effect but its answer was lost: the next attempt knows it as its own."""

    class Deaf(MemoryTable):
        def transact(self, writes: object) -> bool:
            super().transact(writes)  # type: ignore[arg-type]
            return False

    table = Deaf()
    done = upsert(table).one(touch(1, email="ana@x.org"))
    assert done.fate is Fate.CREATED
    assert read(table.items.items()).touches[done.id].repeats == 0


def test_a_row_dropped_twice_is_repeated_and_raises_the_count_once_per_import() -> None:
    """Another import of the same rows: `repeated`, however often its chunk is delivered."""
    table = MemoryTable()
    first = as_rows([touch(1, email="ana@x.org"), touch(2, email="eva@x.org")], "one#1")
    upsert(table).store(first)
    again = [replace(row, chunk="two#1") for row in first]
    for _ in range(3):
        assert [t.fate for t in upsert(table).store(again)] == [Fate.REPEATED] * 2
    assert [t.repeats for t in read(table.items.items()).touches.values()] == [1, 1]
    assert verify(table.items.items()) == []
