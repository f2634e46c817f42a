"""Columns that no name tells, mappings that are kept, and what a mapping does with cells."""

import json
from typing import Any

import pytest

from chalicelib.fields._standard import STANDARD
from chalicelib.imports.saved import changed, check
from chalicelib.model import to_ms
from chalicelib.store.config import Configuration, Kind
from chalicelib.store.suppressions import Ledger
from tests.imports.door import FileDoor
from tests.store.people import RING


@pytest.fixture
def door() -> FileDoor:
    """An empty stage."""
    return FileDoor()


def save(door: FileDoor, name: str, document: dict[str, Any]) -> None:
    """Keep a mapping, as the API does."""
    content = check(document, STANDARD)
    configuration = Configuration(door.table, lambda: to_ms(door.outside.now()))
    configuration.put(
        Kind.MAPPING, name, content, beside=lambda: changed(door.table, name, content)
    )


def columns(found: dict[str, Any]) -> dict[str, tuple[str | None, str]]:
    """Field and how by header."""
    return {c["header"]: (c["field"], c["how"]) for c in found["columns"]}


def mails(count: int) -> list[str]:
    """So many addresses."""
    return [f"ana{n}@example.org" for n in range(count)]


def test_a_header_that_is_misspelled_is_found_by_likeness_and_content(door: FileDoor) -> None:
    """It says how like it is, and how many cells agree; nothing of it is silent."""
    rows = "".join(f"{mail},Gil,Acme\n" for mail in mails(10))
    found = door.import_file("inbox/a.csv", f"Emial adress,Lastname,Compnay name\n{rows}")
    assert columns(found) == {
        "Emial adress": ("email", "fuzzy"),
        "Lastname": ("last_name", "alias"),
        "Compnay name": ("company", "fuzzy"),
    }
    first = found["columns"][0]
    assert 0.7 < first["confidence"] < 1
    assert "10 of 10 cells hold e-mail addresses" in first["why"]
    assert found["created"] == 10


def test_content_alone_tells_an_address(door: FileDoor) -> None:
    """Under a header that nobody knows, or under none at all."""
    rows = "".join(f"{mail},https://acme{n}.example\n" for n, mail in enumerate(mails(10)))
    found = door.import_file("inbox/a.csv", f"Zzq,Qqx\n{rows}")
    assert columns(found) == {"Zzq": ("email", "content"), "Qqx": ("website", "content")}
    bare = door.import_file("inbox/b.csv", rows)
    assert [column["field"] for column in bare["columns"]] == ["email", "website"]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("Zzq,Qqx", "ana{n}@example.org,eva{n}@example.org"),  # which of them is the person?
        ("Vendor", "sales@acme.example"),  # one address in every row is nobody's own
        ("Zzq", "6{n:08d}"),  # digits may be anything
    ],
)
def test_a_key_is_never_guessed_where_it_is_doubtful(door: FileDoor, header: str, row: str) -> None:
    """The file fails before anything is written, and says what it might have been."""
    rows = "".join(row.format(n=n) + "\n" for n in range(12))
    found = door.import_file("inbox/a.csv", f"{header}\n{rows}", {"inlet-header": "yes"})
    assert (found["status"], found["code"]) == ("failed", "no_key")
    assert door.touches() == []


def test_a_doubt_is_a_suggestion(door: FileDoor) -> None:
    """A second column of addresses fills nothing, is kept beside the values, and is listed."""
    rows = "".join(f"{mail},boss{n}@example.org,\n" for n, mail in enumerate(mails(5)))
    found = door.import_file("inbox/a.csv", f"Email,Zzq,City\n{rows}")
    assert columns(found)["Zzq"] == (None, "unmapped")
    assert found["columns"][1]["suggestion"] == "email"
    assert (found["unmapped"], found["empty"]) == (["Zzq"], ["City"])
    assert door.touches()[0].extra == {"Zzq": "boss0@example.org"}


def test_a_likeness_that_its_content_contradicts_is_none(door: FileDoor) -> None:
    """A column `Phones` of words is no phone."""
    rows = "".join(f"{mail},red\n" for mail in mails(5))
    found = door.import_file("inbox/a.csv", f"Email,Telefonee\n{rows}")
    assert columns(found)["Telefonee"] == (None, "unmapped")


MAPPED = {
    "header": ["Contact", "Who", "Where", "Street", "No", "Groups", "Land"],
    "columns": {
        "Contact": "email",
        "Who": {"split": ", ", "into": ["last_name", "first_name"]},
        "Where": None,
        "Street": {"field": "address", "join": " "},
        "No": {"field": "address", "join": " "},
        "Groups": {"field": "tags", "split": " / ", "values": {"vip": "important"}},
        "Land": {"field": "country", "values": {"Heimat": "DE"}},
    },
}
ROWS = (
    'Contact,Who,Where,Street,No,Groups,Land\na@x.org,"Gil, Ana",here,Gran Vía,3,vip / new,heimat\n'
)


@pytest.mark.parametrize("said", [{}, {"inlet-mapping": "fair"}])
def test_a_kept_mapping_is_chosen_by_the_header_or_by_its_name(
    door: FileDoor, said: dict[str, str]
) -> None:
    """Its columns are split, joined, and their words put into ours."""
    save(door, "fair", MAPPED)
    found = door.import_file("inbox/a.csv", ROWS, said)
    assert (found["mapping"], found["created"]) == ("fair", 1)
    assert columns(found)["Contact"] == ("email", "saved")
    assert door.values() == [
        {
            "address": "Gran Vía 3",
            "country": "DE",
            "email": "a@x.org",
            "first_name": "Ana",
            "last_name": "Gil",
        }
    ]
    assert door.touches()[0].tags == {"important": True, "new": True}
    assert door.touches()[0].extra == {"Where": "here"}


