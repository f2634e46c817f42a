"""Leads over the API: entered, found, explained, merged and parted."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.intake.company import account_id
from chalicelib.model import Response, Source
from chalicelib.ports import Key
from tests.admin.office import Office, content, refusal
from tests.store.people import RING, touch

ANA = {"email": "Ana@X.org", "phone": "600 123 456", "first_name": "Ana", "last_name": "Ruiz"}
LEAD_KEYS = (
    "id values external_ids account stage tags first_touch last_touch touches consent suppressed "
    "complete created_at updated_at version"
)
SOURCE_KEYS = (
    "door name acquisition channel utm_source medium campaign content term click_ids referrer "
    "landing form endpoint import"
)


def entered(office: Office, **fields: Any) -> str:
    """The lead of a manual entry."""
    return str(office.post("/leads", fields)["lead"])


def codes(office: Office, body: object) -> list[tuple[str, str]]:
    """Field and code of everything that is wrong with an entry."""
    error = refusal(office, "POST", "/leads", body=body)
    assert error.status == 422
    return [(problem.field, problem.code) for problem in error.problems]


# --- manual entry ----------------------------------------------------------------------------


def test_a_manual_entry_goes_down_the_road(office: Office) -> None:
    """Its values are normalised, its source is manual, and who made it is noted."""
    answer = office.ask("POST", "/leads", body=ANA)
    assert isinstance(answer, Response)
    assert answer.status == 201
    told = content(answer)
    assert set(told) == {"receipt", "fate", "lead"}
    assert told["fate"] == "created"
    lead = office.get("/leads/{lead}", lead=told["lead"])
    assert lead["values"] == {**ANA, "email": "ana@x.org", "phone": "+34600123456"}
    assert lead["checks"]["phone"] == {"type": "mobile"}
    assert (
        lead["first_touch"] | {"door": "api", "name": "manual", "acquisition": "manual"}
        == (lead["first_touch"])
    )
    assert office.balance() == []


def test_an_entry_may_say_where_it_comes_from(office: Office) -> None:
    """Values beside or under `values`; source as a name or in full; ids and tags with it."""
    body = {
        "values": {"email": "ana@x.org"},
        "company": "Acme",
        "external_ids": {"hubspot": 4711},
        "tags": ["fair"],
        "source": {"name": "stand 7", "acquisition": "event", "campaign": "spring"},
    }
    lead = office.get("/leads/{lead}", lead=office.post("/leads", body)["lead"])
    assert lead["values"] == {"email": "ana@x.org", "company": "Acme"}
    assert (lead["external_ids"], lead["tags"]) == ({"hubspot": "4711"}, ["fair"])
    first = lead["first_touch"]
    assert (first["name"], first["acquisition"], first["campaign"]) == (
        "stand 7",
        "event",
        "spring",
    )
    named = office.post("/leads", {"email": "eva@x.org", "source": "phone call"})
    assert office.get("/leads/{lead}", lead=named["lead"])["first_touch"]["name"] == "phone call"


def test_the_same_entry_under_a_key_is_one(office: Office) -> None:
    """An idempotency key makes the same content one submission; other content is another."""
    headers = {"idempotency-key": "7"}
    first = office.post("/leads", ANA, headers=headers)
    again = office.post("/leads", ANA, headers=headers)
    assert (again["receipt"], again["fate"], again["lead"]) == (
        first["receipt"], "repeated", first["lead"],
    )  # fmt: skip
    other = office.post("/leads", {**ANA, "company": "Acme"}, headers=headers)
    assert (other["fate"], other["lead"]) == ("merged", first["lead"])
    assert office.post("/leads", ANA)["fate"] == "unchanged"


def test_a_key_of_somebody_else_is_another_key(office: Office) -> None:
    """Two callers who number their entries alike do not meet."""
    headers = {"idempotency-key": "7"}
    first = office.post("/leads", ANA, headers=headers)
    other = office.post("/leads", ANA, headers=headers, role="ingest")
    assert (other["fate"], other["receipt"] == first["receipt"]) == ("unchanged", False)


def test_an_entry_that_was_refused_may_be_mended_under_its_key(office: Office) -> None:
    """A 422 does not use up the key."""
    headers = {"idempotency-key": "7"}
    bad = {"email": "ana@"}
    assert refusal(office, "POST", "/leads", body=bad, headers=headers).status == 422
    assert office.post("/leads", {"email": "ana@x.org"}, headers=headers)["fate"] == "created"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, ("", "no_key")),
        ({"email": "ana@"}, ("email", "email_invalid")),
        ({"email": "a@x.org", "shoe_size": "9"}, ("shoe_size", "unknown_field")),
        ({"values": []}, ("values", "type_invalid")),
        ({"email": "a@x.org", "tags": "x"}, ("tags", "type_invalid")),
        ({"email": "a@x.org", "tags": [1]}, ("tags", "type_invalid")),
        ({"email": "a@x.org", "source": 1}, ("source", "type_invalid")),
        ({"email": "a@x.org", "source": {"door": "form"}}, ("source.door", "unknown_field")),
        ({"email": "a@x.org", "source": {"name": 1}}, ("source.name", "type_invalid")),
        (
            {"email": "a@x.org", "source": {"acquisition": "stolen"}},
            ("source.acquisition", "choice_unknown"),
        ),
        ({"external_ids": {"Hub Spot": "1"}}, ("external_ids.Hub Spot", "type_invalid")),
        ({"external_ids": {"hubspot": []}}, ("external_ids.hubspot", "type_invalid")),
    ],
)
def test_what_is_wrong_with_an_entry_is_named(
    office: Office, body: object, problem: tuple[str, str]
) -> None:
    """Field and code, with 422."""
    assert problem in codes(office, body)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b"\xff", 400), (b'{"a": NaN}', 400), (b'{"email": "\\ud800"}', 400),
     (b"[" * 100_000, 413), (b" " * (1024 * 1024 + 1), 413)],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_unreadable(
    office: Office, body: bytes, status: int
) -> None:
    """Our error and nothing else."""
    assert refusal(office, "POST", "/leads", body=body).status == status


# --- one lead --------------------------------------------------------------------------------


def test_a_lead_has_every_key_of_the_contract(office: Office) -> None:
    """On its own and in a list, its sources too."""
    lead = office.get("/leads/{lead}", lead=entered(office, **ANA))
    [listed] = office.get("/leads")["items"]
    for shape in (lead, listed):
        assert set(shape) == {
            *LEAD_KEYS.split(),
            "checks",
            "quality",
            "account_name",
            "account_role",
        }
        assert set(shape["first_touch"]) == set(shape["last_touch"]) == set(SOURCE_KEYS.split())
    assert (lead["account"], lead["account_name"]) == (account_id("d:x.org"), "x.org")
    assert lead["created_at"] == "2026-03-01T12:00:00.000Z"


def test_one_lead_shows_its_sources_in_full(office: Office) -> None:
    """A list shows what the lead itself carries; the rest is empty there."""
    source = Source("form", "contact", "opted_in", landing="https://x.org/?a=1", form="contact")
    office.store.store([replace(touch(1, email="a@x.org"), source=source)])
    [listed] = office.get("/leads")["items"]
    lead = office.get("/leads/{lead}", lead=listed["id"])
    for end in ("first_touch", "last_touch"):
        assert (lead[end]["landing"], lead[end]["form"]) == ("https://x.org/?a=1", "contact")
        assert (listed[end]["landing"], listed[end]["name"]) == ("", "contact")


def test_consent_and_completeness_follow_from_the_values(office: Office) -> None:
    """The latest word on consent with its receipt; complete needs a name and an address."""
    made = office.post("/leads", {"email": "ana@x.org", "consent": "yes"})
    lead = office.get("/leads/{lead}", lead=made["lead"])
    assert lead["consent"] == {
        "given": True, "at": "2026-03-01T12:00:00.000Z", "receipt": made["receipt"],
        "door": "api", "confirmed_at": None, "withdrawn_at": None, "state": "given",
    }  # fmt: skip
    assert lead["complete"] is False
    whole = office.get("/leads/{lead}", lead=entered(office, **ANA))
    assert (whole["complete"], office.get("/leads")["items"][0]["suppressed"]) == (True, [])


def test_a_suppression_of_any_key_shows(office: Office) -> None:
    """Reasons of all the lead's keys, each once."""
    lead = entered(office, **ANA)
    for key, reasons in (("e", {"bounced", "unsubscribed"}), ("p", {"bounced"})):
        address = {"e": "ana@x.org", "p": "+34600123456"}[key]
        office.table.put(Key(f"X#{RING.key(key, address)}", "X"), {"reasons": reasons})
    assert office.get("/leads/{lead}", lead=lead)["suppressed"] == ["bounced", "unsubscribed"]
    assert office.get("/leads")["items"][0]["suppressed"] == ["bounced", "unsubscribed"]


