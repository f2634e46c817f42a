"""Finding leads and what came in, with the reads it costs."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.model import Acquisition, Fate, Touch
from chalicelib.store import history, read
from chalicelib.store.items import Lead, lead_key
from chalicelib.store.read import By, LeadQuery
from tests.admin.office import KeysOnlyTable
from tests.store.people import RING, crowds, touch, upsert


def stored(*touches: Touch) -> KeysOnlyTable:
    """A table that holds some touches."""
    table = KeysOnlyTable()
    upsert(table).store(touches)
    table.requests.clear()
    return table


def everybody(table: KeysOnlyTable, query: LeadQuery, limit: int) -> list[Lead]:
    """All pages of a list of leads, one after another."""
    leads: list[Lead] = []
    position = ""
    while True:
        page = read.list_leads(table, query, limit, position)
        assert len(page.leads) <= limit
        leads += page.leads
        position = page.last
        if not position:
            return leads


def by_key(table: KeysOnlyTable, key: str) -> list[Lead]:
    """Everybody a key speaks of, its owner first."""
    return list(read.list_leads(table, LeadQuery(By.KEY, key), 100).leads)


def people(count: int, **more: Any) -> list[Touch]:
    """So many people, one touch each."""
    return [touch(n + 1, email=f"p{n}@x.org", **more) for n in range(count)]


@settings(max_examples=60)
@given(st.integers(0, 40), st.integers(1, 12))
def test_pages_show_every_lead_once_and_in_order(count: int, limit: int) -> None:
    """Whatever the size of a page, the newest come first and nobody is missing or doubled."""
    leads = everybody(stored(*people(count)), LeadQuery(), limit)
    times = [lead.view.created_ms for lead in leads]
    assert times == sorted(times, reverse=True)
    assert len({lead.id for lead in leads}) == count


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_a_range_of_creation_holds_both_its_ends(limit: int) -> None:
    """`created_from` and `created_to` are inclusive."""
    table = stored(*people(9))
    leads = everybody(table, LeadQuery(from_ms=1_000_003, to_ms=1_000_006), limit)
    assert [lead.view.created_ms for lead in leads] == [1_000_006, 1_000_005, 1_000_004, 1_000_003]


@pytest.mark.parametrize(("since", "until"), [(5, 4), (-3, -1), (10**17, 10**18)])
def test_a_range_without_moments_is_empty(since: int, until: int) -> None:
    """A range that ends before it begins, or lies before or after all time, holds nobody."""
    assert everybody(stored(*people(3)), LeadQuery(from_ms=since, to_ms=until), 5) == []


def test_names_are_found_by_their_beginning() -> None:
    """Case does not matter, the order is the name's, and a longer beginning finds fewer."""
    table = stored(
        touch(1, email="a@x.org", first_name="Ana", last_name="López"),
        touch(2, email="b@x.org", first_name="ANABEL", last_name="Ruiz"),
        touch(3, email="c@x.org", first_name="Andrés"),
        touch(4, email="d@x.org", full_name="آنا رضایی"),
    )

    def named(beginning: str) -> list[str]:
        found = everybody(table, LeadQuery(By.NAME, beginning), 2)
        return [str(lead.view.values["email"][1])[0] for lead in found]

    assert named("an") == ["a", "b", "c"]
    assert named("Ana ") == ["a", "b"]
    assert named("anab") == ["b"]
    assert named("آنا") == ["d"]
    assert named("zoe") == []


def test_a_source_lists_its_own_newest_first() -> None:
    """Only leads whose first touch has that name."""
    table = stored(*people(5))
    assert len(everybody(table, LeadQuery(By.SOURCE, "test"), 2)) == 5
    assert everybody(table, LeadQuery(By.SOURCE, "tes"), 2) == []


def test_what_narrows_a_page_leaves_it_short_but_finds_all() -> None:
    """Acquisition has no index: pages come back short with a way to go on."""
    table = stored(*people(6), touch(90, email="b@x.org", acquisition=Acquisition.PARTNER))
    query = LeadQuery(acquisition="partner")
    assert [lead.view.created_ms for lead in everybody(table, query, 2)] == [1_000_090]


