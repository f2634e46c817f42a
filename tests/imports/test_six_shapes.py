"""The same thousand people are the same thousand leads, whatever the country they are sent from."""

import pytest

from tests.imports.door import FileDoor
from tests.imports.six_shapes import COUNT, OPTIONS, SHAPES, everybody


@pytest.mark.slow
def test_six_files_of_the_same_people_make_them_once() -> None:
    """A thousand are created, and five times a thousand are unchanged."""
    door = FileDoor()
    fates = []
    for name, made in SHAPES.items():
        metadata = {"inlet-acquisition": "opted_in", **OPTIONS.get(name, {})}
        found = door.import_file(f"inbox/fair/{name}", made(), metadata)
        assert found["codes"] == {}, (name, found["codes"])
        fates.append((found["created"], found["unchanged"], found["rows"]))
    assert fates == [(COUNT, 0, COUNT), *[(0, COUNT, COUNT)] * 5]
    values = {value["email"]: value for value in door.values()}
    assert len(values) == COUNT
    for one in everybody():
        found = values[one.email]
        assert found["phone"] == one.phone
        assert found["birth_date"] == one.birth_date.isoformat()
        assert (found["first_name"], found["last_name"]) == (one.first_name, one.last_name)
        assert found["city"] == one.city
