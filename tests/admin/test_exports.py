"""Exports over the API: by the filters of the list of leads, and for nobody who sees data masked."""

import json

from chalicelib.exports.run import run
from tests.admin.office import Office, refusal


def test_an_export_is_asked_for_done_and_taken_away(office: Office) -> None:
    """It holds whom its filter finds, and lies behind an address until it is deleted."""
    office.post("/leads", {"email": "ana@x.org", "source": {"name": "fair"}})
    office.post("/leads", {"email": "eva@x.org", "source": {"name": "shop"}})
    made = office.post("/exports", {"format": "jsonl", "filters": {"source": "fair"}})
    assert (made["status"], made["url"]) == ("queued", None)
    for message in office.live.outside.chunks.sent:  # type: ignore[attr-defined]
        run(json.loads(message), office.live.outside)
    done = office.get("/exports/{export}", export=made["export"])
    assert (done["status"], done["rows"], done["left_out"]) == ("done", 1, 0)
    key = done["url"].removeprefix("https://bucket.test/")
    assert json.loads(office.bucket.held[key])["email"] == "ana@x.org"
    assert [each["export"] for each in office.get("/exports")["items"]] == [made["export"]]
    office.ask("DELETE", "/exports/{export}", export=made["export"])
    assert office.bucket.held == {}
    assert refusal(office, "GET", "/exports/{export}", export=made["export"]).code == "not_found"


def test_what_is_no_export_is_refused(office: Office) -> None:
    """Each with the place and a code."""
    for body, code in (
        ({"format": "pdf"}, "choice_unknown"),
        ({"layout": "nobody"}, "choice_unknown"),
        ({"filters": {"colour": "red"}}, "unknown_field"),
        ({"filters": []}, "type_invalid"),
        ({"suppressed": "yes"}, "type_invalid"),
        ({"columns": []}, "unknown_field"),
        ({"filters": {"source": "a", "stage": "b"}}, "filter_conflict"),
    ):
        assert refusal(office, "POST", "/exports", body=body).code == code


def test_who_sees_data_masked_exports_none(office: Office) -> None:
    """Whatever the role."""
    office.secrets["editor"] = office.keys.create("editor", masked=True)[0]
    assert refusal(office, "POST", "/exports", role="editor").status == 403