def test_an_index_that_lags_shows_nothing_that_is_no_longer_so() -> None:
    """The entry is held against the item that it names."""
    table = stored(touch(1, email="a@x.org", first_name="Ana"))
    ghost = read.list_leads(table, LeadQuery(), 5).leads[0]
    item = table.items[lead_key(ghost.id)]
    item["g3"], item["g3s"] = "NAME#z#0", f"zoe#{ghost.id}"
    item["g2"], item["g2s"] = "SOURCE#fair#0", f"0000001000001#{ghost.id}"
    item["g4"], item["g4s"] = "STAGE#won#0", f"0000001000001#{ghost.id}"
    assert everybody(table, LeadQuery(By.NAME, "zoe"), 5) == []
    assert everybody(table, LeadQuery(By.SOURCE, "fair"), 5) == []
    assert everybody(table, LeadQuery(By.STAGE, "won"), 5) == []


@pytest.mark.parametrize("limit", [10, 50, 100])
def test_a_page_costs_reads_by_its_items_not_by_the_table(limit: int) -> None:
    """Four short queries and one batched read, whether the table holds 150 leads or 600."""
    costs = []
    for size in (150, 600):
        table = stored(*people(size))
        table.entries_read = 0
        assert len(read.list_leads(table, LeadQuery(), limit).leads) == limit
        assert table.requests.total() <= 7
        assert table.entries_read <= 2 * limit + 16
        costs.append(table.requests["BatchGetItem"])
    assert costs == [1, 1]


# --- by key and by id ------------------------------------------------------------------------


def test_an_address_finds_its_person() -> None:
    """One home and one lead: two reads."""
    table = stored(touch(1, email="a@x.org"), touch(2, email="b@x.org"))
    [lead] = by_key(table, RING.key("e", "a@x.org"))
    assert lead.view.values["email"][1] == "a@x.org"
    assert table.requests.total() == 2
    assert by_key(table, RING.key("e", "c@x.org")) == []


def test_a_phone_finds_everybody_who_gave_it_the_owner_first() -> None:
    """A family shares a phone; who was first owns it, and whoever has no address is the owner."""
    phone = "+34600000001"
    table = stored(
        touch(1, phone=phone),
        touch(2, email="b@x.org", phone=phone),
        touch(3, email="a@x.org", phone=phone, at=1),
    )
    leads = by_key(table, RING.key("p", phone))
    assert [lead.view.values["email"][1] for lead in leads] == ["a@x.org", "b@x.org"]
    assert [lead.view.touches for lead in leads] == [2, 1]
    pages = everybody(table, LeadQuery(By.KEY, RING.key("p", phone)), 1)
    assert [lead.id for lead in pages] == [lead.id for lead in leads]


def test_a_merged_id_leads_to_where_its_person_went() -> None:
    """Also over several merges; an id that never was, or whose person is gone, leads nowhere."""
    table = stored(*people(3))
    store = upsert(table)
    ids = [lead.id for lead in everybody(table, LeadQuery(), 5)]
    store.merge(ids[0], ids[1], "tester")
    store.merge(ids[1], ids[2], "tester")
    for lead in ids:
        found = read.lead_by_id(table, lead)
        assert found is not None
        assert (found.id, found.view.touches) == (ids[2], 3)
    assert read.lead_by_id(table, "f" * 32) is None


def test_a_person_who_is_undone_is_nobody() -> None:
    """A tombstone is found neither by id nor by key nor in a list."""
    table = stored(touch(1, email="a@x.org"))
    lead = read.list_leads(table, LeadQuery(), 5).leads[0].id
    upsert(table).turn({f"{1:032x}": Fate.UNDONE})
    assert read.lead_by_id(table, lead) is None
    assert by_key(table, RING.key("e", "a@x.org")) == []
    assert everybody(table, LeadQuery(), 5) == []


# --- duplicates ------------------------------------------------------------------------------


def pairs(table: KeysOnlyTable, limit: int) -> list[tuple[str, str]]:
    """All pairs to look at, as the addresses of both, page by page."""
    found: list[tuple[str, str]] = []
    position = ""
    while True:
        page = read.duplicates(table, limit, position)
        assert len(page.pairs) <= limit
        for pair in page.pairs:
            left, right = (lead.view.values["email"][1] for lead in (pair.left, pair.right))
            found.append((str(left), str(right)))
        position = page.last
        if not position:
            return found


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_those_who_share_a_phone_are_pairs_with_its_owner(limit: int) -> None:
    """Every claimant beside the owner is one pair, however small the page."""
    shared, other = "+34600000001", "+34600000002"
    table = stored(
        *(touch(n, email=f"{n}@x.org", phone=shared) for n in range(1, 5)),
        *(touch(n, email=f"{n}@x.org", phone=other) for n in range(7, 9)),
    )
    met = {frozenset(pair) for pair in pairs(table, limit)}
    assert met == {frozenset({"1@x.org", f"{n}@x.org"}) for n in (2, 3, 4)} | {
        frozenset({"7@x.org", "8@x.org"})
    }


