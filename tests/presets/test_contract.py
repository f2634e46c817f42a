"""What every preset keeps to; one gets these tests by lying on the shelf with its example."""

import csv
import io
from pathlib import Path

import pytest

from chalicelib.fields._standard import STANDARD
from chalicelib.presets import SHELF, header_key, preset, recognise
from chalicelib.presets._layout import ROLES
from chalicelib.store.suppressions import Ledger
from tests.imports.door import FileDoor
from tests.store.people import RING

EXAMPLES = Path(__file__).parent / "examples"
NAMES = SHELF.names()


def header(name: str) -> list[str]:
    """The header of a product's export."""
    text = (EXAMPLES / f"{name}.csv").read_bytes().decode("cp1252" if name == "access" else "utf-8")
    return next(csv.reader(io.StringIO(text), delimiter=";" if name == "access" else ","))


def test_every_preset_has_an_example() -> None:
    """A new one is one module and one file."""
    assert set(NAMES) == {file.stem for file in EXAMPLES.glob("*.csv")}


@pytest.mark.parametrize("name", NAMES)
def test_its_places_are_fields_and_its_marks_are_places(name: str) -> None:
    """No header stands twice, a mark is a header of its own layout, a field is one of ours."""
    made = preset(name)
    keys = [header_key(place.header) for place in made.places]
    assert len(keys) == len(set(keys))
    assert {header_key(h) for marks in made.marks for h in marks} <= set(keys)
    assert {p.field for p in made.places} <= {"", "external_id", *ROLES, *STANDARD}
    assert {"email", "phone"} & {place.field for place in made.places}


@pytest.mark.parametrize("name", NAMES)
def test_its_example_is_known_as_its_own(name: str) -> None:
    """In any order of the columns; and every header of the example is in the layout."""
    made = preset(name)
    assert recognise(header(name)) is made
    assert recognise(header(name)[::-1]) is made
    assert [h for h in header(name) if made.place(h) is None] == []


def test_plain_headers_are_nobodys() -> None:
    """What anybody might write is no product's."""
    for plain in (["Email", "First name", "Last name"], ["id", "email", "name"], ["邮件", "姓名"]):
        assert recognise(plain) is None


@pytest.mark.parametrize("name", NAMES)
def test_its_example_becomes_a_lead(name: str) -> None:
    """With name, key and id; what the product says of contact is in the ledger."""
    door, made = FileDoor(), preset(name)
    found = door.import_file("inbox/a.csv", (EXAMPLES / f"{name}.csv").read_bytes())
    assert (found["created"], found["preset"], found["codes"]) == (1, made.title, {})
    (values,) = door.values()
    assert values["email"] == "ana@example.org"
    assert values.get("full_name") or values["first_name"] == "Ana"
    (touch,) = door.touches()
    if name != "listmonk":
        assert str(values["phone"])[-8:] in ("12904857", "29048571")
    fields = {place.field for place in made.places}
    assert set(touch.external_ids) == ({made.scope} if "external_id" in fields else set())
    tags = {"google_contacts": {"vip", "myContacts"}}.get(name, {"vip", "fair"})
    written = {made.place(h).field for h in header(name) if made.place(h)}  # type: ignore[union-attr]
    assert set(touch.tags) == (tags if "tags" in written else set())
    key = RING.key("e", "ana@example.org")
    held = Ledger(door.table, RING).get([key])[key].reasons
    assert held == sorted(written & {"unsubscribed", "bounced"})