@pytest.mark.parametrize("lead", ["0" * 32, "x", "", "../keys", "A" * 3000])
def test_a_lead_that_is_not_there_is_missing(office: Office, lead: str) -> None:
    """404, whatever stands in the path."""
    for path in ("/leads/{lead}", "/leads/{lead}/timeline", "/leads/{lead}/explain"):
        assert refusal(office, "GET", path, lead=lead).status == 404


# --- lists -----------------------------------------------------------------------------------


def test_every_leading_filter_finds_its_own(office: Office) -> None:
    """As the road would read what is given; another value finds nobody."""
    lead = entered(office, **ANA, external_ids={"hubspot": "1"}, source="fair")
    entered(office, email="eva@x.org")
    for name, value in (
        ("email", " ANA@x.org "),
        ("phone", "600123456"),
        ("external_id", "hubspot:1"),
        ("source", "fair"),
        ("name", "ana r"),
    ):
        found = office.get("/leads", query={name: value})
        assert [each["id"] for each in found["items"]] == [lead], name
        assert found["next"] is None
    assert office.get("/leads", query={"external_id": "hubspot:2"})["items"] == []
    assert office.get("/leads", query={"stage": "won"})["items"] == []


def test_pages_go_on_where_the_last_one_ended(office: Office) -> None:
    """Every lead once, under a filter too."""
    for number in range(7):
        office.later(seconds=1)
        entered(office, email=f"p{number}@x.org")
    for query in ({}, {"source": "manual"}):
        pages = list(office.pages("/leads", 3, query))
        assert [len(page) for page in pages] == [3, 3, 1]
        addresses = [lead["values"]["email"] for page in pages for lead in page]
        assert addresses == [f"p{number}@x.org" for number in range(6, -1, -1)]


