"""A dropped file, from the object to the report."""

import json
from dataclasses import replace

import pytest

from chalicelib import errors
from chalicelib.imports import records
from chalicelib.imports.notification import announcement
from chalicelib.imports.records import Import, Status
from tests.imports.door import COUNTS, FileDoor, balanced, people

MIXED = (
    "Nombre,Apellidos,Correo electrónico,Teléfono,Color\n"
    "Ana,López,Ana.Lopez@Example.org,600 123 456,rojo\n"
    ",,,,\n"
    "Bob,Gil,bob@,,azul\n"
    "Eva,Gil,,,\n"
    "Leo,Paz\n"
    "Ana,,ana.lopez@example.org,,\n"
)


@pytest.fixture
def door() -> FileDoor:
    """A stage with nothing in it."""
    return FileDoor()


def test_a_file_becomes_leads_and_a_report(door: FileDoor) -> None:
    """Rows end in one fate each, blanks are no rows, unmapped columns are kept and listed."""
    found = door.import_file("inbox/fair/spring/a.csv", MIXED)
    counts = {name: found[name] for name in COUNTS if found[name]}
    assert counts == {"created": 1, "rejected": 3, "unchanged": 1}
    assert (found["rows"], found["blank"], found["status"]) == (5, 1, "done")
    assert found["codes"] == {"email_invalid": 1, "no_key": 1, "row_ragged": 1}
    assert found["columns"][2] == {
        "header": "Correo electrónico",
        "field": "email",
        "how": "alias",
        "filled": 3,
        "confidence": 1.0,
    }
    assert found["columns"][4]["field"] is None
    assert (found["encoding"], found["delimiter"]) == ("utf-8", ",")
    assert found["source"] == {"name": "fair", "campaign": "spring", "acquisition": "unknown"}
    (lead,) = door.values()
    assert lead == {
        "first_name": "Ana",
        "last_name": "López",
        "email": "ana.lopez@example.org",
        "phone": "+34600123456",
        "phone_type": "mobile",
    }
    touch = door.touches()[0]
    assert touch.extra == {"Color": "rojo"}
    assert (touch.source.campaign, touch.source.borrowed) == ("spring", True)
    assert touch.source.import_id == found["import"]


def test_what_is_stored_of_a_report_is_what_is_answered(door: FileDoor) -> None:
    """`summary.json` in the bucket is the answer for a finished import."""
    found = door.import_file("inbox/a.csv", MIXED)
    assert json.loads(door.files.body(f"reports/{found['import']}/summary.json")) == found


def test_the_errors_say_which_row_what_and_why(door: FileDoor) -> None:
    """Line, code, field and sentence, then the file's own columns as they were."""
    found = door.import_file("inbox/a.csv", MIXED)
    header, *rows = door.errors(found["import"])
    assert header[:6] == ["_import", "_row", "_code", "_field", "_message", "Nombre"]
    assert {row[0] for row in rows} == {found["import"]}
    assert [row[1:4] for row in rows] == [
        ["4", "email_invalid", "email"],
        ["5", "no_key", ""],
        ["6", "row_ragged", ""],
    ]
    assert rows[0][5:] == ["Bob", "Gil", "bob@", "", "azul"]
    assert all(row[4] for row in rows)


def test_blank_cells_change_nothing_and_the_clear_token_clears(door: FileDoor) -> None:
    """A later file's empty cell keeps the value; `NULL` takes it away."""
    header = "email,company,city\n"
    door.import_file("inbox/a.csv", header + "ana@x.org,Acme,Lima\n")
    found = door.import_file("inbox/b.csv", header + "ana@x.org, ,NULL\n")
    assert found["merged"] == 1
    assert door.values() == [{"email": "ana@x.org", "company": "Acme"}]


def test_the_same_notification_again_moves_nothing(door: FileDoor) -> None:
    """Delivered twice, before or after the end: one import, the same counts."""
    notification = door.drop("inbox/a.csv", MIXED)
    door.objects.messages *= 2
    (first,) = door.run()
    before = balanced(door.summary(first))
    leads = door.values()
    door.objects.messages.append(announcement(notification))
    assert door.run() == [first]
    assert door.summary(first) == before
    assert door.values() == leads


