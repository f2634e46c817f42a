"""Segments: filters that are saved, and the people who are let out by export."""

import datetime as dt
import json
from typing import Any

import pytest

from chalicelib.exports.run import run
from tests.admin.office import Office, content, refusal
from tests.admin.test_stages import entered, moved


def saved(office: Office, name: str, **filters: str) -> dict[str, Any]:
    """A segment of these filters."""
    body = {"label": {"en": name}, "filters": filters}
    return content(office.ask("PUT", "/segments/{segment}", segment=name, body=body))


def found(office: Office, **query: str) -> list[str]:
    """The addresses of a list of leads."""
    items = office.get("/leads", query=query)["items"]
    return [each["values"]["email"] for each in items]


def exported(office: Office, **body: Any) -> tuple[list[str], dict[str, Any]]:
    """The addresses in an export, and what is said of it."""
    made = office.post("/exports", {"format": "jsonl", **body})
    queue: Any = office.live.outside.chunks
    while queue.sent:
        run(json.loads(queue.sent.pop(0)), office.live.outside)
    done = office.get("/exports/{export}", export=made["export"])
    lines = office.bucket.held[done["url"].removeprefix("https://bucket.test/")].decode()
    return [json.loads(line)["email"] for line in lines.splitlines()], done


def test_leads_are_listed_and_exported_by_a_segment(office: Office) -> None:
    """As by its filters; what it does not say may narrow it, what it says stands."""
    lead = entered(office)
    entered(office, email="eva@x.org", source={"name": "fair", "campaign": "spring"})
    moved(office, lead, "qualified")
    segment = saved(office, "warm", stage="qualified", created_from="2020-01-01")
    assert segment == {
        "label": {"en": "warm"},
        "filters": {"stage": "qualified", "created_from": "2020-01-01"},
    }
    saved(office, "fair", source="fair")
    assert found(office, segment="warm") == ["ana@x.org"]
    assert found(office, segment="fair", campaign="spring") == ["eva@x.org"]
    assert found(office, segment="fair", campaign="autumn") == []
    assert exported(office, filters={"segment": "warm"})[0] == ["ana@x.org"]
    for query, place, code in (
        ({"segment": "nobody"}, "segment", "not_found"),
        ({"segment": "../x"}, "segment", "not_found"),
        ({"segment": "fair", "source": "shop"}, "source", "filter_conflict"),
        ({"segment": "fair", "stage": "new"}, "stage", "filter_conflict"),
    ):
        refused = refusal(office, "GET", "/leads", query=query)
        assert (refused.problems[0].code, refused.status) == (code, 422)
        assert refused.problems[0].field in (place, "source", "stage")


def test_pages_of_a_segment_go_on_with_its_name(office: Office) -> None:
    """The cursor is of the segment's list, and of no other."""
    for number in range(3):
        entered(office, email=f"a{number}@x.org", source={"name": "fair"})
        office.moment += dt.timedelta(minutes=1)
    saved(office, "fair", source="fair")
    first = office.get("/leads", query={"segment": "fair", "limit": "2"})
    assert len(first["items"]) == 2
    rest = office.get("/leads", query={"segment": "fair", "limit": "2", "cursor": first["next"]})
    assert [each["values"]["email"] for each in rest["items"]] == ["a0@x.org"]
    assert refusal(office, "GET", "/leads", query={"cursor": first["next"]}).status == 422


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ({"filters": {}}, "filters", "required_missing"),
        ({"filters": []}, "filters", "type_invalid"),
        ({"filters": {"colour": "red"}}, "filters.colour", "unknown_field"),
        ({"filters": {"source": "a", "stage": "b"}}, "stage", "filter_conflict"),
        ({"filters": {"created_from": "soon"}}, "created_from", "date_invalid"),
        ({"filters": {"acquisition": "stolen"}}, "acquisition", "choice_unknown"),
        ({"filters": {"source": "a"}, "colour": 1}, "colour", "unknown_field"),
    ],
)
def test_what_the_list_would_refuse_is_no_segment(
    office: Office, body: dict[str, Any], place: str, code: str
) -> None:
    """The same code checks both."""
    refused = refusal(office, "PUT", "/segments/{segment}", segment="x", body=body)
    assert (place, code) in [(each.field, each.code) for each in refused.problems]


def test_who_lacks_what_a_rule_asks_for_is_let_out_only_on_purpose(office: Office) -> None:
    """By a rule that somebody set; strictly, by the usual one too; or whoever there is."""
    entered(office, first_name="Ana", company="Acme")
    entered(office, email="eva@x.org")
    assert exported(office)[0] == ["eva@x.org", "ana@x.org"]
    assert exported(office, incomplete=False)[0] == ["ana@x.org"]
    field = {"type": "text", "essential": True}
    office.ask("PUT", "/fields/{field}", field="company", body=field)
    some, told = exported(office)
    assert (some, told["rows"], told["left_out"]) == (["ana@x.org"], 1, 1)
    assert told["left_incomplete"] == 1
    assert len(exported(office, incomplete=True)[0]) == 2
    assert refusal(office, "POST", "/exports", body={"incomplete": "no"}).code == "type_invalid"
