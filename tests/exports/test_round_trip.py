"""Leads out as a file and in again: every row unchanged, nothing that runs, nobody who said no."""

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.exports import records, template
from chalicelib.exports.records import Export
from chalicelib.exports.run import message, run
from chalicelib.fields._standard import STANDARD
from chalicelib.intake.company import account_id
from chalicelib.intake.field_set import field_set
from chalicelib.model import to_ms
from chalicelib.presets import SHELF
from chalicelib.store import accounts
from chalicelib.store.account_items import Status as AccountStatus
from chalicelib.store.accounts import Accounts
from chalicelib.store.field_set import changed, load_fields
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger
from tests.imports.door import FileDoor
from tests.store.people import RING

NASTY = [
    ["ana@x.org", "+34612904857", "Ana", "=1+1", "one note", 'vip, "very"; so', "yes"],
    ["eva@x.org", "", "Éva 王", "'@SUM(A1)", "first\n\nwith a gap", "fair", ""],
    ["", "+34655001122", "-Bo", "''=x", "", "", "no"],
    ["zoe@x.org", "", "NULLa", "a;b|c", "", "", ""],
]
PETS = {"type": "multi_choice", "label": {"en": "Pets"}, "choices": ["cat", "dog"]}


@pytest.fixture
def door() -> FileDoor:
    """A stage with four people, of whom one has two notes, and a field of its own."""
    made = FileDoor()
    made.table.transact(changed(made.table, "pets", PETS))
    out = io.StringIO(newline="")
    rows = [["email", "phone", "first_name", "company", "notes", "tags", "consent", "pets", "id"]]
    rows += [[*row, "cat; dog", f"n{n}"] for n, row in enumerate(NASTY)]
    csv.writer(out).writerows(rows)
    said = {"inlet-mapping": json.dumps({"id": "external_id"}), "inlet-clear-token": ""}
    found = made.import_file("inbox/crm/a.csv", out.getvalue(), said)
    assert (found["created"], found["rejected"]) == (4, 0)
    made.import_file("inbox/crm/b.csv", "email,notes,company\nana@x.org,a later note,NULL\n", said)
    return made


def export(door: FileDoor, kind: str, **said: Any) -> bytes:
    """What an export of everybody holds."""
    made = Export(
        id="e" * 32,
        kind=kind,
        created_ms=to_ms(door.outside.now()),
        query={"by": "newest"},
        fields=tuple(field_set(load_fields(door.table)).rules),
        **said,
    )
    assert records.insert(door.table, made)
    door.chunks.messages.append(message(made.id, 1))
    while messages := door.chunks.take():
        for each in messages:
            run(json.loads(each), door.outside)
            run(json.loads(each), door.outside)
    done = records.load(door.table, made.id)
    assert done is not None
    assert (done.status, done.code) == ("done", "")
    every = [stat.key for stat in door.files.list("exports/")]
    # Beside it lies whom it holds: for an erasure to find.
    kept = [key for key in every if not key.endswith(".leads")]
    assert kept == [done.file]
    return door.files.body(done.file)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_what_went_out_comes_in_unchanged(door: FileDoor, kind: str) -> None:
    """Every value, note, tag and id; a redelivered message makes no second row."""
    before = door.values()
    found = door.import_file(f"inbox/crm/back.{kind}", export(door, kind))
    assert (found["rows"], found["unchanged"], found["codes"]) == (4, 4, {})
    assert door.values() == before
    assert [column["header"] for column in found["columns"] if column["how"] == "fuzzy"] == []


def test_an_export_restores_an_empty_stage(door: FileDoor) -> None:
    """With all that leads show but the notes before the last, which are kept beside the values."""
    body, there = export(door, "csv"), FileDoor()
    there.table.transact(changed(there.table, "pets", PETS))
    found = there.import_file("inbox/crm/a.csv", body)
    assert found["created"] == 4
    lost = ("notes", "phone_type")
    assert [{n: v for n, v in values.items() if n not in lost} for values in there.values()] == [
        {n: v for n, v in values.items() if n not in lost} for values in door.values()
    ]


