"""Mending over the API, and what the self-audit said."""

import json
from dataclasses import replace

from chalicelib.imports import records
from chalicelib.imports.records import Import, Status
from chalicelib.stats.audit import Audit
from chalicelib.store import items
from tests.admin.office import Office, refusal


def break_a_lead(office: Office) -> str:
    """Enter somebody, and let their lead say something else; its id."""
    made = office.post("/leads", {"values": {"email": "ana@x.org", "first_name": "Ana"}})
    key = items.lead_key(made["lead"])
    body = json.loads(str(office.table.items[key]["b"]))
    body["v"] = {"first_name": [0, "Nobody"]}
    office.table.items[key]["b"] = json.dumps(body)
    return str(made["lead"])


def test_what_is_wrong_is_mended_slice_by_slice(office: Office) -> None:
    """The answer says what was wrong and what is left; then everything balances."""
    lead = break_a_lead(office)
    assert office.balance()
    told = office.post("/verify/repair", {})
    assert {one["name"] for one in told["wrong"]} == {lead}
    assert (told["left"], told["next"]) == ([], None)
    assert office.balance() == []
    assert office.get("/leads/{lead}", lead=lead)["values"]["first_name"] == "Ana"
    assert office.post("/verify/repair", {})["wrong"] == []


def test_nothing_is_mended_while_an_import_is_under_way(office: Office) -> None:
    """Its batches look like what is broken."""
    made = Import("i" * 32, "inbox/a.csv", started_ms=1)
    records.insert(office.table, made)
    error = refusal(office, "POST", "/verify/repair", body={})
    assert (error.status, error.code) == (409, "import_active")
    records.change(office.table, made.id, lambda imp: replace(imp, status=Status.DONE))
    assert office.post("/verify/repair", {})["wrong"] == []


def test_a_strange_cursor_or_part_is_refused(office: Office) -> None:
    """A cursor is of this route alone."""
    assert refusal(office, "POST", "/verify/repair", body={"cursor": "abc"}).status == 422
    assert refusal(office, "POST", "/verify/repair", body={"all": True}).status == 422


def test_the_audit_is_told(office: Office) -> None:
    """What it found last, how far the one under way is, and what the whole base is like."""
    lead = break_a_lead(office)
    assert office.get("/audit") == {"last": None, "now": None}
    ring = office.live.ring

    def run() -> None:
        Audit(office.table, ring, office.table.walk, lambda: office.moment, lambda: 9.0).run()

    run()
    assert office.get("/audit")["now"]["wrong"] == 0
    office.later(minutes=30)
    run()
    last = office.get("/audit")["last"]
    # One item; how it differs from the fold is one line.
    assert last["wrong"] == 1
    assert lead in last["problems"][0]
    base = office.get("/stats", role="viewer")["base"]
    assert base["leads"] == 1
    assert base["acquisition"] == {"manual": 1}
