"""What was never announced, and what died for good, is found and goes on."""

import json
from datetime import timedelta

import pytest

from chalicelib import errors
from chalicelib.imports.sweep import AT_A_START, Patience, Swept, sweep
from tests.fakes_files import BUCKET, START
from tests.imports.door import FileDoor, balanced, people

LATER = START + timedelta(hours=1, minutes=3)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> FileDoor:
    """A stage with small chunks."""
    monkeypatch.setattr("chalicelib.imports.split.CHUNK_ROWS", 3)
    return FileDoor()


def test_an_object_that_nobody_announced_is_imported(door: FileDoor) -> None:
    """Lost notifications are found by looking; settings and finished imports are left alone."""
    door.import_file("inbox/known.csv", people(2))
    door.files.drop("inbox/_import.json", b"{}")
    door.files.drop("inbox/lost.csv", people(2, 10).encode())
    assert sweep(door.outside, LATER, BUCKET) == Swept(objects=1)
    (import_id,) = door.run()
    assert balanced(door.summary(import_id))["created"] == 2
    assert sweep(door.outside, LATER, BUCKET) == Swept()


def test_a_late_notification_of_a_swept_object_is_the_same_import(door: FileDoor) -> None:
    """The object's version says which it is, whoever announces it."""
    door.drop("inbox/a.csv", people(2))
    late = door.objects.take()
    sweep(door.outside, LATER, BUCKET)
    (import_id,) = door.run()
    door.objects.messages = late
    assert door.run() == [import_id]


def test_young_objects_and_old_ones_are_not_looked_at(door: FileDoor) -> None:
    """A notification has its time to come; what lay there for days was known long ago."""
    door.files.drop("inbox/a.csv", people(1).encode())
    assert sweep(door.outside, START + timedelta(minutes=1), BUCKET) == Swept()
    assert sweep(door.outside, START + timedelta(days=9), BUCKET) == Swept()
    assert sweep(door.outside, START + timedelta(days=9), BUCKET, AT_A_START) == Swept(objects=1)


def test_chunks_that_were_lost_are_announced_again(door: FileDoor) -> None:
    """Only those that are not done, and only after the import stood still for a while."""
    door.drop("inbox/a.csv", people(10))
    import_id = door.deliver(door.objects.take()[0])
    first, *_lost = door.chunks.take()
    door.deliver(first)
    assert sweep(door.outside, LATER, BUCKET) == Swept()
    assert sweep(door.outside, LATER + timedelta(minutes=4), BUCKET) == Swept()
    assert sweep(door.outside, LATER + timedelta(minutes=6), BUCKET) == Swept(imports=1)
    door.deliver(door.chunks.take()[0])
    assert [json.loads(m)["chunk"] for m in door.chunks.messages] == [2, 3, 4]
    door.run()
    assert balanced(door.summary(import_id))["status"] == "done"
    assert sweep(door.outside, LATER + timedelta(hours=9), BUCKET, Patience(old=None)) == Swept()


def test_a_split_that_never_ended_is_split_again(door: FileDoor) -> None:
    """Announced as S3 would, and so the same import."""
    door.drop("inbox/a.csv", people(5))
    door.chunks.before = _die
    with pytest.raises(errors.Unavailable):
        door.run()
    door.chunks.before = lambda _name: None
    assert sweep(door.outside, LATER + timedelta(minutes=3), BUCKET) == Swept(imports=1)
    (import_id,) = door.run()
    assert balanced(door.summary(import_id))["created"] == 5


def test_an_import_that_was_only_not_finished_is_finished(door: FileDoor) -> None:
    """All chunks are done and nobody wrote the report: any chunk's message leads to it."""
    door.drop("inbox/a.csv", people(5))
    import_id = door.deliver(door.objects.take()[0])
    door.files.before = lambda name: _die(name) if name == "PutObject" else None
    with pytest.raises(errors.Unavailable):
        door.run()
    door.files.before = lambda _name: None
    door.chunks.take()
    sweep(door.outside, LATER, BUCKET, AT_A_START)
    door.run()
    assert balanced(door.summary(import_id))["status"] == "done"


def test_an_import_that_cannot_go_on_is_tried_ever_more_rarely(door: FileDoor) -> None:
    """A chunk that fails each time does not go round at the same pace for ever."""
    door.drop("inbox/a.csv", people(1))
    door.deliver(door.objects.take()[0])
    tried = [
        minute
        for minute in range(0, 200)
        if sweep(door.outside, LATER + timedelta(minutes=minute), BUCKET).imports
    ]
    assert tried == [2, 12, 32, 72, 152]


def test_the_same_content_dropped_again_is_looked_for_again(door: FileDoor) -> None:
    """A lost notification of a file that was imported before is a lost notification."""
    door.import_file("inbox/a.csv", people(1))
    door.files.now += timedelta(minutes=1)
    door.files.drop("inbox/a.csv", people(1).encode())
    assert sweep(door.outside, LATER, BUCKET) == Swept(objects=1)
    (import_id,) = door.run()
    assert door.summary(import_id)["repeated"] == 1


def test_looking_costs_no_more_for_many_objects(door: FileDoor) -> None:
    """A hundred known objects are known after one query and one read."""
    for number in range(100):
        door.import_file(f"inbox/{number}.csv", "email\n")
    before = sum(door.table.requests.values())
    assert sweep(door.outside, LATER, BUCKET) == Swept()
    assert sum(door.table.requests.values()) - before <= 4


def _die(_name: str) -> None:
    raise errors.Unavailable
