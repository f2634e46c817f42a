"""A stage's own fields at the file door: matched, mapped, required, and as they were then."""

import pytest

from chalicelib.intake.field_set import field_set
from chalicelib.store.field_set import FIELDS, changed
from tests.imports.door import FileDoor

PETS = {
    "type": "choice",
    "label": {"es": "Mascotas", "fa": "حیوان خانگی"},
    "choices": ["cat", "dog"],
    "mapping": {"gato": "cat"},
}


@pytest.fixture
def door() -> FileDoor:
    """A stage with one field of its own."""
    made = FileDoor()
    made.table.transact(changed(made.table, "pets", PETS))
    return made


@pytest.mark.parametrize("header", ["pets", "Pets", "mascotas", "حيوان خانگي"])
def test_a_column_is_known_by_the_fields_name_and_labels(door: FileDoor, header: str) -> None:
    """And read by its type; case, accents and the letters of a keyboard do not matter."""
    found = door.import_file("inbox/a.csv", f"email,{header}\na@x.org,GATO\nb@x.org,horse\n")
    assert found["columns"][1]["field"] == "pets"
    assert found["codes"] == {"choice_unknown": 1}
    assert [values.get("pets") for values in door.values()] == ["cat"]


def test_before_it_is_defined_its_column_is_kept(door: FileDoor) -> None:
    """Beside the values, listed as unmapped; afterwards the same column fills it."""
    door.table.transact(changed(door.table, "pets", None))
    found = door.import_file("inbox/a.csv", "email,pets\na@x.org,cat\n")
    assert found["columns"][1]["field"] is None
    assert door.touches()[0].extra == {"pets": "cat"}
    door.table.transact(changed(door.table, "pets", PETS))
    door.import_file("inbox/b.csv", "email,pets\na@x.org,cat\n")
    assert door.values()[0]["pets"] == "cat"


def test_a_mapping_and_required_may_name_it(door: FileDoor) -> None:
    """As they may a standard one; a name that is no field fails the import."""
    said = {"inlet-mapping": '{"animal": "pets"}', "inlet-required": "pets"}
    found = door.import_file("inbox/a.csv", "email,animal\na@x.org,dog\nb@x.org,\n", said)
    assert (found["created"], found["codes"]) == (1, {"required_missing": 1})
    wrong = {"inlet-mapping": '{"animal": "horses"}'}
    assert door.import_file("inbox/b.csv", "email,animal\na@x.org,1\n", wrong)["status"] == "failed"


def test_what_forms_require_rejects_no_row(door: FileDoor) -> None:
    """A list need not have a column for everything that a form asks: its rows are partial."""
    door.table.transact(changed(door.table, "pets", {**PETS, "required": True}))
    found = door.import_file("inbox/a.csv", "email\na@x.org\n")
    assert (found["created"], found["rejected"]) == (1, 0)
    assert [p.code for p in door.touches()[0].problems] == ["incomplete"]


def test_a_field_that_does_not_hold_any_more_is_passed_over(door: FileDoor) -> None:
    """A definition of another time, wrong by today's rules, keeps no other one from serving."""
    set_ = field_set({"pets": PETS, "odd": {"type": "no such type"}})
    assert list(set_.own) == ["pets"]
    assert FIELDS in door.table.items


def test_offline_sources_are_told_of_a_file(door: FileDoor) -> None:
    """By channel or medium, and by an acquisition that says it all."""
    for number, (said, channel) in enumerate(
        [
            ({"inlet-medium": "radio"}, "Radio"),
            ({"inlet-channel": "Fair in Lisbon"}, "Fair in Lisbon"),
            ({"inlet-acquisition": "event"}, "Event"),
            ({}, ""),
        ]
    ):
        door.import_file(f"inbox/{number}.csv", f"email\n{number}@x.org\n", said)
        assert door.touches()[-1].source.channel == channel
