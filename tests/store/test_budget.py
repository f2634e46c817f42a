"""What each path costs: requests as they are made, units by AWS's size rules."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from chalicelib.model import Fate, StageWord
from chalicelib.store.forecast import counters
from chalicelib.store.opportunities import Opportunities
from chalicelib.store.opportunity import Opportunity
from tests.fakes import MemoryTable
from tests.store.people import as_rows, touch, upsert
from tests.store.units import write_units


def test_a_new_person_by_form_takes_three_requests() -> None:
    """Homes and seal, lead, transaction: with the form's definition at most four."""
    table = MemoryTable()
    upsert(table).one(touch(1, email="ana@x.org", phone="+34600123456"))
    assert dict(table.requests) == {"BatchGetItem": 2, "TransactWriteItems": 1}


def test_a_known_person_costs_the_same_requests_as_a_new_one() -> None:
    """The number of store calls does not tell who is known (law 7)."""
    for known, new in (
        (touch(2, email="ana@x.org"), touch(3, email="eva@x.org")),
        (touch(2, phone="+34600123456"), touch(3, phone="+34600123457")),
        (
            touch(2, email="b@x.org", phone="+34600123456"),
            touch(3, email="c@x.org", phone="+34600"),
        ),
    ):
        table = MemoryTable()
        store = upsert(table)
        store.one(touch(1, email="ana@x.org", phone="+34600123456"))
        table.requests.clear()
        store.one(known)
        seen = dict(table.requests)
        table.requests.clear()
        store.one(new)
        assert dict(table.requests) == seen


def test_a_repeated_submission_takes_two_requests() -> None:
    """One read that finds it, one write that counts it."""
    table = MemoryTable()
    store = upsert(table)
    store.one(touch(1, email="ana@x.org", phone="+34600123456"))
    table.requests.clear()
    assert store.one(touch(1, email="ana@x.org", phone="+34600123456")).fate is Fate.REPEATED
    assert dict(table.requests) == {"BatchGetItem": 1, "UpdateItem": 1}


def test_an_import_of_new_people_stays_within_its_budget() -> None:
    """With e-mail, phone and a name: at most 0.3 requests and 10 write units a row."""
    table = MemoryTable()
    rows = as_rows(
        [
            touch(
                n,
                email=f"person{n}@example.org",
                phone=f"+346{n:08d}",
                first_name="Ana",
                last_name="López García",
            )
            for n in range(1, 501)
        ]
    )
    upsert(table).store(rows)
    assert sum(table.requests.values()) / len(rows) <= 0.3
    assert write_units(table.items.items()) / len(rows) <= 10


def test_people_with_a_company_and_tags_stay_within_their_budget() -> None:
    """A file's row: one unit for the account's list, one a tag; three once for a new company."""
    cases: list[tuple[float, float, str, dict[str, bool]]] = [
        (9.1, 0.26, "acme.es", {}),
        (12, 0.3, "acme{}.es", {}),
        (9, 0.3, "example.org", {"fair": True}),
    ]
    for bound, requests, domain, tags in cases:
        table = MemoryTable()
        rows = [
            touch(n, email=f"p{n}@{domain.format(n)}", phone=f"+346{n:08d}", tags=tags)
            for n in range(1, 501)
        ]
        upsert(table).store(as_rows(rows))
        assert sum(table.requests.values()) / 500 <= requests
        assert write_units(table.items.items()) / 500 <= bound


def test_a_stage_costs_its_entry_in_the_list_of_the_stage_and_no_request() -> None:
    """One write unit more for each lead that is given one; none for a lead without."""
    units, requests = [], []
    for word in (None, StageWord("contacted", 2000)):
        table = MemoryTable()
        rows = [
            touch(n, email=f"person{n}@gmail.com", phone=f"+346{n:08d}", stage=word)
            for n in range(1, 101)
        ]
        upsert(table).store(as_rows(rows))
        units.append(write_units(table.items.items()) / len(rows))
        requests.append(sum(table.requests.values()))
    assert units == [8.0, 9.0]
    assert requests[0] == requests[1]


def test_an_opportunity_costs_three_items_and_a_page_what_it_shows() -> None:
    """Made: two reads and one transaction. The forecast: one query for any number of them."""
    table = MemoryTable()
    store = Opportunities(table, lambda: datetime(2026, 3, 1, tzinfo=UTC))
    made = Opportunity("0" * 32, "Deal", amount=Decimal(10), currency="EUR", stage="new")
    store.create(made)
    assert dict(table.requests) == {"BatchGetItem": 2, "TransactWriteItems": 1}
    for number in range(1, 40):
        store.create(replace(made, id=f"{number:032x}"))
    table.requests.clear()
    assert len(list(counters(table, "none", "none"))) == 1
    assert dict(table.requests) == {"Query": 1}