def test_every_chunk_delivered_twice_moves_nothing(
    door: FileDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chunk that comes again reports what it came to first."""
    monkeypatch.setattr("chalicelib.imports.split.CHUNK_ROWS", 3)
    door.drop("inbox/a.csv", people(8))
    door.deliver(door.objects.take()[0])
    door.chunks.messages = [m for message in door.chunks.messages for m in (message, message)]
    messages = list(door.chunks.messages)
    door.run()
    door.chunks.messages = messages
    door.run()
    import_id = json.loads(messages[0])["import"]
    found = balanced(door.summary(import_id))
    assert (found["rows"], found["created"], found["status"]) == (8, 8, "done")


def test_the_same_file_dropped_again_is_repeated(door: FileDoor) -> None:
    """What took effect is repeated, what was refused is judged again; no lead changes."""
    first = door.import_file("inbox/a.csv", MIXED)
    leads = door.values()
    again = door.import_file("inbox/a.csv", MIXED)
    assert again["import"] != first["import"]
    assert (again["repeated"], again["rejected"]) == (2, 3)
    assert door.values() == leads
    assert door.summary(first["import"]) == first


def test_chunks_are_counted_while_the_import_runs(
    door: FileDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under way, the counts are those of the chunks that are done; the rest is expected."""
    monkeypatch.setattr("chalicelib.imports.split.CHUNK_ROWS", 4)
    door.drop("inbox/a.csv", people(10))
    import_id = door.deliver(door.objects.take()[0])
    first, *others = door.chunks.take()
    door.deliver(first)
    found = balanced(door.summary(import_id))
    assert (found["status"], found["rows"], found["expected"]) == ("running", 4, 10)
    door.chunks.messages = others
    door.run()
    found = balanced(door.summary(import_id))
    assert (found["status"], found["rows"]) == ("done", 10)


def test_options_reach_the_leads(door: FileDoor) -> None:
    """Tags, acquisition, policy, mode and required fields say what they say everywhere."""
    door.files.drop("inbox/fair/_import.json", b'{"acquisition": "opted_in", "tags": ["vip"]}')
    header = "email,company\n"
    door.import_file("inbox/fair/a.csv", header + "ana@x.org,Acme\n")
    touch = door.touches()[0]
    assert (touch.source.acquisition, touch.source.borrowed) == ("opted_in", False)
    assert touch.tags == {"vip": True}
    fill = {"inlet-policy": '{"company": "fill"}', "inlet-mode": "update"}
    rows = "ana@x.org,Beta\nnew@x.org,Gamma\n"
    found = door.import_file("inbox/fair/b.csv", header + rows, fill)
    assert (found["unchanged"], found["ignored"]) == (1, 1)
    assert found["codes"] == {"lead_unknown": 1}
    found = door.import_file("inbox/c.csv", header + "eva@x.org,\n", {"inlet-required": "company"})
    assert found["codes"] == {"required_missing": 1}
    assert door.values() == [{"company": "Acme", "email": "ana@x.org"}]


def test_an_external_id_is_a_key_of_its_source(door: FileDoor) -> None:
    """A row without e-mail and phone is known by the id that the source gave it."""
    door.import_file("inbox/hubspot/a.csv", "Record ID,Email\n7,ana@x.org\n")
    found = door.import_file("inbox/hubspot/b.csv", "Record ID,City\n7,Lima\n,Rome\n")
    assert (found["merged"], found["rejected"]) == (1, 1)
    (lead,) = door.values()
    assert (lead["email"], lead["city"]) == ("ana@x.org", "Lima")


def test_settings_and_other_folders_are_no_files(door: FileDoor) -> None:
    """Only what lies in the inbox is imported, and S3's test of a queue is nobody's file."""
    for key in ("inbox/_import.json", "inbox/fair/", "reports/a.csv"):
        door.drop(key, b"{}")
    door.objects.messages.append('{"Service": "Amazon S3", "Event": "s3:TestEvent"}')
    assert door.run() == []
    assert door.table.items == {}


def test_a_key_with_blanks_and_letters_of_any_script(door: FileDoor) -> None:
    """S3 writes keys as addresses have them; folders are sources as they are called."""
    found = door.import_file("inbox/Feria de Málaga 100%/موج+1/a b.csv", "email\na@x.org\n")
    assert found["key"] == "inbox/Feria de Málaga 100%/موج+1/a b.csv"
    assert found["source"]["name"] == "Feria de Málaga 100%"
    assert found["source"]["campaign"] == "موج+1"


@pytest.mark.parametrize("language", ["en", "es", "pt", "fa", "zh"])
def test_the_report_speaks_the_imports_language(door: FileDoor, language: str) -> None:
    """A page by itself, in the right direction, that runs nothing a cell says."""
    body = "email,<script>alert(1)</script>\nana@,x\nb@x.org,1\n"
    found = door.import_file("inbox/a.csv", body, {"inlet-language": language})
    page = door.files.body(f"reports/{found['import']}/report.html").decode()
    assert f'lang="{language}" dir="{"rtl" if language == "fa" else "ltr"}"' in page
    assert "<script" not in page
    assert "http://" not in page
    assert "https://" not in page
    assert "email_invalid" in page


def test_an_upload_takes_the_import_and_the_options_that_wait_for_it(door: FileDoor) -> None:
    """The id is known before the file, the call's options win; another file there is another."""
    waiting = Import("a" * 32, f"inbox/_/{'a' * 32}/my list.csv", status=Status.QUEUED)
    records.insert(door.table, replace(waiting, options={"source": "api", "tags": ["x"]}))
    assert door.summary(waiting.id)["status"] == "queued"
    found = door.import_file(waiting.key, people(2), {"inlet-source": "metadata"})
    assert (found["import"], found["created"]) == (waiting.id, 2)
    assert found["source"]["name"] == "api"
    again = door.import_file(waiting.key, people(1))
    assert (again["import"] != waiting.id, again["unchanged"]) == (True, 1)


def test_what_is_no_import_is_missing(door: FileDoor) -> None:
    """A worker leaves a message alone that names no import, and nobody is shown one."""
    door.deliver('{"import": "nope", "chunk": 1, "rows": 1}')
    with pytest.raises(errors.Missing):
        door.summary("nope")
