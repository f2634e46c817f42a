"""The big list of naughty strings comes in by every door and out again as it was.

What may change is what shows nothing: white space and format characters at the ends, control
characters anywhere, runs of white space in a name, NFC (docs/fields.md lists them).
"""

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.doors import front
from chalicelib.formats._formula import neutralise
from chalicelib.intake.demo_form import DEMO_FORM
from chalicelib.model import Response
from chalicelib.wiring import Live
from tests.admin.office import Office
from tests.fields.corpora import corpus
from tests.fields.test_text_hygiene import visible
from tests.imports.door import FileDoor
from tests.live import Stage, asked

ENDPOINT = "g-3f9aQ7xLm2Zt8Kc5Rv1Wy6"
# At most so many of the 515 lose something, and nothing of it can be seen.
MOST_CHANGED = 21
BOUNDARY = "a-boundary-that-no-naughty-string-has"

Fields = dict[str, str]
Values = Mapping[str, Any]


def naughty() -> list[Fields]:
    """A person for each string, who is called so and says so."""
    strings: list[str] = corpus("blns/blns.json")
    assert len(strings) == 515
    return [
        {"email": f"p{number}@example.org", "first_name": text, "notes": text}
        for number, text in enumerate(strings)
    ]


def stage_with(rows: list[Fields], send: Callable[[Stage, Fields], Response]) -> list[Values]:
    """The leads of a stage to which all were sent."""
    stage = Stage()
    # Local: one address may post more often than a form's usual limit lets it.
    stage.live = Live(replace(stage.live.settings, stage="local"), stage.outside)
    fields: dict[str, Any] = {name: {} for name in ("email", "first_name", "notes")}
    stage.put_form("contact", {**DEMO_FORM, "fields": fields})
    stage.live.catalogue.form("contact")
    stage.put_endpoint(ENDPOINT, {"provider": "generic"})
    for row in rows:
        assert send(stage, row).status == 200
    return [shown(lead.view.visible()["values"]) for lead in stage.stored.leads.values()]


def shown(values: Any) -> Values:
    found: Values = values
    return found


def form(content_type: str, body: Callable[[Fields], bytes]) -> Callable[[list[Fields]], Any]:
    """The form door with bodies of one kind."""

    def send(stage: Stage, row: Fields) -> Response:
        headers: Any = {"content_type": content_type, "accept": "application/json"}
        return front.form(
            stage.live, "contact", asked("POST", "/forms/contact", body(row), **headers)
        )

    return lambda rows: stage_with(rows, send)


def multipart(row: Fields) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in row.items()
    ]
    return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()


def webhook(rows: list[Fields]) -> list[Values]:
    """A generic endpoint."""

    def send(stage: Stage, row: Fields) -> Response:
        body = json.dumps(row).encode()
        path = f"/webhooks/generic/{ENDPOINT}"
        request = asked("POST", path, body, content_type="application/json")
        return front.webhook(stage.live, "generic", ENDPOINT, request)

    return stage_with(rows, send)


def file(rows: list[Fields]) -> list[Values]:
    """A CSV file, written as an export writes it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows[0])
    writer.writerows([neutralise(cell) for cell in row.values()] for row in rows)
    door = FileDoor()
    made = door.import_file("inbox/a.csv", text.getvalue(), {"inlet-clear-token": ""})
    assert made["created"] == made["rows"] == len(rows)
    return [shown(values) for values in door.values()]


def api(rows: list[Fields]) -> list[Values]:
    """Manual entries, and read by the API again."""
    office = Office()
    ids = [office.post("/leads", dict(row))["lead"] for row in rows]
    return [shown(office.get("/leads/{lead}", lead=lead)["values"]) for lead in ids]


DOORS = {
    "form, JSON": form("application/json", lambda row: json.dumps(row).encode()),
    "form, urlencoded": form(
        "application/x-www-form-urlencoded", lambda row: urlencode(row).encode()
    ),
    "form, multipart": form(f"multipart/form-data; boundary={BOUNDARY}", multipart),
    "webhook": webhook,
    "file": file,
    "api": api,
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
def test_naughty_strings_come_out_as_they_came_in(door: Callable[[list[Fields]], Any]) -> None:
    """Every person is there, with every character that can be seen, in the same order."""
    rows = naughty()
    found = {values["email"]: values for values in door(rows)}
    assert found.keys() == {row["email"] for row in rows}
    for field in ("first_name", "notes"):
        out = [found[row["email"]].get(field, "") for row in rows]
        assert [visible(text) for text in out] == [visible(row[field]) for row in rows]
        changed = [row[field] for row, text in zip(rows, out, strict=True) if text != row[field]]
        assert len(changed) <= MOST_CHANGED
