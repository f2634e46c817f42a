"""Undo in the words of law 1: what is left is the fold of the remaining touches; redo restores."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib import errors
from chalicelib.imports import runs
from chalicelib.imports.records import Status, Task
from chalicelib.model import Fate
from chalicelib.store.verify import verify
from tests.fakes import MemoryTable
from tests.fakes_files import MemoryFiles
from tests.imports.door import FileDoor, Killed, balanced, people
from tests.store.people import picture, touch, upsert
from tests.store.test_leftovers import at, listed

DONE = (Status.DONE, Status.CANCELLED, Status.UNDONE)
FIRST = (
    "email,phone,first_name,company\n"
    "ana@x.org,600123456,Ana,Acme\n"
    "eva@x.org,600123457,Eva,Beta\n"
    "leo@x.org,,Leo,\n"
    "bob@,,,\n"
)
SECOND = (
    "email,phone,first_name,company\n"
    "ana@x.org,,Anna,Gamma\n"
    "kim@x.org,600123457,Kim,\n"
    "leo@x.org,600123458,,Delta\n"
    "kim@x.org,,Kim,Kappa\n"
    ",600123458,,Omega\n"
)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of two rows, so that a small file has several."""
    monkeypatch.setattr("chalicelib.imports.split.CHUNK_ROWS", 2)


def undo(door: FileDoor, import_id: str, **asked: Any) -> dict[str, Any]:
    """Take an import back, or what of it is asked for; its summary then."""
    return _run(door, import_id, Task.UNDO, asked)


def redo(door: FileDoor, import_id: str, **asked: Any) -> dict[str, Any]:
    """Give it back."""
    return _run(door, import_id, Task.REDO, asked)


def _run(door: FileDoor, import_id: str, task: Task, asked: dict[str, Any]) -> dict[str, Any]:
    runs.begin(door.outside, import_id, task, allowed=DONE, asked=asked)
    door.run()
    assert verify(door.table.items.items()) == []
    return balanced(door.summary(import_id))


def alone(*bodies: str) -> FileDoor:
    """A stage that never saw anything but these files."""
    door = FileDoor()
    for number, body in enumerate(bodies):
        door.import_file(f"inbox/only{number}.csv", body)
    return door


def test_an_undone_import_leaves_what_the_others_alone_make() -> None:
    """Created leads are gone, updated ones are what they were; undoing that brings all back."""
    door = FileDoor()
    first = door.import_file("inbox/a.csv", FIRST)
    before = picture(door.table)
    second = door.import_file("inbox/b.csv", SECOND)
    both = picture(door.table)
    told = undo(door, second["import"])
    assert (told["status"], told["undone"], told["undo"]["kept"]) == ("undone", 5, 0)
    assert [told[f] for f in ("rows", "created", "merged")] == [
        second[f] for f in ("rows", "created", "merged")
    ]
    assert picture(door.table) == before
    told = redo(door, second["import"])
    assert (told["status"], told["undone"]) == ("done", 0)
    assert picture(door.table) == both
    undo(door, first["import"])
    assert picture(door.table) == picture(alone(SECOND).table)
    touches = {t.id: t for t in door.touches()}
    assert {t.was.partition("@")[0] for t in touches.values() if t.fate is Fate.UNDONE} == {
        "created"
    }


def test_what_came_after_is_kept_and_what_would_be_decided_otherwise_is_listed() -> None:
    """A form that met an imported lead stays, as the lead; its fate was `merged`."""
    door = FileDoor()
    first = door.import_file("inbox/a.csv", FIRST)
    form = upsert(door.table).one(touch(77, email="ana@x.org", company="Zeta"))
    assert form.fate is Fate.MERGED
    told = undo(door, first["import"])
    assert told["undo"]["submissions"] == [form.id]
    assert told["undo"]["otherwise"] == 1
    assert door.values() == [{"company": "Zeta", "email": "ana@x.org"}]