def test_nothing_in_a_csv_or_workbook_runs(door: FileDoor) -> None:
    """No cell begins as a formula does, and a spreadsheet finds its encoding."""
    body = export(door, "csv")
    assert body.startswith(b"\xef\xbb\xbf")
    cells = [cell for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))) for cell in row]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")] == []
    assert "'=1+1" not in cells  # the company was overwritten by what a list said later
    assert "'+34612904857" in cells


@pytest.mark.parametrize("asked", [False, True])
def test_who_must_not_be_contacted_is_left_out_unless_asked_for(
    door: FileDoor, asked: bool
) -> None:
    """And where they are asked for, the file says so of them."""
    key = RING.key("e", "eva@x.org")
    Ledger(door.table, RING).suppress(key, Reason.UNSUBSCRIBED, Word(1, "api", "me"))
    text = export(door, "csv", suppressed=asked).decode("utf-8-sig")
    rows = {row["email"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert ("eva@x.org" in rows) is asked
    if asked:
        assert (rows["eva@x.org"]["unsubscribed"], rows["ana@x.org"]["unsubscribed"]) == (
            "true",
            "",
        )


@pytest.mark.parametrize("name", SHELF.names())
def test_every_layout_is_read_back_as_its_own(door: FileDoor, name: str) -> None:
    """With its header in its order; every row is unchanged."""
    found = door.import_file("inbox/crm/a.csv", export(door, "csv", layout=name))
    assert found["preset"] == SHELF.get(name).PRESET.title
    headers = [place.header for place in SHELF.get(name).PRESET.places]
    assert [column["header"] for column in found["columns"]] == headers
    # Where a layout has no place for a phone, whoever has nothing else is a blank line.
    assert found["unchanged"] + found["merged"] + found["rejected"] + found["blank"] == 4
    assert found["created"] == 0


@pytest.mark.parametrize("language", ["en", "fa", "zh"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_template_drops_cleanly(door: FileDoor, kind: str, language: str) -> None:
    """As it is it brings nobody; a row below its remarks is a row."""
    fields = field_set(load_fields(door.table))
    body = (template.as_csv if kind == "csv" else template.as_xlsx)(fields, language)
    found = door.import_file(f"inbox/t.{kind}", body)
    assert (found["status"], found["rows"], found["code"]) == ("done", 0, "no_rows")
    named = {column["header"]: column["field"] for column in found["columns"]}
    assert {name: named[name] for name in (*STANDARD, "pets", "tags")} == {
        name: name for name in (*STANDARD, "pets", "tags")
    }
    assert named["#"] is None


def test_a_filled_template_is_imported(door: FileDoor) -> None:
    """Only what stands below no remark."""
    fields = field_set(load_fields(door.table))
    text = template.as_csv(fields, "en").decode("utf-8-sig")
    header = next(csv.reader(io.StringIO(text)))
    row = {"email": "new@x.org", "pets": "cat", "tags": "a,b"}
    out = io.StringIO(newline="")
    csv.writer(out).writerow([row.get(name, "") for name in header])
    found = door.import_file("inbox/t.csv", text + out.getvalue())
    assert (found["rows"], found["created"], found["rejected"]) == (1, 1, 0)


def test_an_export_tells_of_the_account(door: FileDoor) -> None:
    """What people said of it, on the row of each of its people; nothing where there is none."""
    x_org = account_id("d:x.org")
    there = accounts.by_id(door.table, [x_org])[x_org]
    worth = {"amount": "1200.00", "currency": "EUR"}
    said = {"industry": "=Anvils", "employees": 12, "annual_revenue": worth}
    Accounts(door.table, lambda: 1).save(
        replace(there, name="X", status=AccountStatus.CUSTOMER, said=said)
    )
    door.import_file("inbox/crm/none.csv", "email,city\nlea@gmail.com,Madrid\n")
    text = export(door, "csv").decode("utf-8-sig")
    rows = {row["email"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert rows["lea@gmail.com"]["account"] == rows["lea@gmail.com"]["account_status"] == ""
    told = [rows["ana@x.org"][f"account{name}"] for name in ("", "_name", "_status", "_employees")]
    assert told == [x_org, "X", "customer", "12"]
    assert rows["eva@x.org"]["account_industry"] == "'=Anvils"
    assert rows["eva@x.org"]["account_revenue"] == "1200.00 EUR"