def test_a_range_of_creation_is_read_as_times_or_dates(office: Office) -> None:
    """A date at the end of a range counts to its end."""
    entered(office, email="a@x.org")
    for query, count in (
        ({"created_to": "2026-03-01"}, 1),
        ({"created_from": "2026-03-01", "created_to": "2026-03-01"}, 1),
        ({"created_from": "2026-03-02"}, 0),
        ({"created_to": "2026-03-01T12:00:00+01:00"}, 0),
        ({"created_from": "2026-03-01T12:00:00Z"}, 1),
        ({"created_from": "2026-03-02", "email": "a@x.org"}, 0),
        ({"created_to": "2026-03-01", "email": "a@x.org"}, 1),
    ):
        assert len(office.get("/leads", query=query)["items"]) == count, query


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "0"}, "number_invalid"),
        ({"limit": "-1"}, "number_invalid"),
        ({"limit": "٣"}, "number_invalid"),
        ({"cursor": "garbage"}, "cursor_invalid"),
        ({"created_from": "yesterday"}, "date_invalid"),
        ({"created_to": "9999-99-99"}, "date_invalid"),
        ({"created_from": "0001-01-01T00:00:00+14:00"}, ""),
        ({"email": "x"}, "email_invalid"),
        ({"phone": "x"}, "phone_invalid"),
        ({"external_id": "4711"}, "type_invalid"),
        ({"name": "#"}, "type_invalid"),
        ({"source": "x" * 1001}, "too_long"),
        ({"acquisition": "stolen"}, "choice_unknown"),
        ({"email": "a@x.org", "source": "fair"}, "filter_conflict"),
        ({"account": "x"}, "type_invalid"),
        ({"account": "0" * 32, "tag": "vip"}, "filter_conflict"),
        ({"account": "0" * 32}, ""),
        ({"tag": "x"}, ""),
    ],
)
def test_a_list_that_cannot_be_made_is_refused(
    office: Office, query: dict[str, str], code: str
) -> None:
    """422 with the parameter named; a far-away time is a time like any other."""
    if not code:
        assert office.get("/leads", query=query)["items"] == []
        return
    error = refusal(office, "GET", "/leads", query=query)
    assert (error.status, error.problems[0].code) == (422, code)
    assert error.problems[0].field in query


