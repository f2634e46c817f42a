"""The same thousand people are the same thousand leads, whatever the country they are sent from."""

from collections.abc import Iterator

import pytest

from chalicelib.fields import SHELF
from chalicelib.fields._field import Context
from chalicelib.formats import Reading, Row, open_rows
from chalicelib.formats._source import Source
from chalicelib.imports.header_row import LOOKED_AT, find_header
from chalicelib.intake.rules import FieldRule
from tests.fakes_files import MemoryFiles
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


TYPES = ("text", "text", "email", "phone", "date", "text", "notes", "number")
# XML and JSON name what they hold; the others hold it in one order.
PATHS = {
    "export.xml": [
        "first_name",
        "last_name",
        "@email",
        "phone",
        "birth_date",
        "address/city",
        "message",
        "amount",
    ],
    "export.jsonl": [
        "first_name",
        "last_name",
        "email",
        "phone",
        "birth_date",
        "address.city",
        "message",
        "amount",
    ],
}


def rows_of(name: str) -> Iterator[list[str]]:
    """The cells of one shape in the order of the others, as its format gives them."""
    files = MemoryFiles()
    files.drop(name, SHAPES[name]())
    with Source(name, lambda: files.open(name)) as source:
        opened = open_rows(source, Reading())
        rows: list[Row] = list(opened.rows)
        if opened.header is None:
            at = find_header(rows[:LOOKED_AT])
            yield from (row[1] for row in rows[at + 1 :])
            return
        places = [opened.header.index(path) for path in PATHS[name]]
        yield from ([row[1][place] for place in places] for row in rows)


@pytest.mark.parametrize("name", SHAPES)
def test_cells_are_the_same_once_they_are_normalised(name: str) -> None:
    """Decimal commas, Persian digits, days of three calendars and notations, true dates."""
    context = Context(region="ES", date_order="dmy")
    normal = [SHELF.get(kind).normalise for kind in TYPES]
    rules = [FieldRule(kind, type=kind) for kind in TYPES]
    found = [
        [
            str(n(cell, context, rule).value)
            for n, cell, rule in zip(normal, row, rules, strict=True)
        ]
        for row in rows_of(name)
    ]
    assert found == [
        [
            one.first_name, one.last_name, one.email, one.phone, one.birth_date.isoformat(),
            one.city, one.message, one.amount.rstrip("0").rstrip("."),
        ]
        for one in everybody()
    ]  # fmt: skip