def test_some_rows_alone_can_be_undone_and_then_the_rest() -> None:
    """By the numbers that the error file uses; the status stays until all is undone."""
    door = FileDoor()
    first = door.import_file("inbox/a.csv", FIRST)
    told = undo(door, first["import"], rows=[2, 4])
    assert (told["status"], told["undone"]) == ("done", 2)
    assert [v["email"] for v in door.values()] == ["eva@x.org"]
    told = undo(door, first["import"])
    assert (told["status"], told["undone"]) == ("undone", 3)
    assert door.values() == []
    told = redo(door, first["import"], rows=[4])
    assert (told["status"], told["undone"]) == ("done", 2)
    assert [v["email"] for v in door.values()] == ["leo@x.org"]


def test_one_column_can_be_undone() -> None:
    """Its values no longer count, whatever they had replaced counts again, and it comes back."""
    door = FileDoor()
    door.import_file("inbox/a.csv", FIRST)
    second = door.import_file("inbox/b.csv", SECOND)
    both = picture(door.table)
    without = SECOND.replace("company", "nothing")
    told = undo(door, second["import"], column="company")
    assert (told["status"], told["undone"]) == ("done", 0)
    assert picture(door.table) == picture(alone(FIRST, without).table)
    redo(door, second["import"], column="company")
    assert picture(door.table) == both
    undo(door, second["import"], column="company")
    undo(door, second["import"])
    redo(door, second["import"])
    assert picture(door.table) == both


def test_an_undone_file_can_be_dropped_again() -> None:
    """Its rows are judged again under the new import, and the old one cannot take them back."""
    door = FileDoor()
    first = door.import_file("inbox/a.csv", FIRST)
    made = picture(door.table)
    undo(door, first["import"])
    second = door.import_file("inbox/a.csv", FIRST)
    assert second["import"] != first["import"]
    assert (second["created"], second["repeated"]) == (3, 0)
    assert picture(door.table) == made
    redo(door, first["import"])
    assert picture(door.table) == made
    undo(door, second["import"])
    assert door.values() == []


