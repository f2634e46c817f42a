"""Leads by tag: an entry for each that has it, none missing, none believed that is left over."""

from chalicelib.model import Fate
from chalicelib.store.membership import MOST_TAGS
from chalicelib.store.read import By, LeadQuery, list_leads
from chalicelib.store.verify import read, verify
from tests.fakes import MemoryTable
from tests.store.people import as_rows, touch, upsert

PHONE = "+34600000001"


def tagged(table: MemoryTable, tag: str, limit: int = 50) -> list[str]:
    """The addresses of the leads with a tag, newest first."""
    found, position = [], ""
    while True:
        page = list_leads(table, LeadQuery(By.TAG, tag), limit, position)
        found += [str(lead.view.values["email"][1]) for lead in page.leads]
        position = page.last
        if not position:
            return found


def entries(table: MemoryTable) -> int:
    return sum(key.pk.startswith("TAG#") for key in table.items)


def test_leads_with_a_tag_are_listed_newest_first() -> None:
    """From forms and files, a page at a time, within a range of time."""
    table = MemoryTable()
    upsert(table).store([touch(n, email=f"{n}@x.org", tags={"a#b": True}) for n in range(1, 6)])
    upsert(table).store(as_rows([touch(6, email="6@x.org", tags={"a#b": True, "x": True})]))
    assert tagged(table, "a#b", 2) == [f"{n}@x.org" for n in range(6, 0, -1)]
    assert tagged(table, "x") == ["6@x.org"]
    assert tagged(table, "a") == []
    query = LeadQuery(By.TAG, "a#b", from_ms=1_000_002, to_ms=1_000_004)
    assert len(list_leads(table, query, 9).leads) == 3
    assert verify(table.items.items()) == []


def test_a_tag_that_is_taken_off_goes_from_the_list_and_comes_back() -> None:
    """By a form in the same transaction; by an undo as well."""
    table = MemoryTable()
    store = upsert(table)
    store.one(touch(1, email="a@x.org", tags={"vip": True}))
    off = store.one(touch(2, email="a@x.org", tags={"vip": False}))
    assert (tagged(table, "vip"), entries(table)) == ([], 0)
    store.turn({off.id: Fate.UNDONE})
    assert (tagged(table, "vip"), entries(table)) == (["a@x.org"], 1)
    assert verify(table.items.items()) == []


def test_what_a_batch_leaves_over_is_shown_neither_twice_nor_at_all() -> None:
    """A row that takes a tag off, one that came earlier: their entries stay and are not believed."""
    table = MemoryTable()
    upsert(table).store(as_rows([touch(5, email="a@x.org", tags={"vip": True})], "i5#1"))
    upsert(table).store(as_rows([touch(1, email="a@x.org", tags={"old": True})], "i1#1"))
    assert entries(table) == 3
    assert (tagged(table, "vip"), tagged(table, "old")) == (["a@x.org"], ["a@x.org"])
    assert tagged(table, "vip", 1) == ["a@x.org"]
    upsert(table).store(as_rows([touch(9, email="a@x.org", tags={"vip": False})], "i9#1"))
    assert tagged(table, "vip") == []
    assert verify(table.items.items()) == []


def test_people_who_become_one_are_listed_once_and_parted_again() -> None:
    """Merge and unmerge move the entries along."""
    table = MemoryTable()
    store = upsert(table)
    one = store.one(touch(1, email="a@x.org", tags={"vip": True}))
    two = store.one(touch(2, email="b@x.org", tags={"vip": True, "new": True}))
    store.merge(one.lead, two.lead, "tester")
    assert tagged(table, "vip") == tagged(table, "new") == ["b@x.org"]
    assert entries(table) == 2
    store.unmerge(one.lead, [two.node], "tester")
    assert tagged(table, "vip") == ["b@x.org", "a@x.org"]
    assert tagged(table, "new") == ["b@x.org"]
    assert verify(table.items.items()) == []


def test_a_lead_has_so_many_tags_and_no_more() -> None:
    """What would bring more waits for a person; by form and by file, and claims nothing."""
    table = MemoryTable()
    many = {f"t{n}": True for n in range(MOST_TAGS)}
    assert upsert(table).one(touch(1, email="a@x.org", tags=many)).fate is Fate.CREATED
    again = upsert(table).one(touch(2, email="a@x.org", tags={"t1": False}))
    assert again.fate is Fate.MERGED
    over = touch(3, email="a@x.org", tags={"more": True})
    [row] = upsert(table).store(as_rows([touch(4, email="a@x.org", tags={"more": True})]))
    for done in (upsert(table).one(over), row):
        assert (done.fate, done.reason) == (Fate.QUARANTINED, "too_many_tags")
    assert len(read(table.items.items()).leads) == 1
    assert verify(table.items.items()) == []
