"""The forecast's counters: exact after anything, in one transaction with each opportunity."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib import errors
from chalicelib.model import to_ms
from chalicelib.store.forecast import NO_MONTH, Place, counters, sums_of
from chalicelib.store.opportunities import Opportunities, Wanted
from chalicelib.store.opportunity import (
    Opportunity,
    Period,
    Status,
    monthly,
    opportunity_item,
    read_opportunity,
)
from chalicelib.store.verify import verify
from tests.fakes import MemoryTable

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CLOSED = to_ms(NOW)


def ledger(table: MemoryTable) -> Opportunities:
    """The opportunities of a table."""
    return Opportunities(table, lambda: NOW)


def deal(number: int = 1, **more: object) -> Opportunity:
    """An opportunity of 1,200 a year."""
    usual = Opportunity(
        f"{number:032x}",
        "Deal",
        amount=Decimal("1200.00"),
        currency="EUR",
        period=Period.ANNUAL,
        stage="proposal",
        probability=50,
        expected_close="2026-05-31",
        created_ms=number,
    )
    return replace(usual, **more)  # type: ignore[arg-type]


@st.composite
def deals(draw: st.DrawFn) -> Opportunity:
    """Whatever an opportunity may be."""
    status = draw(st.sampled_from(list(Status)))
    cents = draw(st.integers(0, 10**14))
    sources = st.sampled_from([{}, {"name": "fair", "channel": "event"}, {"name": "site"}])
    won = status is Status.WON
    return deal(
        draw(st.integers(1, 4)),
        amount=draw(st.sampled_from([None, Decimal(cents).scaleb(-2)])),
        currency=draw(st.sampled_from(["EUR", "USD"])),
        period=draw(st.sampled_from(list(Period))),
        expected_close=draw(st.sampled_from(["", "2026-05-31", "2026-06-01"])),
        stage=draw(st.sampled_from(["new", "proposal"])),
        probability=draw(st.integers(0, 100)),
        status=status,
        closed_ms=0 if status is Status.OPEN else draw(st.sampled_from([CLOSED, CLOSED * 2])),
        first=draw(sources) if won else {},
        last=draw(sources) if won else {},
        reason=draw(st.sampled_from(["", "price"])),
    )


@given(deals())
def test_an_opportunity_is_read_as_it_was_written(made: Opportunity) -> None:
    """Amounts to the last digit."""
    item = {name: held for name, held in opportunity_item(made).items() if held is not None}
    assert read_opportunity(made.id, {**item, "v": 1}) == replace(made, version=1)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(["put", "put", "delete"]), deals()), max_size=12))
def test_whatever_becomes_of_opportunities_the_counters_say_so(
    steps: list[tuple[str, Opportunity]],
) -> None:
    """Made, changed, won, reopened, deleted, in any order: a recount finds the same."""
    table = MemoryTable()
    store = ledger(table)
    for step, made in steps:
        there = store.get(made.id)
        if step == "put" and there is None:
            try:
                store.create(made)
            except errors.Conflict as error:
                assert error.code == "opportunity_gone"  # noqa: PT017 - one may be deleted for good
        elif step == "put":
            store.change(made.id, lambda here, made=made: replace(made, version=here.version), None)  # type: ignore[misc]
        elif there:
            store.delete(made.id, None)
        assert verify(table.items.items()) == []


def test_what_counters_hold_is_missed_where_it_is_wrong() -> None:
    """`verify` recounts: a counter that lost a deal is found."""
    table = MemoryTable()
    ledger(table).create(deal())
    (key,) = [key for key in table.items if key.pk == "FORECAST"]
    del table.items[key]
    assert verify(table.items.items()) == ["the forecast of 2026-05 in EUR counts otherwise"]


def test_a_repetition_changes_nothing_and_a_deleted_one_stays_so() -> None:
    """The same creation again is the same opportunity; it counts once."""
    table = MemoryTable()
    store = ledger(table)
    assert store.create(deal()) == (replace(deal(), version=1), True)
    assert store.create(deal()) == (replace(deal(), version=1), False)
    ((place, sums),) = counters(table, "2026-01", "2026-12")
    assert (place, sums) == (Place("2026-05", "EUR"), sums_of(deal()))
    store.delete(deal().id, 1)
    with pytest.raises(errors.Conflict) as refused:
        store.create(deal())
    assert refused.value.code == "opportunity_gone"
    assert list(counters(table, "2026-01", "2026-12")) == [(place, {})]


def test_a_writer_in_between_makes_it_be_done_again() -> None:
    """Two who write at once both count: the second reads the counter anew."""
    table = MemoryTable()
    first, second = ledger(table), ledger(table)
    first.create(deal(1))

    def meanwhile(name: str) -> None:
        if name == "TransactWriteItems":
            table.before = lambda _name: None
            second.create(deal(2))

    table.before = meanwhile
    first.create(deal(3))
    ((_, sums),) = counters(table, "2026-01", "2026-12")
    assert sums["open/proposal"].deals == 3
    assert verify(table.items.items()) == []


def test_years_and_months_are_exact() -> None:
    """A twelfth is rounded only where it is shown; the year is not made of rounded months."""
    assert deal(amount=Decimal("1000.00")).arr == Decimal("1000.00")
    assert monthly(Decimal("1000.00"), "EUR") == Decimal("83.33")
    assert monthly(Decimal(1000), "JPY") == Decimal(83)
    assert deal(amount=Decimal("83.33"), period=Period.MONTHLY).arr == Decimal("999.96")
    assert deal(period=Period.ONE_OFF).arr == 0
    assert deal(probability=33, amount=Decimal("0.01")).weighted == Decimal("0.0033")


def test_one_without_a_date_counts_apart() -> None:
    """Nobody knows its month; it is not lost."""
    table = MemoryTable()
    ledger(table).create(deal(expected_close=""))
    assert [place.month for place, _ in counters(table, NO_MONTH, NO_MONTH)] == [NO_MONTH]
    assert list(counters(table, "2026-01", "2030-12")) == []


def test_lists_cost_what_they_show() -> None:
    """By stage the next to close comes first; a page reads as many entries as it has."""
    table = MemoryTable()
    store = ledger(table)
    for number in range(1, 31):
        store.create(
            deal(number, expected_close=f"2026-05-{31 - number:02d}" if number < 31 else "")
        )
    table.requests.clear()
    page = store.list(Wanted(stage="proposal"), 5)
    assert [made.expected_close[-2:] for made in page.opportunities] == [
        "01",
        "02",
        "03",
        "04",
        "05",
    ]
    assert sum(table.requests.values()) == 2
    assert len(store.list(Wanted(status=Status.OPEN), 100).opportunities) == 30
    assert store.list(Wanted(status=Status.WON), 100).opportunities == []
