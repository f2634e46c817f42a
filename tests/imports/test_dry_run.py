"""A dry run of the whole file: nothing is written, and the commit does exactly what it said."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.imports import runs
from chalicelib.imports.records import Status, Stop, Task
from chalicelib.imports.totals import COUNTED
from chalicelib.ports import Key
from chalicelib.store.suppression import Reason
from chalicelib.store.verify import read, verify
from tests.imports.door import FileDoor, Killed, balanced
from tests.store.people import RING, picture, touch, upsert

DRY = {"inlet-dry_run": "true", "inlet-acquisition": "opted_in"}
REAL = {"inlet-acquisition": "opted_in"}
KNOWN = (
    "email,phone,first_name,company\n"
    "ana@x.org,600123456,Ana,Acme\n"
    "eva@x.org,,Eva,Beta\n"
    "leo@x.org,,,\n"
)
# Ana's name, Eva's phone, Leo twice, somebody new three times, a row that is refused.
FILE = (
    "email,phone,first_name,company\n"
    "ana@x.org,,Anna,Acme\n"
    "eva@x.org,600123457,,Beta\n"
    "leo@x.org,600123458,,\n"
    "leo@x.org,,Leo,Zeta\n"
    "new@x.org,,Nia,\n"
    "new@x.org,600123459,Nia,\n"
    "bob@,,,\n"
    "new@x.org,,Nina,\n"
    "ana@x.org,,Anna,\n"
)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of two rows, so that people of the file meet across chunks."""
    monkeypatch.setattr("chalicelib.imports.split.CHUNK_ROWS", 2)


def stage() -> FileDoor:
    """A stage with three people."""
    door = FileDoor()
    door.import_file("inbox/known.csv", KNOWN, REAL)
    return door


def leads_and_touches(door: FileDoor) -> Any:
    """All that is stored of people."""
    stored = read(door.table.items.items())
    return stored.leads, stored.homes, stored.touches, stored.filed


def commit(door: FileDoor, import_id: str) -> dict[str, Any]:
    """Commit a dry run; its summary then."""
    runs.begin(door.outside, import_id, Task.CHECK, allowed=[Status.REVIEW])
    door.run()
    assert verify(door.table.items.items()) == []
    return balanced(door.summary(import_id))


def test_a_dry_run_says_what_would_be_and_writes_nothing() -> None:
    """Fates of every row with those of the same file in between, and the difference by field."""
    door, other = stage(), stage()
    before = leads_and_touches(door)
    told = door.import_file("inbox/b.csv", FILE, DRY)
    assert leads_and_touches(door) == before
    assert (told["status"], told["finished_at"]) == ("review", None)
    real = other.import_file("inbox/b.csv", FILE, REAL)
    assert {f: told[f] for f in COUNTED} == {f: real[f] for f in COUNTED}
    assert (told["codes"], told["columns"]) == (real["codes"], real["columns"])
    assert told["plan"] == {str(f): real[f] for f in COUNTED}
    assert told["diff"] == {
        "created": 1,
        "updated": 3,
        "unchanged": 0,
        "suppressed": 0,
        "fields": {
            "company": {"filled": 1},
            "first_name": {"changed": 1, "filled": 1},
            "phone": {"filled": 2},
            "phone_type": {"filled": 2},
        },
    }
    assert [row[1] for row in door.errors(told["import"])[1:]] == ["8"]
    page = door.files.body(f"reports/{told['import']}/report.html").decode()
    assert "What changes: 1 new people, 3 updated" in page
    assert '<td class="n">2</td><td class="n">0</td><td class="n">0</td>' in page


def test_the_commit_does_exactly_what_the_dry_run_said() -> None:
    """The same counts, and the leads of an import without one."""
    door, other = stage(), stage()
    told = door.import_file("inbox/b.csv", FILE, DRY)
    other.import_file("inbox/b.csv", FILE, REAL)
    done = commit(door, told["import"])
    assert (done["status"], done["decided_anew"]) == ("done", {"count": 0, "rows": []})
    assert {f: done[f] for f in COUNTED} == {f: told[f] for f in COUNTED}
    assert picture(door.table) == picture(other.table)
    assert done["diff"] == told["diff"]