def test_an_undo_needs_no_object_of_the_import(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks stay in the bucket for ninety days; an import can be undone after years."""
    door = FileDoor()
    first = door.import_file("inbox/a.csv", FIRST)
    for key in [key for key in door.files.objects if key.startswith("work/")]:
        door.files.delete(key)
    monkeypatch.setattr(MemoryFiles, "open", None)
    assert undo(door, first["import"])["undone"] == 3


def test_mended_rows_are_undone_with_the_import_that_they_mend() -> None:
    """They are its rows, whatever file brought them."""
    door = FileDoor()
    first = door.import_file("inbox/a.csv", FIRST)
    text = door.files.body(f"reports/{first['import']}/errors.csv").decode("utf-8-sig")
    door.import_file("inbox/errors.csv", text.replace("bob@", "bob@x.org"))
    assert len(door.values()) == 4
    assert undo(door, first["import"])["undone"] == 4
    assert door.values() == []


def test_what_hangs_together_too_much_for_one_step_is_named_and_left() -> None:
    """A row whose undoing concerns more than one transaction holds stays; all others go."""
    door = FileDoor()
    shared = "".join(f"p{n}@x.org,600000001,Eva,\n" for n in range(60))
    first = door.import_file("inbox/a.csv", FIRST)
    many = door.import_file("inbox/b.csv", "email,phone,first_name,company\n" + shared)
    told = undo(door, many["import"])
    assert told["undone"] + told["undo"]["kept"] == 60
    assert {row["code"] for row in told["undo"]["kept_rows"]} <= {"too_entangled"}
    assert undo(door, first["import"])["undone"] == 3


def test_only_what_is_at_rest_can_be_undone() -> None:
    """And what is not there cannot."""
    door = FileDoor()
    door.drop("inbox/a.csv", FIRST)
    import_id = door.deliver(door.objects.take()[0])
    for name, error in ((import_id, errors.Conflict), ("nobody", errors.Missing)):
        with pytest.raises(error):
            runs.begin(door.outside, name, Task.UNDO, allowed=DONE)


@settings(max_examples=40)
@given(st.sets(st.integers(1, 150), max_size=10), st.randoms())
def test_an_undo_that_is_killed_anywhere_ends_the_same(
    deaths: set[int], chance: random.Random
) -> None:
    """Killed between any two requests, delivered in any order and twice; and so does the redo."""
    door = FileDoor()
    door.import_file("inbox/a.csv", FIRST)
    before = picture(door.table)
    second = door.import_file("inbox/b.csv", SECOND)
    both = picture(door.table)
    count = [0]

    def death(_name: str) -> None:
        count[0] += door.working
        if count[0] in deaths and door.working:
            count[0] += 1
            raise Killed

    take = door.chunks.take

    def shuffled() -> list[str]:
        messages = take()
        messages += [message for message in messages if chance.random() < 0.3]
        chance.shuffle(messages)
        return messages

    door.table.before = death
    door.chunks.take = shuffled  # type: ignore[method-assign]
    told = undo(door, second["import"])
    assert (told["status"], told["undone"]) == ("undone", 5)
    assert picture(door.table) == before
    assert listed(door.table) == at(door.table)
    told = redo(door, second["import"])
    assert (told["status"], told["undone"]) == ("done", 0)
    assert picture(door.table) == both
    assert listed(door.table) >= at(door.table)


def test_a_company_that_only_an_undone_file_spoke_of_is_in_no_list() -> None:
    """Killed or not, its accounts leave the lists with it, and a redo brings them back."""
    door = FileDoor()
    first = door.import_file("inbox/a.csv", "email,company\nana@acme.com,Acme\neva@x.org,\n")
    second = door.import_file("inbox/b.csv", "email,company\nleo@beta.com,Beta\nkim@x.org,\n")
    both = listed(door.table)
    assert len(both) == 3
    undo(door, second["import"])
    assert len(listed(door.table)) == 2
    undo(door, first["import"])
    assert listed(door.table) == set()
    redo(door, second["import"])
    redo(door, first["import"])
    assert listed(door.table) == both


def test_undoing_many_people_takes_few_requests_each() -> None:
    """Several leads a transaction: less than three requests a row."""
    door = FileDoor()
    first = door.import_file("inbox/a.csv", people(40))
    door.table.requests.clear()
    assert undo(door, first["import"])["undone"] == 40
    assert sum(door.table.requests.values()) / 40 < 12


@settings(max_examples=60)
@given(st.data())
def test_after_any_undos_the_leads_are_the_fold_of_the_rest(data: st.DataObject) -> None:
    """Law 1: any imports, any of them undone and some given back: only the others count."""
    emails = st.sampled_from(["a@x.org", "b@x.org", "c@x.org", ""])
    phones = st.sampled_from(["600000001", "600000002", ""])
    rows = st.tuples(emails, phones, st.sampled_from(["", "Acme", "Beta"]))
    door = FileDoor()
    chosen = []
    for number in range(data.draw(st.integers(1, 3))):
        drawn = data.draw(st.lists(rows, min_size=1, max_size=5))
        body = "email,phone,company\n" + "".join(",".join(row) + "\n" for row in drawn)
        imported = door.import_file(f"inbox/{number}.csv", body)
        chosen.append(imported["import"])
    gone = set(data.draw(st.lists(st.sampled_from(chosen), unique=True)))
    for name in gone:
        undo(door, name)
    for name in data.draw(st.lists(st.sampled_from(chosen), unique=True)):
        if name in gone:
            redo(door, name)
            gone.remove(name)
    left = [t for t in door.touches() if t.fate.effective]
    assert {t.chunk.partition("#")[0] for t in left} <= set(chosen) - gone
    rest = MemoryTable()
    upsert(rest).store([replace(t, fate=Fate.PENDING) for t in left])
    assert picture(door.table) == picture(rest)
