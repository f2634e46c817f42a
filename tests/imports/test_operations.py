"""What an import asks of the table: the same however many leads there are, and never a search."""

from collections import Counter
from typing import Any

import pytest

from chalicelib.ports import Insert, Key, Page, Update
from tests.fakes import MemoryTable
from tests.imports.door import FileDoor, people
from tests.store.units import write_units

ROWS, LEADS = 5000, 50_000


class LoggingTable(MemoryTable):
    """A table that writes down what is asked of it: the kind, how much, and of what."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[tuple[Any, ...]] = []

    def get(self, keys: Any) -> Any:
        self.log.append(("get", len(keys), *sorted(Counter(_kind(key) for key in keys).items())))
        return super().get(keys)

    def transact(self, writes: Any) -> bool:
        self.log.append(("transact", len(writes)))
        return super().transact(writes)

    def write(self, writes: Any) -> list[bool]:
        assert all(isinstance(write, Insert | Update) for write in writes), "all is conditional"
        kinds = Counter((type(write).__name__, _kind(write.key)) for write in writes)
        # Whether a company is known is no secret at this door, and costs one write once.
        kinds.pop(("Insert", "A/A"), None)
        self.log.append(("write", kinds.total(), *sorted(kinds.items())))
        return super().write(writes)

    def put(self, key: Key, item: Any) -> None:
        raise AssertionError("an import writes nothing without a condition")

    def query(self, partition: str, **bounds: Any) -> Page:
        self.log.append(("query", partition[0]))
        return super().query(partition, **bounds)

    def _partition(self, partition: str, index: str) -> list[tuple[str, Key]]:
        """As the fake's, for the partitions that an import reads: its own."""
        assert not index
        assert partition.startswith("I#"), "only its own records are read by partition"
        return super()._partition(partition, index)


def _kind(key: Key) -> str:
    return f"{key.pk[0]}/{key.sk[0]}"


@pytest.mark.slow
def test_an_import_asks_the_same_of_an_empty_table_and_of_a_full_one() -> None:
    """5,000 rows: request by request the same kinds and numbers beside 50,000 leads."""
    empty, full = FileDoor(table=LoggingTable()), FileDoor(table=LoggingTable())
    full.drop("inbox/fair/old.csv", people(LEADS, 1_000_000))
    full.run()
    log: list[Any] = full.table.log  # type: ignore[attr-defined]
    log.clear()
    for door in (empty, full):
        door.drop("inbox/fair/a.csv", people(ROWS))
        (import_id,) = door.run()
        assert door.summary(import_id)["created"] == ROWS
    assert log == empty.table.log  # type: ignore[attr-defined]
    kinds = Counter(entry[0] for entry in log)
    assert set(kinds) == {"get", "write", "query"}
    assert kinds["query"] <= 60
    assert not [entry for entry in log if entry[0] == "query" and entry[1] != "I"]


def test_a_new_person_with_e_mail_and_phone_costs_eight_write_units() -> None:
    """Of a file: homes, reference, lead, submission and the entries of three indexes; 0.3 requests.

    A name adds one entry to the index of names, a company's address one to that of accounts; the
    company's account is one item for all its people.
    """
    door = FileDoor()
    rows = "".join(f"p{n}@example.org,+346{n:08d},Madrid\n" for n in range(500))
    assert door.import_file("inbox/fair/a.csv", "email,phone,city\n" + rows)["created"] == 500
    spent = write_units((k, v) for k, v in door.table.items.items() if k.pk[0] in "KLSAT")
    assert spent / 500 <= 8
    assert sum(door.table.requests.values()) / 500 <= 0.3
    door = FileDoor()
    rows = "".join(f"p{n}@acme.es,+346{n:08d}\n" for n in range(500))
    assert door.import_file("inbox/fair/a.csv", "email,phone\n" + rows)["created"] == 500
    assert len([key for key in door.table.items if key.pk.startswith("A#")]) == 1
    spent = write_units((k, v) for k, v in door.table.items.items() if k.pk[0] in "KLSAT")
    assert spent / 500 <= 9.01
    assert sum(door.table.requests.values()) / 500 <= 0.3
    named = FileDoor()
    named.import_file("inbox/fair/a.csv", people(500))
    spent = write_units((k, v) for k, v in named.table.items.items() if k.pk[0] in "KLSAT")
    assert spent / 500 <= 10.01, "a name and a company"