def test_a_cursor_is_no_good_for_another_filter(office: Office) -> None:
    """Nor for another list."""
    for number in range(3):
        entered(office, email=f"p{number}@x.org")
    cursor = office.get("/leads", query={"limit": "1"})["next"]
    query = {"limit": "1", "source": "manual", "cursor": cursor}
    assert refusal(office, "GET", "/leads", query=query).code == "cursor_invalid"
    assert refusal(office, "GET", "/submissions", query={"cursor": cursor}).code == "cursor_invalid"


@pytest.mark.parametrize("limit", [10, 100])
def test_a_list_costs_reads_by_its_items(office: Office, limit: int) -> None:
    """The key, four queries, the leads, their suppressions: whatever the table holds."""
    office.store.store([touch(n, email=f"p{n}@x.org") for n in range(1, 400)])
    office.key("admin")
    office.table.requests.clear()
    assert len(office.get("/leads", query={"limit": str(limit)})["items"]) == limit
    assert office.table.requests.total() <= 10


# --- why, and who is who ---------------------------------------------------------------------


def test_a_timeline_is_the_leads_touches(office: Office) -> None:
    """Newest first, or oldest first, a page at a time."""
    lead = entered(office, **ANA)
    for number in range(4):
        office.later(seconds=1)
        entered(office, email="ana@x.org", company=f"Acme {number}")
    for order, companies in (("newest", ["Acme 3", "Acme 2"]), ("oldest", [None, "Acme 0"])):
        page = next(office.pages("/leads/{lead}/timeline", 2, {"order": order}, lead=lead))
        assert [each["values"].get("company") for each in page] == companies
    pages = list(office.pages("/leads/{lead}/timeline", 2, lead=lead))
    assert [len(page) for page in pages] == [2, 2, 1]
    query = {"order": "sideways"}
    error = refusal(office, "GET", "/leads/{lead}/timeline", query=query, lead=lead)
    assert error.code == "choice_unknown"


def test_every_field_is_explained(office: Office) -> None:
    """Value, submission, time and class, and what it won against."""
    first = office.post("/leads", {"email": "ana@x.org", "company": "Acme"})
    office.later(days=1)
    bought = {"name": "list", "acquisition": "purchased_list"}
    second = office.post("/leads", {"email": "ana@x.org", "company": "Beta", "source": bought})
    told = office.get("/leads/{lead}/explain", lead=first["lead"])
    assert (told["lead"], told["complete"]) == (first["lead"], True)
    assert told["fields"]["company"] == {
        "value": "Acme",
        "submission": first["receipt"],
        "time": "2026-03-01T12:00:00.000Z",
        "class": "own",
        "won_against": [
            {
                "value": "Beta",
                "submission": second["receipt"],
                "time": "2026-03-02T12:00:00.000Z",
                "class": "borrowed",
            }
        ],
    }


