"""The same reads in DynamoDB's own words: what an index hands out, how ranges and pages end."""

import datetime as dt

import pytest

from chalicelib.aws.table import DynamoTable
from chalicelib.intake.company import account_id
from chalicelib.model import Fate
from chalicelib.store import accounts, history, read
from chalicelib.store.accounts import Accounts, Listed
from chalicelib.store.api_keys import ApiKeys
from chalicelib.store.config import Configuration, Kind
from chalicelib.store.read import By, LeadQuery
from chalicelib.store.upsert import Upsert
from chalicelib.store.verify import verify
from tests.store.people import RING, as_rows, touch

pytestmark = pytest.mark.aws
PHONE = "+34600000001"


@pytest.mark.parametrize("limit", [3, 50])
def test_leads_are_found_in_every_way(dynamo: DynamoTable, limit: int) -> None:
    """By page, range, source, beginning of a name, address and phone; pairs and timelines."""
    names = ["Ana", "anabel", "Andrés", "آنا", "Zoë", "Ana", "Bea"]
    Upsert(dynamo, RING).store(
        [
            touch(n + 1, email=f"{n}@x.org", first_name=name, phone=PHONE if n < 2 else "")
            for n, name in enumerate(names)
        ]
    )

    def found(query: LeadQuery) -> list[int]:
        pages, position = [], ""
        while True:
            page = read.list_leads(dynamo, query, limit, position)
            pages += [lead.view.created_ms - 1_000_001 for lead in page.leads]
            position = page.last
            if not position:
                return pages

    assert found(LeadQuery()) == [6, 5, 4, 3, 2, 1, 0]
    assert found(LeadQuery(from_ms=1_000_002, to_ms=1_000_004)) == [3, 2, 1]
    assert found(LeadQuery(from_ms=5, to_ms=4)) == []
    assert found(LeadQuery(By.SOURCE, "test")) == [6, 5, 4, 3, 2, 1, 0]
    assert sorted(found(LeadQuery(By.NAME, "an"))) == [0, 1, 2, 5]
    assert found(LeadQuery(By.NAME, "آن")) == [3]
    assert found(LeadQuery(By.KEY, RING.key("e", "4@x.org"))) == [4]
    assert found(LeadQuery(By.KEY, RING.key("p", PHONE))) == [0, 1]
    [pair] = read.duplicates(dynamo, limit).pairs
    assert (pair.left.view.created_ms, pair.right.view.created_ms) == (1_000_001, 1_000_002)


@pytest.mark.parametrize("limit", [2, 50])
def test_leads_are_found_by_account_and_tag(dynamo: DynamoTable, limit: int) -> None:
    """From a form and a file; accounts in their lists; a tag taken off, an account merged."""
    store = Upsert(dynamo, RING)
    vip = {"vip": True}
    store.store([touch(n, email=f"{n}@acme.com", company="Acme", tags=vip) for n in range(1, 4)])
    store.store(as_rows([touch(n, email=f"{n}@acme.es", tags=vip) for n in range(4, 7)]))
    store.one(touch(9, email="1@acme.com", tags={"vip": False}))
    book, acme, other = (
        Accounts(dynamo, lambda: 9),
        account_id("d:acme.com"),
        account_id("d:acme.es"),
    )
    named = accounts.listed(dynamo, Listed.NAME, "acm", 9).accounts
    assert sorted(each.shown_name for each in named) == ["Acme", "acme.es"]

    def found(by: By, *ids: str) -> list[int]:
        pages, position = [], ""
        while True:
            query = LeadQuery(by, "vip", accounts=ids)
            page = read.list_leads(dynamo, query, limit, position)
            pages += [lead.view.created_ms - 1_000_000 for lead in page.leads]
            position = page.last
            if not position:
                return pages

    assert found(By.TAG) == [6, 5, 4, 3, 2]
    assert found(By.ACCOUNT, acme) == [3, 2, 1]
    there = accounts.by_id(dynamo, [acme, other])
    book.merge(there[acme], there[other], "tester")
    assert found(By.ACCOUNT, *accounts.family(accounts.current(dynamo, [other])[other])) == [
        6, 5, 4, 3, 2, 1,
    ]  # fmt: skip
    assert verify(dynamo.dump()) == []


def test_submissions_and_timelines_are_read(dynamo: DynamoTable) -> None:
    """By fate and time, and along one lead's nodes."""
    store = Upsert(dynamo, RING)
    store.store([touch(n, email="a@x.org", company=str(n)) for n in range(1, 6)])
    store.turn({f"{3:032x}": Fate.UNDONE})
    [lead] = read.list_leads(dynamo, LeadQuery(), 5).leads
    first = history.timeline(dynamo, lead, 2)
    assert [int(t.id, 16) for t in first.touches] == [5, 4]
    rest = history.timeline(dynamo, lead, 9, first.last)
    assert [int(t.id, 16) for t in rest.touches] == [2, 1]
    undone = history.list_submissions(dynamo, history.SubmissionQuery(Fate.UNDONE), 5)
    assert [int(t.id, 16) for t in undone.touches] == [3]
    page = history.list_submissions(dynamo, history.SubmissionQuery(), 2)
    assert [int(t.id, 16) for t in page.touches] == [5, 4]


def test_documents_and_keys_are_kept(dynamo: DynamoTable) -> None:
    """Put, listed, deleted and counted on; found, revoked and listed."""
    stored = Configuration(dynamo, lambda: 5_000_000)
    for number in (1, 2):
        stored.put(Kind.FORM, "contact", {"n": number, "empty": "", "none": None})
    assert [d.version for d in stored.versions(Kind.FORM, "contact", 5).documents] == [2, 1]
    assert [d.name for d in stored.list(Kind.FORM, 5).documents] == ["contact"]
    assert stored.delete(Kind.FORM, "contact")
    assert stored.list(Kind.FORM, 5).documents == []
    assert stored.put(Kind.FORM, "contact", {"n": 1}).version == 3
    keys = ApiKeys(dynamo, lambda: dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    secret, key = keys.create("viewer")
    assert keys.find(secret) == key
    revoked = keys.revoke(key.id)
    assert revoked is not None
    assert keys.list(5).keys == [revoked]
