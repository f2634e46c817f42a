"""What the store asks of a table, held against the fake and against DynamoDB's own words."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.aws.table import DynamoTable
from chalicelib.ports import (
    Attribute,
    Check,
    Ensure,
    Insert,
    Key,
    Put,
    Remove,
    Table,
    Update,
    Write,
)
from tests.fakes import MemoryTable

HERE, THERE = Key("K#1", "H"), Key("K#2", "H")


@pytest.fixture(params=["memory", pytest.param("dynamo", marks=pytest.mark.aws)])
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    """Each kind of table, empty."""
    if request.param == "memory":
        yield MemoryTable()
    else:
        dynamo: DynamoTable = request.getfixturevalue("dynamo")
        yield dynamo


def test_what_is_written_is_read_back(table: Table) -> None:
    """Texts of every script, whole numbers and sets; absent keys are left out."""
    item: dict[str, Attribute] = {
        "b": "سلام 你好 ñ \u0000 '\"",
        "n": 10**15,
        "some": {"a", "b"},
        "numbers": {1, 2},
    }
    assert table.write([Insert(HERE, item)]) == [True]
    assert table.get([HERE, THERE]) == {HERE: {**item, "v": 1}}


def test_an_insert_is_refused_where_something_is(table: Table) -> None:
    """Each write of a batch stands alone: one refused, the other done."""
    table.write([Insert(HERE, {"b": "first"})])
    assert table.write([Insert(HERE, {"b": "second"}), Insert(THERE, {})]) == [False, True]
    assert table.get([HERE])[HERE]["b"] == "first"


def test_an_update_needs_its_version_and_moves_it(table: Table) -> None:
    """Named attributes change, None removes one, the others stay."""
    table.write([Insert(HERE, {"b": "1", "gone": "x", "kept": "y"})])
    assert table.write([Update(HERE, {"b": "2", "gone": None}, 1)]) == [True]
    assert table.get([HERE])[HERE] == {"b": "2", "kept": "y", "v": 2}
    assert table.write([Update(HERE, {"b": "3"}, 1)]) == [False]


def test_an_update_never_creates(table: Table) -> None:
    """Neither in a batch nor in a transaction."""
    assert table.write([Update(HERE, {"b": "1"}, 1)]) == [False]
    assert not table.transact([Update(HERE, {"b": "1"}, 1)])
    assert table.get([HERE]) == {}


def test_a_transaction_is_all_or_nothing(table: Table) -> None:
    """One condition that does not hold leaves everything as it was."""
    table.write([Insert(HERE, {"b": "1"})])
    assert not table.transact([Insert(THERE, {}), Check(HERE, 2)])
    assert not table.transact([Insert(THERE, {}), Check(HERE, 0)])
    assert table.get([THERE]) == {}
    writes: list[Write] = [Insert(THERE, {"b": "t"}), Check(HERE, 1), Check(Key("K#9", "H"), 0)]
    assert table.transact(writes)
    assert table.transact([Update(HERE, {"b": "2"}, 1), Put(THERE, {"b": "p"})])
    assert table.get([HERE, THERE]) == {HERE: {"b": "2", "v": 2}, THERE: {"b": "p", "v": 1}}


def test_what_is_ensured_is_made_once_and_stays_as_it_is(table: Table) -> None:
    """No condition refuses it; who comes later changes nothing, the version neither."""
    assert table.transact(
        [Ensure(HERE, {"b": "first", "g1": "ALL", "g1s": "1"}), Insert(THERE, {})]
    )
    assert table.write([Update(HERE, {"b": "second"}, 1)]) == [True]
    assert table.transact([Ensure(HERE, {"b": "third", "g1": "OTHER", "g1s": "2"})])
    assert table.get([HERE])[HERE] == {"b": "second", "g1": "ALL", "g1s": "1", "v": 2}


def test_a_removal_takes_what_is_there_or_the_version_it_names(table: Table) -> None:
    """In a transaction: with others or not at all."""
    table.write([Insert(HERE, {"b": "1"})])
    assert table.write([Update(HERE, {"b": "2"}, 1)]) == [True]
    assert not table.transact([Remove(HERE, 1), Insert(THERE, {})])
    assert set(table.get([HERE, THERE])) == {HERE}
    assert table.transact([Remove(HERE, 2), Insert(THERE, {})])
    assert table.transact([Remove(THERE), Remove(Key("K#9", "H"))])
    assert table.get([HERE, THERE]) == {}


def test_adding_needs_an_item_and_leaves_its_version(table: Table) -> None:
    """Numbers add up, sets unite; what it is then comes back."""
    assert table.add(HERE, "repeats", 1) is None
    table.write([Insert(HERE, {"b": "1"})])
    table.add(HERE, "repeats", 1)
    table.add(HERE, "done", {1, 2})
    assert table.add(HERE, "done", {2, 3}) == {"b": "1", "repeats": 1, "done": {1, 2, 3}, "v": 1}


def test_a_partition_is_read_in_order_and_in_pages(table: Table) -> None:
    """Both ways, by beginning or range, to the end."""
    table.write(
        [Insert(Key("P", f"T#{n:02d}"), {"g1": "ALL", "g1s": f"{9 - n}"}) for n in range(9)]
    )
    table.write([Insert(Key("P", "Z"), {})])
    seen, after = [], None
    while True:
        page = table.query("P", begins="T#", limit=4, after=after)
        seen += [str(item["sk"]) for item in page.items]
        after = page.after
        if after is None:
            break
    assert seen == [f"T#{n:02d}" for n in range(9)]
    newest = table.query("P", low="T#02", high="T#05", newest_first=True).items
    assert [item["sk"] for item in newest] == ["T#05", "T#04", "T#03", "T#02"]
    listed = table.query("ALL", index="g1", limit=3).items
    assert [item["sk"] for item in listed] == ["T#08", "T#07", "T#06"]


def test_many_keys_are_read_and_written_in_few_calls(table: Table) -> None:
    """Beyond one request's bounds: 150 keys."""
    keys = [Key(f"K#{n}", "H") for n in range(150)]
    assert all(table.write([Insert(key, {"b": "x"}) for key in keys]))
    assert set(table.get(keys)) == set(keys)


def test_places_in_a_window_are_counted_and_no_more_than_there_are(table: Table) -> None:
    """The first taker opens the window; who comes too late is told when it ends; then a new one."""
    took = [table.take(HERE, most=2, now=1000 + n, seconds=60) for n in range(3)]
    assert took == [0, 0, 58]
    assert table.take(THERE, most=2, now=1002, seconds=60) == 0
    assert table.take(HERE, most=2, now=1059, seconds=60) == 1
    assert [table.take(HERE, most=2, now=1060, seconds=60) for _ in range(3)] == [0, 0, 60]


def test_no_number_of_takers_at_once_gets_more_places(table: Table) -> None:
    """Forty takers from eight threads for ten places, as the window before ends: ten get one."""
    table.take(HERE, most=10, now=1000, seconds=60)
    with ThreadPoolExecutor(8) as pool:
        takers = [pool.submit(table.take, HERE, most=10, now=2000, seconds=60) for _ in range(40)]
        waits = [taker.result() for taker in takers]
    assert sorted(waits) == [0] * 10 + [60] * 30