def test_what_a_person_decided_is_no_longer_asked() -> None:
    """Merged or parted, the pair is gone; the others stay."""
    phone = "+34600000001"
    table = stored(*(touch(n, email=f"{n}@x.org", phone=phone) for n in range(1, 4)))
    store = upsert(table)
    ids = {str(lead.view.values["email"][1]): lead.id for lead in everybody(table, LeadQuery(), 5)}
    store.merge(ids["1@x.org"], ids["2@x.org"], "tester")
    assert len(pairs(table, 5)) == 1
    store.unmerge(ids["1@x.org"], [RING.key("e", "2@x.org")], "tester")
    assert {frozenset(pair) for pair in pairs(table, 5)} == {frozenset({"1@x.org", "3@x.org"})}


# --- submissions and timelines ---------------------------------------------------------------


def all_touches(table: KeysOnlyTable, query: history.SubmissionQuery, limit: int) -> list[Touch]:
    """All pages of a list of submissions."""
    touches: list[Touch] = []
    position = ""
    while True:
        page = history.list_submissions(table, query, limit, position)
        touches += page.touches
        position = page.last
        if not position:
            return touches


@settings(max_examples=60)
@given(crowds(), st.integers(1, 5), st.booleans())
def test_timelines_hold_every_touch_once_in_time(
    crowd: list[Touch], limit: int, newest: bool
) -> None:
    """All leads' timelines together are all submissions, each in the order of time."""
    table = stored(*crowd)
    seen: list[str] = []
    for lead in everybody(table, LeadQuery(), 50):
        line: list[Touch] = []
        position = ""
        while True:
            page = history.timeline(table, lead, limit, position, newest_first=newest)
            line += page.touches
            position = page.last
            if not position:
                break
        assert line == sorted(line, key=lambda t: t.time_key, reverse=newest)
        assert {history.leads_now(table, line)[t.id] for t in line} == {lead.id}
        seen += [t.id for t in line]
    assert sorted(seen) == sorted(t.id for t in crowd)


def test_a_timeline_leaves_out_what_was_taken_back() -> None:
    """An undone submission is no touch, yet it is still found by its fate."""
    table = stored(touch(1, email="a@x.org"), touch(2, email="a@x.org"))
    upsert(table).turn({f"{1:032x}": Fate.UNDONE})
    lead = read.list_leads(table, LeadQuery(), 5).leads[0]
    assert [t.id for t in history.timeline(table, lead, 5).touches] == [f"{2:032x}"]
    undone = all_touches(table, history.SubmissionQuery(fate=Fate.UNDONE), 5)
    assert [t.id for t in undone] == [f"{1:032x}"]


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_submissions_are_listed_by_fate_and_time(limit: int) -> None:
    """Each fate finds its own, the newest first; none finds all."""
    table = stored(*people(3), touch(9, email="p0@x.org", company="Acme"))

    def ids(**query: Any) -> list[int]:
        found = all_touches(table, history.SubmissionQuery(**query), limit)
        return [int(t.id, 16) for t in found]

    assert ids() == [9, 3, 2, 1]
    assert ids(fate=Fate.CREATED) == [3, 2, 1]
    assert ids(fate=Fate.MERGED) == [9]
    assert ids(fate=Fate.SPAM) == []
    assert ids(from_ms=1_000_002, to_ms=1_000_003) == [3, 2]


def test_a_submission_knows_its_lead_after_it_was_parted() -> None:
    """The lead noted at arrival may be somebody else's by now; the home of its key tells."""
    table = stored(touch(1, email="a@x.org"), touch(2, email="b@x.org"))
    store = upsert(table)
    here, there = (by_key(table, RING.key("e", f"{n}@x.org"))[0].id for n in "ab")
    store.merge(here, there, "tester")
    store.unmerge(here, [RING.key("e", "b@x.org")], "tester")
    touches = list(history.submissions_by_id(table, [f"{n:032x}" for n in (1, 2)]).values())
    now = history.leads_now(table, touches)
    for receipt, address in ((f"{1:032x}", "a@x.org"), (f"{2:032x}", "b@x.org")):
        assert now[receipt] == by_key(table, RING.key("e", address))[0].id
