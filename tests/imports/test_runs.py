"""An import is paused, resumed and cancelled; a split outlives its function; progress is seen."""

import json

import pytest

from chalicelib import errors
from chalicelib.imports import records, runs
from chalicelib.imports.records import Status, Stop, Task
from chalicelib.imports.split import split
from chalicelib.imports.sweep import AT_A_START, sweep
from chalicelib.store.verify import verify
from tests.fakes_files import BUCKET
from tests.imports.door import STAGE, FileDoor, Killed, balanced, people
from tests.imports.test_sweep import LATER
from tests.store.people import picture


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> FileDoor:
    """A stage with chunks of three rows."""
    monkeypatch.setattr("chalicelib.imports.split.CHUNK_ROWS", 3)
    return FileDoor()


def begun(door: FileDoor, chunks: int, body: str = "") -> str:
    """An import of ten rows so many of whose four chunks are done."""
    door.drop("inbox/a.csv", body or people(10))
    import_id = door.deliver(door.objects.take()[0])
    messages = door.chunks.take()
    for message in messages[:chunks]:
        door.deliver(message)
    door.chunks.messages = messages[chunks:]
    return import_id


def test_progress_is_seen_chunk_by_chunk(door: FileDoor) -> None:
    """How many rows there are and what became of those that are done."""
    import_id = begun(door, 2)
    told = door.summary(import_id)
    assert (told["status"], told["expected"], told["rows"], told["created"]) == (
        "running",
        10,
        6,
        6,
    )
    assert told["chunks"] == {"done": 2, "of": 4}
    assert (told["task"], told["paused"]) == ("import", False)
    door.run()
    assert "chunks" not in door.summary(import_id)


def test_a_paused_import_does_nothing_until_it_is_resumed(door: FileDoor) -> None:
    """Its messages come and go, the sweep leaves it alone; then every chunk is announced again."""
    import_id = begun(door, 1)
    runs.stop(door.outside, import_id, Stop.PAUSE)
    door.run()
    assert sweep(door.outside, LATER, BUCKET, AT_A_START).imports == 0
    told = door.summary(import_id)
    assert (told["status"], told["paused"], told["rows"]) == ("running", True, 3)
    runs.resume(door.outside, import_id)
    door.run()
    told = balanced(door.summary(import_id))
    assert (told["status"], told["created"]) == ("done", 10)
    with pytest.raises(errors.Conflict):
        runs.resume(door.outside, import_id)


def test_what_a_cancelled_import_did_stays_and_can_be_undone(door: FileDoor) -> None:
    """The sums are those of what was done; no later message does more."""
    import_id = begun(door, 2)
    left = list(door.chunks.messages)
    runs.stop(door.outside, import_id, Stop.CANCEL)
    door.run()
    told = balanced(door.summary(import_id))
    assert (told["status"], told["rows"], told["created"]) == ("cancelled", 6, 6)
    door.chunks.messages = left
    door.run()
    assert len(door.values()) == 6
    assert verify(door.table.items.items()) == []
    runs.begin(door.outside, import_id, Task.UNDO, allowed=[Status.CANCELLED])
    door.run()
    told = balanced(door.summary(import_id))
    assert (told["status"], told["undone"]) == ("undone", 6)
    assert door.values() == []


def test_a_chunk_that_was_begun_is_finished_though_the_import_is_cancelled(door: FileDoor) -> None:
    """No row is left half there: its redelivery does the rest, and only then is it cancelled."""
    import_id = begun(door, 1)
    message, *others = door.chunks.take()
    requests = [0]

    def death(_name: str) -> None:
        requests[0] += 1
        if requests[0] == 9:
            raise Killed

    door.table.before = death
    with pytest.raises(Killed):
        door.deliver(message)
    runs.stop(door.outside, import_id, Stop.CANCEL)
    door.run()
    assert door.summary(import_id)["status"] == "running"
    door.chunks.messages = [*others, message]
    door.run()
    told = balanced(door.summary(import_id))
    assert (told["status"], told["created"]) == ("cancelled", 6)
    assert verify(door.table.items.items()) == []


def test_the_sweep_ends_a_cancelled_import_whose_messages_were_lost(door: FileDoor) -> None:
    """It announces what was begun, or that nothing is left."""
    import_id = begun(door, 1)
    runs.stop(door.outside, import_id, Stop.CANCEL)
    door.chunks.take()
    assert sweep(door.outside, LATER, BUCKET, AT_A_START).imports == 1
    door.run()
    assert door.summary(import_id)["status"] == "cancelled"


def test_an_import_that_waits_for_its_file_is_cancelled_at_once(door: FileDoor) -> None:
    """And the file that comes all the same is not imported."""
    key = "inbox/_/one/a.csv"
    made = records.Import("one", key, status=Status.QUEUED)
    records.insert(door.table, made)
    assert runs.stop(door.outside, "one", Stop.CANCEL).status is Status.CANCELLED
    door.drop(key, people(3))
    door.run()
    assert door.values() == []
    with pytest.raises(errors.Conflict):
        runs.stop(door.outside, "one", Stop.PAUSE)


def test_a_split_goes_on_where_the_last_function_came_to(
    door: FileDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten chunks a life: the same chunks under the same names as in one go, each made once."""
    monkeypatch.setattr("chalicelib.imports.split.CHUNK_BYTES", 400)
    body = people(95).replace("Acme", "A" * 30)
    calm = FileDoor()
    calm.import_file("inbox/a.csv", body)
    notification = door.drop("inbox/a.csv", body)
    door.objects.take()
    lives = 0
    while True:
        lives += 1
        import_id = split(notification, door.outside, STAGE, lambda: 0.0)
        if not door.objects.take():
            break
    assert lives > 3
    numbers = [json.loads(m)["chunk"] for m in door.chunks.messages]
    assert numbers == list(range(1, len(numbers) + 1))
    chunks = {k: v for k, v in door.files.objects.items() if k.endswith(".jsonl")}
    assert {k.rpartition("/")[2]: v[0][1] for k, v in chunks.items()} == {
        k.rpartition("/")[2]: v[0][1] for k, v in calm.files.objects.items() if k.endswith(".jsonl")
    }
    assert all(len(versions) == 1 for versions in chunks.values())
    door.run()
    assert balanced(door.summary(import_id))["created"] == 95
    assert picture(door.table) == picture(calm.table)


def test_a_split_that_is_cancelled_ends_where_it_is(
    door: FileDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks whether somebody stopped it; the chunks that are there stay unworked."""
    monkeypatch.setattr("chalicelib.imports.split._NOTED", 10)
    notification = door.drop("inbox/a.csv", people(95))
    door.objects.take()
    sent = door.chunks.send

    def send(messages: list[str], *, delay: int = 0) -> None:
        sent(messages, delay=delay)
        (imp,) = [i for i in door.table.items if i.sk == "I"]
        runs.stop(door.outside, imp.pk[2:], Stop.CANCEL) if len(messages) > 1 else None

    door.chunks.send = send  # type: ignore[method-assign, assignment]
    import_id = split(notification, door.outside, STAGE)
    door.run()
    told = balanced(door.summary(import_id))
    assert (told["status"], told["rows"]) == ("cancelled", 0)
    assert len([k for k in door.files.objects if k.endswith("0.jsonl")]) == 1


def test_a_restore_point_before_the_first_write_is_noted(door: FileDoor) -> None:
    """Whole seconds, as a table's restore takes them, and ahead of the import's clock."""
    told = door.import_file("inbox/a.csv", people(1))
    assert told["restore_point"] == "2024-05-01T12:59:59.000Z"
    assert told["restore_point"] < told["started_at"]
