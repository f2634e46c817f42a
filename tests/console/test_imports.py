"""Imports at the console: leave to upload, the mapping said anew, what is said to an import."""

import json
import re
from dataclasses import replace

import pytest

from tests.console.visitor import Visitor
from tests.imports.door import FileDoor, people
from tests.live import Stage

FILE = "Correo,Zzz\nana@example.org,Lugo\neva@example.org,Vigo\nbroken@,\n"


@pytest.fixture
def door(stage: Stage) -> FileDoor:
    """The workers of a stage's files."""
    made = FileDoor(table=stage.table)
    made.outside = replace(made.outside, secret=stage.outside.secret, now=lambda: stage.moment)
    stage.live.outside = made.outside
    return made


def dropped(visitor: Visitor, door: FileDoor, body: str, **said: str) -> str:
    """Drop a file as the page's script does; the import, once the workers are done."""
    visitor.get("/imports/new")
    told = json.loads(visitor.post("/imports/new", {"filename": "leads.csv", **said}))
    door.drop(told["upload"]["fields"]["key"], body)
    door.run()
    assert told["at"] == f"/console/imports/{told['import']}"
    name: str = told["import"]
    return name


def fates(door: FileDoor, name: str) -> dict[str, int]:
    found = door.summary(name)
    return {fate: found[fate] for fate in ("created", "rejected", "undone")}


def test_a_file_is_tried_committed_and_taken_back(admin: Visitor, door: FileDoor) -> None:
    """The page says what would be, then what is; each button does what it says."""
    name = dropped(admin, door, FILE, source="fair", dry_run="yes", tags="a, b")
    admin.get(f"/imports/{name}")
    assert "nothing has been changed yet" in admin.words
    assert "New leads: 2" in admin.words
    assert door.values() == []
    admin.post(f"/imports/{name}/commit")
    door.run()
    admin.get(f"/imports/{name}")
    assert fates(door, name) == {"created": 2, "rejected": 1, "undone": 0}
    assert "Download the rows to mend (1)" in admin.words
    assert door.summary(name)["source"]["name"] == "fair"
    admin.post(f"/imports/{name}/undo")
    door.run()
    assert door.values() == []
    admin.get(f"/imports/{name}")
    admin.post(f"/imports/{name}/redo")
    door.run()
    assert len(door.values()) == 2


def test_a_column_is_given_another_field(admin: Visitor, door: FileDoor) -> None:
    """The same file is read once more, with all else that was said; the first try is over."""
    name = dropped(admin, door, FILE, source="fair", acquisition="event", dry_run="yes")
    admin.get(f"/imports/{name}")
    admin.post(
        f"/imports/{name}/map",
        {"header": ["Correo", "Zzz"], "field": ["email", "city"]},
        keep="yes",
        mapping_name="fair",
    )
    again = admin.at.rpartition("/")[2]
    assert again != name
    taken(door, again)
    found = door.summary(again)
    assert [(c["header"], c["field"]) for c in found["columns"]] == [
        ("Correo", "email"),
        ("Zzz", "city"),
    ]
    assert found["source"] == {"name": "fair", "campaign": "", "acquisition": "event"}
    assert (found["status"], door.summary(name)["status"]) == ("review", "cancelled")
    admin.get(f"/imports/{again}")
    admin.post(f"/imports/{again}/commit")
    door.run()
    assert {values["city"] for values in door.values()} == {"Lugo", "Vigo"}
    # The mapping was kept: the next file of these columns is read by it.
    third = dropped(admin, door, FILE.replace("ana@", "leo@"))
    assert door.summary(third)["mapping"] == "fair"


def taken(door: FileDoor, name: str) -> None:
    """What the bucket tells of a copy."""
    (key,) = [key for key in door.files.objects if name in key]
    door.drop(key, door.files.body(key))
    door.run()


def test_a_file_that_is_gone_is_not_taken_again(admin: Visitor, door: FileDoor) -> None:
    """The page says so."""
    name = dropped(admin, door, FILE, dry_run="yes")
    for key in [key for key in door.files.objects if key.startswith("inbox/")]:
        door.files.delete(key)
    admin.get(f"/imports/{name}")
    admin.post(f"/imports/{name}/map", header="Correo", field="email")
    assert admin.last.status == 409
    assert "not there any more" in admin.words


def test_what_cannot_be_said_is_told(admin: Visitor, door: FileDoor) -> None:
    """In words that the page's script shows."""
    admin.get("/imports/new")
    told = json.loads(admin.post("/imports/new", filename="a.csv", region="Spain"))
    assert admin.last.status == 422
    assert "region" in told["failed"][0]


def test_rows_and_a_column_are_taken_back_alone(admin: Visitor, door: FileDoor) -> None:
    """By their numbers in the file; a number that is none is told."""
    name = dropped(admin, door, "email,city\nana@example.org,Lugo\neva@example.org,Vigo\n")
    admin.get(f"/imports/{name}")
    admin.post(f"/imports/{name}/undo", rows="two")
    assert admin.last.status == 422
    admin.post(f"/imports/{name}/undo", rows="2")
    door.run()
    assert [values["email"] for values in door.values()] == ["eva@example.org"]
    admin.get(f"/imports/{name}")
    admin.post(f"/imports/{name}/undo", column="city")
    door.run()
    assert ["city" in values for values in door.values()] == [False]


def test_a_viewer_sees_imports_and_changes_none(stage: Stage, door: FileDoor) -> None:
    """No button, and no way round it; the rows of a file are not theirs."""
    admin = Visitor.signed_in(stage, "admin")
    name = dropped(admin, door, FILE)
    viewer = Visitor.signed_in(stage, "viewer")
    viewer.get(f"/imports/{name}")
    assert viewer.last.status == 200
    assert not re.findall(rf'action="[^"]*{name}/(?:undo|commit)', viewer.text)
    for action in ("undo", "cancel", "map"):
        viewer.post(f"/imports/{name}/{action}")
        assert viewer.last.status == 403
    viewer.get(f"/imports/{name}/errors")
    assert viewer.last.status == 403


def test_the_list_counts_and_pages(admin: Visitor, door: FileDoor) -> None:
    """Newest first, 25 a page."""
    for _ in range(27):
        dropped(admin, door, people(1))
    admin.get("/imports")
    assert admin.text.count("leads.csv") == 25
    (following,) = re.findall(r'rel="next" href="(\?[^"]+)"', admin.text)
    admin.get("/imports" + following.replace("&amp;", "&"))
    assert admin.text.count("leads.csv") == 2


def test_hostile_names_do_nothing(admin: Visitor, door: FileDoor) -> None:
    """A header, a source: text on the page, never part of it."""
    evil = "<script>alert(1)</script>"
    name = dropped(admin, door, f'Correo,"{evil}"\nana@example.org,x\n', source=evil, dry_run="yes")
    admin.get(f"/imports/{name}")
    assert "&lt;script&gt;" in admin.text
    assert evil not in admin.text