def test_rows_whose_people_changed_since_are_listed_and_decided_anew() -> None:
    """Somebody wrote a form in between: the plan does not hold for that person's rows."""
    door = stage()
    told = door.import_file("inbox/b.csv", FILE, DRY)
    eva = touch(70, email="eva@x.org", phone="+34600123457", company="Beta", phone_type="mobile")
    upsert(door.table).one(eva)
    upsert(door.table).one(touch(71, email="new@x.org", first_name="N"))
    done = commit(door, told["import"])
    anew = done["decided_anew"]
    assert {(row["row"], row["planned"]) for row in anew["rows"]} == {
        (3, "merged"),
        (6, "created"),
        (7, "merged"),
        (9, "merged"),
    }
    assert next(row["fate"] for row in anew["rows"] if row["row"] == 3) == "unchanged"
    assert (done["created"], told["created"]) == (0, 1)


def test_a_phone_that_found_its_owner_since_is_seen_too() -> None:
    """The row's lead is not there yet, before and after; its key's home tells."""
    door = stage()
    told = door.import_file("inbox/b.csv", "phone,first_name\n600999999,Zoe\n", DRY)
    upsert(door.table).one(touch(70, email="zoe@x.org", phone="+34600999999"))
    done = commit(door, told["import"])
    assert done["decided_anew"]["count"] == 1
    assert (done["created"], done["merged"]) == (0, 1)


def test_those_who_stay_suppressed_are_counted() -> None:
    """A dry run tells a marketer how many of these people may not be written to."""
    door = stage()
    key = Key(f"X#{RING.keys({'email': 'ana@x.org'}, {})[0]}", "X")
    door.table.items[key] = {"reasons": {str(Reason.UNSUBSCRIBED)}, "v": 1}
    assert door.import_file("inbox/b.csv", FILE, DRY)["diff"]["suppressed"] == 1


def test_a_dry_run_that_is_cancelled_leaves_nothing() -> None:
    """While it waits as well as while it runs."""
    door = stage()
    before = leads_and_touches(door)
    told = door.import_file("inbox/b.csv", FILE, DRY)
    runs.stop(door.outside, told["import"], Stop.CANCEL)
    door.drop("inbox/c.csv", FILE, DRY)
    import_id = door.deliver(door.objects.take()[0])
    runs.stop(door.outside, import_id, Stop.CANCEL)
    door.run()
    assert [door.summary(i)["status"] for i in (told["import"], import_id)] == ["cancelled"] * 2
    assert leads_and_touches(door) == before


def test_a_committed_import_can_be_undone() -> None:
    """As any other."""
    door = stage()
    before = picture(door.table)
    told = door.import_file("inbox/b.csv", FILE, DRY)
    commit(door, told["import"])
    runs.begin(door.outside, told["import"], Task.UNDO, allowed=[Status.DONE])
    door.run()
    assert balanced(door.summary(told["import"]))["undone"] == 8
    assert picture(door.table) == before


@settings(max_examples=40)
@given(st.sets(st.integers(1, 250), max_size=10), st.randoms())
def test_deaths_and_any_order_change_neither_plan_nor_commit(
    deaths: set[int], chance: random.Random
) -> None:
    """Killed anywhere, chunks in any order and some twice: created, and what the rest comes to."""
    calm, door = stage(), stage()
    expected = calm.import_file("inbox/b.csv", FILE, DRY)
    commit(calm, expected["import"])
    count = [0]

    def death(_name: str) -> None:
        count[0] += door.working
        if door.working and count[0] in deaths:
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
    told = door.import_file("inbox/b.csv", FILE, DRY)
    assert told["diff"] == expected["diff"]
    assert (told["created"], told["rejected"]) == (1, 1)
    done = commit(door, told["import"])
    assert {f: done[f] for f in COUNTED} == {f: told[f] for f in COUNTED}
    assert done["decided_anew"]["count"] == 0
    assert picture(door.table) == picture(calm.table)
