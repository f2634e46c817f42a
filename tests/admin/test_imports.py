"""Imports over the API: the way in for a file, and how far each is."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from chalicelib.imports import records
from chalicelib.imports.records import Import, Status
from chalicelib.model import Response
from tests.admin.office import Office, content, refusal


def imported(office: Office, number: int, key: str) -> str:
    """An import that is under way."""
    made = f"{number:032x}"
    records.insert(office.table, Import(made, key, started_ms=1_000_000 + number))
    office.live.told[made] = {"import": made, "key": key}
    return made


def test_an_upload_is_an_import_before_its_file_is_there(office: Office) -> None:
    """Its id and options are stored, and the address leads to its own folder of the inbox."""
    options = {"source": "fair", "policy": {"company": "fill"}}
    body = {"filename": "leads, May.csv", "options": options}
    answer = office.ask("POST", "/imports", body=body, role="ingest")
    assert isinstance(answer, Response)
    assert answer.status == 201
    told = content(answer)
    stored = records.load(office.table, told["import"])
    assert stored is not None
    assert (stored.status, stored.options) == (Status.QUEUED, options)
    assert stored.key == f"inbox/_/{told['import']}/leads, May.csv"
    assert told["upload"]["fields"]["key"] == stored.key


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "filename", "type_invalid"),
        ({"filename": 1}, "filename", "type_invalid"),
        ({"filename": "a/b.csv"}, "filename", "type_invalid"),
        ({"filename": "..\\b.csv"}, "filename", "type_invalid"),
        ({"filename": ".."}, "filename", "type_invalid"),
        ({"filename": "_import.json"}, "filename", "type_invalid"),
        ({"filename": "x" * 201}, "filename", "type_invalid"),
        ({"filename": "a\r\nb"}, "filename", "type_invalid"),
        ({"filename": "a.csv", "options": []}, "options", "type_invalid"),
        ({"filename": "a.csv", "options": {"sorce": "x"}}, "options.sorce", "option_unknown"),
        ({"filename": "a.csv", "options": {"mode": "eat"}}, "options.mode", "option_invalid"),
        ({"filename": "a.csv", "source": "x"}, "source", "unknown_field"),
    ],
)
def test_what_the_splitter_would_refuse_is_refused_at_once(
    office: Office, body: object, field: str, code: str
) -> None:
    """422, nothing stored and nothing signed."""
    error = refusal(office, "POST", "/imports", body=body)
    assert (error.status, error.problems[0].field, error.problems[0].code) == (422, field, code)
    assert office.bucket.signed == []


def test_an_option_nested_without_end_is_refused(office: Office) -> None:
    """Options may be given as JSON in a text."""
    body = {"filename": "a.csv", "options": {"mapping": "[" * 90_000}}
    assert refusal(office, "POST", "/imports", body=body).status in (413, 422)


def test_imports_are_listed_newest_first_and_by_key(office: Office) -> None:
    """Each as it stands now; one that is gone from the table is left out."""
    made = [imported(office, n, f"inbox/{n % 2}.csv") for n in range(5)]
    pages: list[list[Any]] = list(office.pages("/imports", 2, role="ingest"))
    assert [each["import"] for page in pages for each in page] == made[::-1]
    found = office.get("/imports", query={"key": "inbox/1.csv"})["items"]
    assert [each["import"] for each in found] == [made[3], made[1]]
    del office.live.told[made[4]]
    assert len(office.get("/imports")["items"]) == 4


def test_one_import_is_shown_as_it_stands(office: Office) -> None:
    """And one that is not there is missing."""
    made = imported(office, 1, "inbox/a.csv")
    assert office.get("/imports/{import}", **{"import": made})["key"] == "inbox/a.csv"
    for name in ("0" * 32, "x y", ""):
        assert refusal(office, "GET", "/imports/{import}", **{"import": name}).status == 404


def test_an_upload_asked_for_again_under_its_key_is_one_import(office: Office) -> None:
    """With a fresh address; another file under that key is a conflict, another's key another's."""
    key = {"idempotency-key": "one"}
    body = {"filename": "people.csv", "options": {"source": "fair"}}
    first = office.post("/imports", body, headers=key)
    assert office.post("/imports", body, headers=key) == first
    assert len(office.get("/imports")["items"]) <= 1
    other = {**body, "filename": "others.csv"}
    assert refusal(office, "POST", "/imports", body=other, headers=key).code == "key_used"
    theirs = office.post("/imports", body, headers=key, role="editor")
    assert theirs["import"] != first["import"]
    assert office.post("/imports", body)["import"] != office.post("/imports", body)["import"]
    long = {"idempotency-key": "x" * 201}
    assert refusal(office, "POST", "/imports", body=body, headers=long).status == 422


def test_an_upload_whose_file_came_is_not_begun_again(office: Office) -> None:
    """The key's import runs: 409, and no address that would replace its file."""
    key, body = {"idempotency-key": "one"}, {"filename": "people.csv"}
    made = office.post("/imports", body, headers=key)
    began = partial(replace, status=Status.SPLITTING)
    records.change(office.table, made["import"], began)
    assert refusal(office, "POST", "/imports", body=body, headers=key).code == "key_used"


@pytest.mark.parametrize("left", ["errors.csv", "report.html"])
def test_what_is_left_of_an_import_is_read_at_an_address_of_its_own(
    office: Office, left: str
) -> None:
    """A redirect to the bucket; 404 before it is there and for no import; nothing for the masked."""
    path = f"/imports/{{import}}/{left}"
    made = imported(office, 1, "inbox/a.csv")
    for name in (made, "0" * 32, "../x"):
        assert refusal(office, "GET", path, **{"import": name}).status == 404
    office.bucket.write(f"reports/{made}/{left}", b"x")
    named: dict[str, Any] = {"import": made}
    answer = office.ask("GET", path, role="editor", **named)
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (303, "")
    assert answer.headers["Location"] == f"https://bucket.test/reports/{made}/{left}"
    office.secrets["editor"] = office.keys.create("editor", masked=True)[0]
    error = refusal(office, "GET", path, role="editor", **{"import": made})
    assert error.status == 403
