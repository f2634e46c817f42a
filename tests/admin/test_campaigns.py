"""Campaigns: whom they brought, what was done for them, and activities on a lead's timeline."""

import datetime as dt
from typing import Any

import pytest

from chalicelib.model import Response
from chalicelib.store.verify import verify
from tests.admin.office import Office, content, refusal
from tests.admin.test_stages import entered, lead_of

PATH = "/campaigns/{campaign}"


def put(office: Office, name: str, **body: Any) -> dict[str, Any]:
    """A campaign."""
    return content(office.ask("PUT", PATH, campaign=name, body=body))


def brought(office: Office, name: str) -> list[str]:
    """The addresses that it brought."""
    items = office.get(f"{PATH}/leads", campaign=name)["items"]
    return [each["values"]["email"] for each in items]


def test_a_campaign_lists_whom_it_brought_through_its_sources(office: Office) -> None:
    """By the first touch; neither other campaigns of the source nor later touches."""
    spring = {"name": "fair", "campaign": "spring", "channel": "event"}
    entered(office, source=spring)
    entered(office, email="eva@x.org", source={**spring, "name": "newsletter"})
    entered(office, email="leo@x.org", source={"name": "fair", "campaign": "autumn"})
    entered(office, email="leo@x.org", source=spring)
    made = put(office, "spring", kind="event", sources=["fair", "newsletter"])
    assert made == {
        "label": {}, "kind": "event", "sources": ["fair", "newsletter"], "names": ["spring"],
        "from": None, "to": None,
    }  # fmt: skip
    assert brought(office, "spring") == ["eva@x.org", "ana@x.org"]
    put(office, "spring", sources=["fair"])
    assert brought(office, "spring") == ["ana@x.org"]
    put(office, "fairs", sources=["fair"], names=["spring", "autumn"])
    assert brought(office, "fairs") == ["leo@x.org", "ana@x.org"]


def test_a_page_of_a_campaign_costs_what_it_shows(office: Office) -> None:
    """Queries of its sources' shards and one read; nothing of other sources."""
    for number in range(20):
        entered(office, email=f"a{number}@x.org", source={"name": "shop"})
    entered(office, source={"name": "fair", "campaign": "spring"})
    put(office, "spring", sources=["fair"])
    office.table.entries_read = 0
    office.table.requests.clear()
    assert brought(office, "spring") == ["ana@x.org"]
    assert office.table.entries_read == 1
    assert office.table.requests["Query"] == 4


def test_what_was_done_with_a_lead_stands_on_its_timeline(office: Office) -> None:
    """With its kind, its time and its campaign; the campaign lists it, a repetition adds none."""
    lead = entered(office)
    put(office, "spring", kind="call")
    body = {"kind": "call", "campaign": "spring", "note": "wants an offer\nby May"}
    at = (office.moment - dt.timedelta(days=1)).isoformat()
    named = {"idempotency-key": "one"}
    path = "/leads/{lead}/activities"
    first = office.ask("POST", path, lead=lead, body={**body, "at": at}, headers=named)
    again = office.ask("POST", path, lead=lead, body={**body, "at": at}, headers=named)
    assert isinstance(first, Response)
    assert isinstance(again, Response)
    assert (first.status, again.status) == (201, 200)
    (touch,) = office.get(f"{PATH}/touches", campaign="spring")["items"]
    assert touch["history"] == {"kind": "call", "details": {"note": "wants an offer\nby May"}}
    assert touch["submitted_at"].startswith("2026-02-28")
    assert touch["lead"] == lead
    assert len(office.get("/leads/{lead}/timeline", lead=lead)["items"]) == 2
    masked = office.get(f"{PATH}/touches", campaign="spring", role="viewer")["items"][0]
    assert masked["history"]["details"] == {"note": "***"}
    assert verify(office.table.items.items()) == []
    office.ask("DELETE", "/leads/{lead}", lead=lead)
    assert office.get(f"{PATH}/touches", campaign="spring")["items"] == []


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ({}, "kind", "required_missing"),
        ({"kind": "telepathy"}, "kind", "choice_unknown"),
        ({"kind": "call", "at": "soon"}, "at", "date_invalid"),
        ({"kind": "call", "at": "2100-01-01"}, "at", "date_implausible"),
        ({"kind": "call", "note": 7}, "note", "type_invalid"),
        ({"kind": "call", "note": "x" * 2001}, "note", "too_long"),
        ({"kind": "call", "colour": "red"}, "colour", "unknown_field"),
    ],
)
def test_what_is_no_activity_is_refused(
    office: Office, body: dict[str, Any], place: str, code: str
) -> None:
    """With its member; the lead stays as it was."""
    lead = entered(office)
    refused = refusal(office, "POST", "/leads/{lead}/activities", lead=lead, body=body)
    assert (place, code) in [(each.field, each.code) for each in refused.problems]
    assert lead_of(office, lead)["touches"] == 1


def test_what_is_no_campaign_is_refused(office: Office) -> None:
    """By its member; nobody finds what is not there."""
    for body, place in (
        ({"kind": "x"}, "kind"),
        ({"from": "May"}, "from"),
        ({"sources": [f"s{n}" for n in range(11)]}, "sources"),
        ({"budget": 1}, "budget"),
    ):
        refused = refusal(office, "PUT", PATH, campaign="x", body=body)
        assert [each.field for each in refused.problems] == [place]
    assert refusal(office, "GET", f"{PATH}/leads", campaign="nobody").status == 404
