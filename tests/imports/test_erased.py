"""Lists that hold people who were erased."""

from chalicelib.model import Door, Fate
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger
from tests.imports.door import FileDoor, people
from tests.store.people import RING


def erased(door: FileDoor, letter: str, text: str, reason: Reason = Reason.ERASED) -> None:
    Ledger(door.table, RING).suppress(RING.key(letter, text), reason, Word(1, Door.API, "admin"))


def test_the_row_of_an_erased_person_is_ignored_and_nothing_of_it_kept() -> None:
    """By e-mail or by phone, also where the row would have been rejected; others go through."""
    door = FileDoor()
    erased(door, "e", "ana1@example.org")
    erased(door, "p", "+34600000002")
    erased(door, "e", "ana3@example.org", Reason.UNSUBSCRIBED)
    body = people(5) + "Leo,Paz,ana1@example.org,12,Acme\r\n"
    found = door.import_file("inbox/fair/a.csv", body)
    assert (found["created"], found["ignored"], found["rejected"]) == (3, 3, 0)
    assert found["codes"]["erased"] == 3
    gone = [t for t in door.touches() if t.fate is Fate.IGNORED]
    for touch in gone:
        assert touch.reason == "erased"
        assert (touch.values, touch.problems, touch.repairs) == ({}, (), ())
        assert len(touch.keys) == 1
        assert (touch.extra, touch.external_ids) == ({}, {})
    assert "ana1@" not in repr(door.table.items)
    (chunk,) = [key for key in door.files.objects if key.endswith("000001.jsonl")]
    assert b"ana1@" not in door.files.body(chunk)
    assert b"ana3@" in door.files.body(chunk)
    assert "ana3@example.org" in repr(door.values())


def test_asking_for_the_erased_costs_two_hundredths_of_a_request_a_row() -> None:
    """And nothing until somebody was erased."""
    counts = []
    for person in ("", "e"):
        door = FileDoor()
        if person:
            erased(door, person, "somebody@x.org")
            door.table.requests.clear()
        assert door.import_file("inbox/fair/a.csv", people(500))["created"] == 500
        counts.append(door.table.requests.total())
    assert counts[1] - counts[0] <= 0.02 * 500
