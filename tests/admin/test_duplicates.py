"""Who may be one person: pairs with a score and reasons, found without a scan, and dismissed."""

from typing import Any

import pytest

from chalicelib.store.candidates import LOOKED_AT, near_addresses
from tests.admin.office import Office, refusal


def enter(office: Office, **values: str) -> str:
    """The id of a new lead; each comes a second later."""
    office.later(seconds=1)
    lead: str = office.post("/leads", values)["lead"]
    return lead


def listed(office: Office) -> list[dict[str, Any]]:
    """All pairs, page by page."""
    return [pair for page in office.pages("/duplicates", 50) for pair in page]


def ids(pair: dict[str, Any]) -> set[str]:
    """The leads of a pair."""
    return {lead["id"] for lead in pair["leads"]}


ANA = {"first_name": "Ana", "last_name": "López García"}


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        (
            {"email": "ana@acme.es", "company": "Acme SL", **ANA},
            {"email": "agarcia@gmail.com", "company": "ACME SL", **ANA},
            {"same_name", "same_company"},
        ),
        (
            {"email": "ana.lopez@acme.es"},
            {"email": "ana.lopez@gmail.com"},
            {"same_local_part"},
        ),
        ({"email": "ana.lopez@acme.es"}, {"email": "ana.lopz@acme.es"}, {"near_email"}),
        ({"email": "ana.lopez@acme.es"}, {"email": "ana.lpoez@acme.es"}, {"near_email"}),
        (
            {"email": "ana.lopez@gmail.com", **ANA},
            {"email": "ana.lopez@hotmail.com", **ANA},
            {"same_name", "same_local_part"},
        ),
    ],
)
def test_who_resemble_each_other_are_listed_with_reasons(
    office: Office, one: dict[str, str], other: dict[str, str], reasons: set[str]
) -> None:
    """Once, whichever of the two came first, and nothing is merged."""
    for first, second in ((one, other), (other, one)):
        fresh = Office()
        pair = {enter(fresh, **first), enter(fresh, **second)}
        (found,) = listed(fresh)
        assert ids(found) == pair
        assert (found["over"], set(found["reasons"])) == ("likeness", reasons)
        assert 0 < found["score"] < 100
        assert fresh.balance() == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"email": "a@acme.es", **ANA}, {"email": "b@beta.es", **ANA}),
        ({"email": "info@acme.es"}, {"email": "info@gmail.com"}),
        ({"email": "ana@acme.es"}, {"email": "ana@gmail.com"}),
        (
            {"email": "ana.lopez@acme.es", "first_name": "Ana", "last_name": "López"},
            {"email": "ana.lopz@acme.es", "first_name": "Zoltan", "last_name": "Kovács"},
        ),
        ({"email": "ana@acme.es", "company": "Acme"}, {"email": "eva@acme.es", "company": "Acme"}),
    ],
)
def test_a_name_alone_or_a_desk_s_address_is_no_likeness(
    office: Office, one: dict[str, str], other: dict[str, str]
) -> None:
    """Half a country has that name; everybody has an info@."""
    enter(office, **one)
    enter(office, **other)
    assert listed(office) == []


def test_who_shares_a_phone_is_listed_by_it_and_once(office: Office) -> None:
    """With what else speaks for it in the score."""
    enter(office, email="ana.lopez@acme.es", phone="600123456", **ANA)
    enter(office, email="ana.lopez@gmail.com", phone="600123456", **ANA)
    (pair,) = listed(office)
    assert pair["over"] == "phone"
    assert set(pair["reasons"]) == {"same_phone", "same_name", "same_local_part"}
    assert pair["score"] == 99


def test_whom_one_lead_resembles_goes_further(office: Office) -> None:
    """One letter more or another one, and who shares its phone; the likest first."""
    lead = enter(office, email="ana.lopez@acme.es", phone="600123456", **ANA)
    more = enter(office, email="ana.lopeez@acme.es")
    else_ = enter(office, email="ana.lopes@acme.es")
    family = enter(office, email="leo@x.org", phone="600123456", first_name="Leo", last_name="Paz")
    found = office.get("/duplicates", query={"lead": lead})["items"]
    assert {pair["leads"][1]["id"] for pair in found} == {more, else_, family}
    assert [pair["score"] for pair in found] == sorted((p["score"] for p in found), reverse=True)


def test_a_dismissed_pair_is_not_told_again_and_no_rule_unites_it(office: Office) -> None:
    """A barrier: not by an external id either, which would make two addresses one person."""
    left = enter(office, email="ana.lopez@acme.es", phone="600123456")
    right = enter(office, email="ana.lopez@gmail.com", phone="600123456")
    answer = office.ask("POST", "/duplicates/dismiss", body={"leads": [left, right]}, role="editor")
    assert not isinstance(answer, dict)
    assert answer.status == 204
    assert listed(office) == []
    assert office.get("/duplicates", query={"lead": left})["items"] == []
    for email in ("ana.lopez@acme.es", "ana.lopez@gmail.com"):
        office.post("/leads", {"email": email, "external_ids": {"crm": "7"}})
    assert office.get("/leads/{lead}", lead=left)["id"] == left
    assert office.get("/leads/{lead}", lead=right)["id"] == right
    assert office.balance() == []


def test_a_merged_pair_is_not_told_again(office: Office) -> None:
    """One lead resembles nobody but others."""
    left = enter(office, email="ana.lopez@acme.es")
    right = enter(office, email="ana.lopez@gmail.com")
    office.post("/leads/{lead}/merge", {"with": right}, lead=left)
    assert listed(office) == []


@pytest.mark.parametrize("body", [{}, {"leads": []}, {"leads": ["x", "y"]}, {"leads": "ab"}])
def test_what_names_no_two_leads_is_refused(office: Office, body: object) -> None:
    """422; the same lead twice is 409."""
    assert refusal(office, "POST", "/duplicates/dismiss", body=body).status == 422
    lead = enter(office, email="ana@x.org")
    same = refusal(office, "POST", "/duplicates/dismiss", body={"leads": [lead, lead]})
    assert (same.status, same.code) == (409, "same_lead")


def test_a_page_costs_the_same_whatever_there_is(office: Office) -> None:
    """So many leads are looked at; each by its name and the addresses near its own."""
    costs = []
    for count in (2 * LOOKED_AT, 4 * LOOKED_AT):
        fresh = Office()
        for n in range(count):
            enter(fresh, email=f"person{n}@x{n}.org", first_name="Ana", last_name=f"López {n}")
        fresh.get("/duplicates")
        before = sum(fresh.table.requests.values())
        fresh.get("/duplicates")
        costs.append(sum(fresh.table.requests.values()) - before)
    # A shard of an index that ran dry is asked again.
    assert abs(costs[0] - costs[1]) <= 4
    assert costs[0] <= 6 * LOOKED_AT


def test_addresses_near_one_are_few_and_never_itself() -> None:
    """They are looked up by full key; a long address makes no flood."""
    for email in (
        "ana.lopez@gmail.com",
        "ab@x.org",
        "aaaa@x.org",
        "x" * 64 + "@x.org",
        "",
        "@",
        "a",
    ):
        near = dict(near_addresses(email))
        assert email not in near
        assert len(near) <= 100
