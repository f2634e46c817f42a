"""Submissions over the API, and letting through what was held."""

from dataclasses import replace

import pytest

from chalicelib.model import Fate, Problem, Repair, Touch
from chalicelib.store.release import release
from tests.admin.office import Office, refusal
from tests.store.people import touch

KEYS = "receipt door received_at submitted_at fate reason lead source values problems repeats raw"


def held(number: int, fate: Fate) -> Touch:
    """A submission that went no further than its fate."""
    made = touch(number, email="ana@x.org")
    return replace(made, fate=fate, node="", keys=(), reason="honeypot", raw='{"email": "x"}')


def test_a_submission_has_every_key_of_the_contract(office: Office) -> None:
    """In a list and on its own, the same."""
    problem = Problem("email", "email_typo", suggestion="ana@x.org", fatal=False)
    repair = Repair("first_name", "ANA", "Ana", "name_case")
    made = replace(touch(1, email="ana@x.org"), problems=(problem,), repairs=(repair,))
    office.store.store([made])
    [listed] = office.get("/submissions")["items"]
    assert set(listed) == {*KEYS.split(), "repairs", "files"}
    assert listed["repairs"] == [
        {
            "field": "first_name",
            "code": "name_case",
            "message": "Capital and small letters of the name were put right.",
            "before": "ANA",
            "after": "Ana",
        }
    ]
    assert listed == office.get("/submissions/{receipt}", receipt=listed["receipt"])
    assert listed["problems"] == [
        {
            "field": "email",
            "code": "email_typo",
            "message": "Did you mean ana@x.org?",
            "suggestion": "ana@x.org",
        }
    ]
    assert listed["lead"] == office.get("/leads")["items"][0]["id"]


def test_submissions_are_found_by_fate_door_and_time(office: Office) -> None:
    """Each alone and together."""
    office.store.store([touch(1, email="a@x.org"), held(2, Fate.SPAM), held(3, Fate.REJECTED)])
    for query, count in (
        ({}, 3),
        ({"fate": "spam"}, 1),
        ({"fate": "created"}, 1),
        ({"fate": "repeated"}, 0),
        ({"door": "form"}, 3),
        ({"door": "file"}, 0),
        ({"fate": "spam", "door": "form", "to": "1970-01-02"}, 1),
        ({"from": "2000-01-01"}, 0),
    ):
        assert len(office.get("/submissions", query=query)["items"]) == count, query


@pytest.mark.parametrize(
    "query", [{"fate": "eaten"}, {"door": "window"}, {"from": "x"}, {"cursor": "x"}]
)
def test_a_list_that_cannot_be_made_is_refused(office: Office, query: dict[str, str]) -> None:
    """422, with the parameter named."""
    error = refusal(office, "GET", "/submissions", query=query)
    assert (error.status, error.problems[0].field) == (422, next(iter(query)))


@pytest.mark.parametrize("fate", [Fate.QUARANTINED, Fate.SPAM, Fate.REJECTED])
def test_what_was_held_can_be_let_through(office: Office, fate: Fate) -> None:
    """It becomes a touch like any other, once; who did it is noted and nothing is left behind."""
    office.store.store([held(1, fate)])
    receipt = f"{1:032x}"
    told = office.post("/submissions/{receipt}/release", receipt=receipt, role="editor")
    assert (told["receipt"], told["fate"]) == (receipt, "created")
    lead = office.get("/leads/{lead}", lead=told["lead"])
    assert lead["values"] == {"email": "ana@x.org"}
    stored = office.get("/submissions/{receipt}", receipt=receipt)
    assert (stored["fate"], stored["reason"], stored["repeats"]) == ("created", "released", 0)
    assert office.get("/submissions", query={"fate": str(fate)})["items"] == []
    assert "ttl" not in next(i for k, i in office.table.items.items() if k.pk == f"S#{receipt}")
    assert office.balance() == []
    again = refusal(office, "POST", "/submissions/{receipt}/release", receipt=receipt)
    assert (again.status, again.code) == (409, "not_held")


def test_who_comes_second_changes_nothing(office: Office) -> None:
    """Two people release one submission at once: the same outcome, and no repetition counted."""
    [spam] = office.store.store([held(1, Fate.SPAM)])
    first = release(office.store, spam, "key:1")
    assert release(office.store, spam, "key:2") == first
    assert office.get("/submissions/{receipt}", receipt=spam.id)["repeats"] == 0


def test_what_says_of_nobody_cannot_be_let_through(office: Office) -> None:
    """A submission without any key would be a lead of nobody's."""
    office.store.store([replace(held(1, Fate.REJECTED), values={"company": "Acme"})])
    error = refusal(office, "POST", "/submissions/{receipt}/release", receipt=f"{1:032x}")
    assert (error.status, error.code) == (409, "no_key")


@pytest.mark.parametrize("receipt", ["0" * 32, "x", "", "A" * 3000])
def test_a_receipt_that_is_not_there_is_missing(office: Office, receipt: str) -> None:
    """404, whatever stands in the path."""
    assert refusal(office, "GET", "/submissions/{receipt}", receipt=receipt).status == 404
    path = "/submissions/{receipt}/release"
    assert refusal(office, "POST", path, receipt=receipt).status == 404