def test_the_order_of_columns_makes_no_other_header(door: FileDoor) -> None:
    """And an option's own mapping goes before a kept one, column by column."""
    save(door, "fair", {"columns": {"Contact": "email", "Zzq": "city"}})
    found = door.import_file("inbox/a.csv", "ZZQ,contact\nRoma,a@x.org\n")
    assert (found["mapping"], columns(found)["ZZQ"]) == ("fair", ("city", "saved"))
    said = {"inlet-mapping": json.dumps({"zzq": "company"})}
    found = door.import_file("inbox/b.csv", "Zzq,Contact\nAcme,a@x.org\n", said)
    assert columns(found) == {"Zzq": ("company", "mapping"), "Contact": ("email", "saved")}


def test_a_mapping_that_is_not_there_fails_the_import(door: FileDoor) -> None:
    """Nobody guesses what was meant."""
    found = door.import_file("inbox/a.csv", ROWS, {"inlet-mapping": "gone"})
    assert (found["status"], found["code"]) == ("failed", "mapping_unknown")


def test_a_mended_file_means_what_its_first_meant(door: FileDoor) -> None:
    """Three rows would prove nothing about a column that two hundred made known."""
    rows = "".join(f"{mail},2024-01-01\n" for mail in [*mails(10), "broken@"])
    found = door.import_file("inbox/a.csv", f"Zzq,Birthday\n{rows}")
    assert (found["created"], found["rejected"]) == (10, 1)
    mended = door.files.body(f"reports/{found['import']}/errors.csv").replace(
        b"broken@", b"mended@example.org"
    )
    again = door.import_file("inbox/mended.csv", mended)
    assert again["columns"][0]["field"] == "email"
    assert door.summary(found["import"])["created"] == 11


def test_who_unsubscribed_is_in_the_ledger_before_the_lead_is_there(door: FileDoor) -> None:
    """A yes or a time suppresses, a no or a blank re-enables nobody, another word is asked about."""
    rows = "email,Unsubscribed\na@x.org,yes\nb@x.org,2024-03-01 10:00\nc@x.org,no\nd@x.org,\ne@x.org,maybe\n"
    found = door.import_file("inbox/a.csv", rows)
    assert (found["created"], found["codes"]) == (4, {"choice_unknown": 1})
    ledger = Ledger(door.table, RING)
    keys = {name: RING.key("e", f"{name}@x.org") for name in "abcde"}
    held = ledger.get(keys.values())
    assert {n for n, key in keys.items() if held[key].reasons} == {"a", "b"}
    door.import_file("inbox/b.csv", "email,Unsubscribed\na@x.org,no\n")
    assert ledger.get([keys["a"]])[keys["a"]].reasons == ["unsubscribed"]


def test_a_dry_run_suppresses_nobody(door: FileDoor) -> None:
    """What is tried out leaves no trace."""
    said = {"inlet-dry-run": "true"}
    door.import_file("inbox/a.csv", "email,Unsubscribed\na@x.org,yes\n", said)
    key = RING.key("e", "a@x.org")
    assert Ledger(door.table, RING).get([key])[key].reasons == []


def test_defaults_fill_what_no_column_does_and_overwrite_nothing(door: FileDoor) -> None:
    """Somebody's own value stays; a column that is there is left to itself, blank or not."""
    door.import_file("inbox/a.csv", "email,company\na@x.org,Acme\n")
    said = {"inlet-defaults": json.dumps({"company": "Beta", "city": "Roma"})}
    door.import_file("inbox/b.csv", "email,city\na@x.org,\nb@x.org,Bari\n", said)
    assert sorted(door.values(), key=lambda values: values["email"]) == [
        {"company": "Acme", "email": "a@x.org"},
        {"city": "Bari", "company": "Beta", "email": "b@x.org"},
    ]


BOUGHT = "email,Fecha de compra,Producto,Importe\na@x.org,25/03/2024 14:05,Mesa,100\na@x.org,04/03/2024,Silla,20\nz@x.org,1403/01/05,Cama,9\n"


def test_rows_of_history_are_touches_of_their_time(door: FileDoor) -> None:
    """Several a person, each with its kind and what it tells; the whole column reads its dates."""
    door.import_file("inbox/a.csv", "email\na@x.org\n")
    found = door.import_file("inbox/shop/b.csv", BOUGHT, {"inlet-history": "purchase"})
    assert found["rows"] == 3
    assert (found["created"], found["rejected"], found["history"]) == (1, 0, "purchase")
    history = [touch for touch in door.touches() if "_kind" in touch.extra]
    assert [(t.extra["Producto"], t.submitted_ms) for t in history] == [
        ("Silla", 1_709_510_400_000),
        ("Cama", 1_711_238_400_000),
        ("Mesa", 1_711_375_500_000),
    ]
    assert {touch.extra["_kind"] for touch in history} == {"purchase"}


def test_history_without_a_time_is_refused(door: FileDoor) -> None:
    """A file without such a column as a whole, a row without one by itself."""
    said = {"inlet-history": "call"}
    found = door.import_file("inbox/a.csv", "email,Producto\na@x.org,Mesa\n", said)
    assert (found["status"], found["code"]) == ("failed", "no_time")
    found = door.import_file("inbox/b.csv", "email,date\na@x.org,\nb@x.org,soon\n", said)
    assert found["codes"] == {"date_invalid": 1, "time_missing": 1}