def test_people_merge_and_part_leads(office: Office) -> None:
    """Merged, the older id stays and the other leads to it; parted, both are somebody again."""
    left = entered(office, email="ana@x.org", first_name="Ana")
    right = entered(office, email="ana@work.org")
    whole = office.post("/leads/{lead}/merge", {"with": right}, lead=left)
    assert whole["touches"] == 2
    for lead in (left, right):
        assert office.get("/leads/{lead}", lead=lead)["id"] == whole["id"]
    assert {each["lead"] for each in office.get("/submissions")["items"]} == {whole["id"]}
    same = refusal(office, "POST", "/leads/{lead}/merge", body={"with": right}, lead=left)
    assert (same.status, same.code) == (409, "same_lead")
    body = {"keys": ["ANA@work.org"]}
    parted = office.post("/leads/{lead}/unmerge", body, lead=left)["leads"]
    assert sorted(lead["values"]["email"] for lead in parted) == ["ana@work.org", "ana@x.org"]
    for each in office.get("/submissions")["items"]:
        assert each["lead"] in {
            lead["id"] for lead in parted if lead["values"]["email"] == each["values"]["email"]
        }
    assert office.balance() == []


def test_merging_and_parting_may_demand_a_version(office: Office) -> None:
    """412 where the lead changed since it was looked at; nothing is merged or parted."""
    left, right = entered(office, email="ana@x.org"), entered(office, email="ana@work.org")
    version = office.get("/leads/{lead}", lead=left)["version"]
    stale, fresh = ({"if-match": f'"{v}"'} for v in (version + 5, version))
    merge: dict[str, Any] = {"lead": left, "body": {"with": right}}
    error = refusal(office, "POST", "/leads/{lead}/merge", headers=stale, **merge)
    assert (error.status, error.code) == (412, "version_changed")
    assert office.post("/leads/{lead}/merge", headers=fresh, **merge)["touches"] == 2
    part: dict[str, Any] = {"lead": left, "body": {"keys": ["ana@work.org"]}}
    error = refusal(office, "POST", "/leads/{lead}/unmerge", headers=stale, **part)
    assert error.status == 412
    odd = refusal(office, "POST", "/leads/{lead}/merge", headers={"if-match": "x"}, **merge)
    assert odd.status == 422


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("merge", {}, 422),
        ("merge", {"with": 1}, 422),
        ("merge", {"with": "0" * 32}, 422),
        ("unmerge", {}, 422),
        ("unmerge", {"keys": []}, 422),
        ("unmerge", {"keys": [1]}, 422),
        ("unmerge", {"keys": ["nonsense"]}, 422),
        ("unmerge", {"keys": ["hubspot:"]}, 422),
        ("unmerge", {"keys": ["ana@x.org"]}, 409),
        ("unmerge", {"keys": ["eva@x.org"]}, 409),
        ("unmerge", {"keys": ["hubspot:1", "600123456"]}, 409),
    ],
)
def test_what_cannot_be_merged_or_parted_is_refused(
    office: Office, path: str, body: object, status: int
) -> None:
    """422 for what is no lead or key, 409 where there are not two people."""
    lead = entered(office, email="ana@x.org")
    error = refusal(office, "POST", f"/leads/{{lead}}/{path}", body=body, lead=lead)
    assert error.status == status


def test_those_who_share_a_phone_are_shown_as_duplicates(office: Office) -> None:
    """Both leads, and what they meet under."""
    for name in ("ana", "eva"):
        office.later(seconds=1)
        entered(office, email=f"{name}@x.org", phone="+34600123456")
    [pair] = office.get("/duplicates")["items"]
    assert pair["over"] == "phone"
    assert [lead["values"]["email"] for lead in pair["leads"]] == ["ana@x.org", "eva@x.org"]
