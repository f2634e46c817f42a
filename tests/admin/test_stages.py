"""Stages over the API: one list, and what it takes to enter one."""

import datetime as dt
from typing import Any

import pytest

from chalicelib.model import Response
from chalicelib.store.verify import verify
from tests.admin.office import Office, content, refusal

NAMES = ["new", "contacted", "qualified", "proposal", "negotiation", "won", "lost"]


def listed(office: Office) -> list[dict[str, Any]]:
    """The stages as they are."""
    stages: list[dict[str, Any]] = content(office.ask("GET", "/stages"))["stages"]
    return stages


def put(office: Office, stages: list[dict[str, Any]], **rest: Any) -> Response:
    """The answer to a PUT."""
    answer = office.ask("PUT", "/stages", body={"stages": stages}, **rest)
    assert isinstance(answer, Response)
    return answer


def lead_of(office: Office, lead: str) -> dict[str, Any]:
    """A lead."""
    return content(office.ask("GET", "/leads/{lead}", lead=lead))


def entered(office: Office, **body: Any) -> str:
    """A lead that was entered."""
    office.moment += dt.timedelta(minutes=1)
    lead: str = office.post("/leads", {"email": "ana@x.org", **body})["lead"]
    return lead


def moved(office: Office, lead: str, stage: str | None, **rest: Any) -> dict[str, Any]:
    """The lead after somebody put it somewhere."""
    office.moment += dt.timedelta(minutes=1)
    body = {"stage": stage, **rest}
    return content(office.ask("PATCH", "/leads/{lead}", lead=lead, body=body))


def test_there_is_a_usual_list_until_somebody_puts_another(office: Office) -> None:
    """Version 0; then each change is a version, and an earlier one can be had back."""
    first = office.ask("GET", "/stages")
    assert isinstance(first, Response)
    assert first.headers["ETag"] == '"0"'
    assert [each["name"] for each in listed(office)] == NAMES
    assert all(set(each["label"]) == {"en", "es", "pt", "fa", "zh"} for each in listed(office))
    made = put(office, listed(office)[1:], headers={"If-None-Match": "*"})
    assert (made.status, made.headers["ETag"]) == (201, '"1"')
    put(office, listed(office)[1:])
    assert len(listed(office)) == 5
    office.ask("POST", "/stages/rollback", body={"version": 1})
    assert len(listed(office)) == 6
    versions = office.get("/stages/versions")["items"]
    assert [each["version"] for each in versions] == [3, 2, 1]


def test_a_stage_put_between_others_changes_none_of_their_ranks(office: Office) -> None:
    """How far a stage is stays as it was said, unless stages change places."""
    before = {each["name"]: each["rank"] for each in listed(office)}
    put(office, [*listed(office)[:2], {"name": "demo", "probability": 15}, *listed(office)[2:]])
    after = {each["name"]: each["rank"] for each in listed(office)}
    assert {name: after[name] for name in before} == before
    assert after["contacted"] < after["demo"] < after["qualified"]
    assert after["negotiation"] < after["lost"] < after["won"]
    swapped = listed(office)
    swapped[0], swapped[1] = swapped[1], swapped[0]
    put(office, swapped)
    ranks = {each["name"]: each["rank"] for each in listed(office)}
    assert ranks["contacted"] < ranks["new"] < ranks["demo"]


