"""Everything of a source goes, whatever door it came by, and comes back."""

from dataclasses import replace

import pytest

from chalicelib import errors
from chalicelib.imports import source_undo
from chalicelib.model import Door
from chalicelib.store.verify import verify
from tests.imports.door import FileDoor, Killed, people
from tests.store.people import picture, touch, upsert

UNDO, REDO = "1" * 32, "2" * 32


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of four submissions."""
    monkeypatch.setattr(source_undo, "STEP", 4)


def stage() -> FileDoor:
    """A stage with files of two sources and a form of each of their names."""
    door = FileDoor()
    door.import_file("inbox/fair/a.csv", people(7))
    door.import_file("inbox/shop/b.csv", people(4, 5).replace("Acme", "Beta"))
    for number, name in ((1, "fair"), (2, "shop")):
        form = touch(number, email=f"ana{number}@example.org", city=name.title())
        source = replace(form.source, name=name)
        upsert(door.table).one(replace(form, source=source, door=Door.FORM))
    return door


def test_all_of_a_source_goes_and_comes_back() -> None:
    """Its file's rows and its form's posts; what the other source says stays, and stands alone."""
    door = stage()
    before = picture(door.table)
    undo = source_undo.begin(door.outside, UNDO, "fair")
    door.run()
    assert verify(door.table.items.items()) == []
    told = source_undo.shown(source_undo.load(door.outside, undo.id))
    assert (told["status"], told["undone"], told["kept"]) == ("done", 8, 0)
    assert {t.source.name for t in door.touches() if t.fate.effective} == {"shop"}
    assert len(door.values()) == 5
    again = source_undo.give_all_back(door.outside, REDO, undo.id)
    door.run()
    assert source_undo.shown(source_undo.load(door.outside, again.id))["given_back"] == 8
    assert picture(door.table) == before
    assert verify(door.table.items.items()) == []


def test_a_worker_may_die_at_any_request_of_it() -> None:
    """Each in turn: the same number undone, and the same leads."""
    calm = stage()
    source_undo.begin(calm.outside, UNDO, "fair")
    calm.run()
    for death in range(1, 60, 3):
        door = stage()
        undo = source_undo.begin(door.outside, UNDO, "fair")
        requests = [0]

        def before(_name: str, requests: list[int] = requests, death: int = death) -> None:
            requests[0] += 1
            if requests[0] == death:
                raise Killed

        door.table.before = before
        door.run()
        assert source_undo.load(door.outside, undo.id).turned == 8
        assert picture(door.table) == picture(calm.table)


def test_what_was_not_taken_or_is_not_done_cannot_be_given_back() -> None:
    """An undo that runs, one that is a redo itself, and one that nobody began."""
    door = stage()
    undo = source_undo.begin(door.outside, UNDO, "fair")
    with pytest.raises(errors.Conflict):
        source_undo.give_all_back(door.outside, REDO, undo.id)
    with pytest.raises(errors.Missing):
        source_undo.give_all_back(door.outside, REDO, "nobody")