@pytest.mark.parametrize(
    ("stages", "place", "code"),
    [
        ([], "stages", "required_missing"),
        ([{"name": "New!"}], "stages[0].name", "type_invalid"),
        ([{"name": "a"}, {"name": "a"}], "stages[1].name", "choice_unknown"),
        ([{"name": "a", "kind": "maybe"}], "stages[0].kind", "choice_unknown"),
        ([{"name": "a", "probability": 101}], "stages[0].probability", "number_invalid"),
        ([{"name": "a", "required": ["shoe_size"]}], "stages[0].required[0]", "unknown_field"),
        ([{"name": "a", "colour": "red"}], "stages[0].colour", "unknown_field"),
        ([{"name": "a", "label": {"?": "x"}}], "stages[0].label.?", "type_invalid"),
    ],
)
def test_a_wrong_list_is_refused_with_the_place(
    office: Office, stages: list[dict[str, Any]], place: str, code: str
) -> None:
    """Every mistake is named; there is always an open, a won and a lost stage."""
    refused = refusal(office, "PUT", "/stages", body={"stages": stages})
    assert (place, code) in [(problem.field, problem.code) for problem in refused.problems]


def test_a_person_moves_a_lead_on_and_back_and_nowhere(office: Office) -> None:
    """An edit with a stage alone is enough; it is a touch like any other, and listed by stage."""
    lead = entered(office)
    assert lead_of(office, lead)["stage"] == ""
    assert moved(office, lead, "proposal")["stage"] == "proposal"
    assert moved(office, lead, "contacted", company="Acme")["stage"] == "contacted"
    found = office.get("/leads", query={"stage": "contacted"})["items"]
    assert [each["id"] for each in found] == [lead]
    assert office.get("/leads", query={"stage": "proposal"})["items"] == []
    assert entered(office, stage="new") == lead
    assert lead_of(office, lead)["stage"] == "contacted"
    assert entered(office, stage="qualified") == lead
    assert lead_of(office, lead)["stage"] == "qualified"
    assert moved(office, lead, None)["stage"] == ""
    assert verify(office.table.items.items()) == []


def test_what_a_stage_requires_is_demanded(office: Office) -> None:
    """422 names each field; what comes with the edit counts, what it clears does not."""
    stages = listed(office)
    stages[2]["required"] = ["company", "phone"]
    put(office, stages)
    lead = entered(office)
    body = {"stage": "qualified", "company": "Acme"}
    refused = refusal(office, "PATCH", "/leads/{lead}", lead=lead, body=body)
    assert (refused.status, refused.code) == (422, "stage_requires")
    assert [(each.field, each.code) for each in refused.problems] == [("phone", "stage_requires")]
    assert lead_of(office, lead)["stage"] == ""
    entry = {"email": "eva@x.org", "stage": "qualified"}
    assert refusal(office, "POST", "/leads", body=entry).code == "stage_requires"
    assert moved(office, lead, "qualified", company="Acme", phone="+34600123456")["stage"]
    cleared = {"stage": "qualified", "company": None}
    refused = refusal(office, "PATCH", "/leads/{lead}", lead=lead, body=cleared)
    assert [each.field for each in refused.problems] == ["company"]


def test_a_stage_that_is_not_there_is_refused(office: Office) -> None:
    """Neither an edit nor an entry nor a form may name it."""
    lead = entered(office)
    for method, path, body, place in (
        ("PATCH", "/leads/{lead}", {"stage": "nowhere"}, "stage"),
        ("POST", "/leads", {"email": "eva@x.org", "stage": 7}, "stage"),
        ("PUT", "/forms/{form}", {"fields": ["email"], "response": {"stage": "x"}}, "fields[0]"),
        (
            "PUT",
            "/forms/{form}",
            {"fields": [{"name": "email"}], "response": {"stage": "x"}},
            "response.stage",
        ),
    ):
        refused = refusal(office, method, path, body=body, lead=lead, form="fair")
        assert refused.problems[0].field == place


def test_why_a_lead_stands_where_it_does_is_explained(office: Office) -> None:
    """The word that counts, whose submission brought it, and what it left behind."""
    lead = entered(office, stage="contacted")
    moved(office, lead, "qualified")
    entered(office, stage="new")
    told = office.get("/leads/{lead}/explain", lead=lead, role="viewer")["fields"]["stage"]
    assert (told["value"], told["class"]) == ("qualified", "own")
    assert [each["value"] for each in told["won_against"]] == ["new", "contacted"]
