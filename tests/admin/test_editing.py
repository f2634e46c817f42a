"""A lead edited through the road, and a person erased."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.model import Acquisition, Fate
from chalicelib.store.verify import read
from tests.admin.office import Office, content, refusal
from tests.store.people import RING, touch

LEAD = "/leads/{lead}"


def entered(office: Office, **values: str) -> str:
    """The id of a lead of these values."""
    lead: str = office.post("/leads", values)["lead"]
    return lead


def edited(office: Office, lead: str, body: object, **rest: Any) -> dict[str, Any]:
    """The lead after an edit."""
    office.later(seconds=1)
    return content(office.ask("PATCH", LEAD, body=body, lead=lead, **rest))


def test_an_edit_is_a_touch_that_beats_what_was_there(office: Office) -> None:
    """It is on the timeline, with who said it; everything balances."""
    lead = entered(office, email="ana@x.org", company="Acme")
    after = edited(office, lead, {"company": "Beta", "tags": ["vip"]}, role="editor")
    assert (after["id"], after["values"]["company"]) == (lead, "Beta")
    assert (after["tags"], after["touches"]) == (["vip"], 2)
    newest = office.get("/leads/{lead}/timeline", lead=lead)["items"][0]
    assert (newest["door"], newest["fate"]) == ("api", "merged")
    assert office.balance() == []


def test_an_edit_is_never_overwritten_by_a_bought_list(office: Office) -> None:
    """What a person at the console says is own, whatever the lead came by."""
    bought = touch(1, email="ana@x.org", acquisition=Acquisition.PURCHASED_LIST, company="Old")
    lead = office.store.one(bought).lead
    edited(office, lead, {"company": "New"})
    later = touch(10**7, email="ana@x.org", acquisition=Acquisition.PARTNER, company="Theirs")
    office.store.one(later)
    assert office.get(LEAD, lead=lead)["values"]["company"] == "New"


def test_null_clears_a_value_but_not_the_address(office: Office) -> None:
    """A cleared value stays cleared until somebody says another."""
    lead = entered(office, email="ana@x.org", company="Acme", phone="600123456")
    after = edited(office, lead, {"values": {"company": None, "phone": None}})
    assert set(after["values"]) & {"company", "phone"} == set()
    error = refusal(office, "PATCH", LEAD, lead=lead, body={"email": None})
    assert (error.status, error.code) == (422, "required_missing")


def test_a_new_address_is_added_to_the_person(office: Office) -> None:
    """From then on the lead is found by both, and who writes with either is the same person."""
    lead = entered(office, email="ana@x.org", first_name="Ana")
    after = edited(office, lead, {"email": "ana@y.org"})
    assert (after["id"], after["values"]["email"]) == (lead, "ana@y.org")
    assert office.store.one(touch(9, email="ana@y.org")).lead == lead
    assert office.store.one(touch(10, email="ana@x.org")).lead == lead
    assert office.balance() == []


def test_somebody_known_by_phone_gets_an_address(office: Office) -> None:
    """The phone still leads to them."""
    lead = entered(office, phone="600123456", first_name="Ana")
    assert edited(office, lead, {"email": "ana@x.org"})["id"] == lead
    assert office.store.one(touch(9, phone="+34600123456")).lead == lead
    assert office.balance() == []


def test_an_address_of_somebody_else_is_not_taken(office: Office) -> None:
    """That is a merge, which people decide looking at both."""
    lead = entered(office, email="ana@x.org")
    entered(office, email="eva@x.org")
    error = refusal(office, "PATCH", LEAD, lead=lead, body={"email": "eva@x.org"})
    assert (error.status, error.code) == (409, "key_taken")
    assert office.balance() == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required_missing"),
        ({"nonsense": "1"}, "invalid"),
        ({"source": {"name": "x"}}, "unknown_field"),
        ({"phone": "no phone"}, "invalid"),
        ({"values": "text"}, "invalid"),
    ],
)
def test_an_edit_that_says_nothing_readable_is_refused(
    office: Office, body: object, code: str
) -> None:
    """422, and the lead is as it was."""
    lead = entered(office, email="ana@x.org")
    error = refusal(office, "PATCH", LEAD, lead=lead, body=body)
    assert (error.status, error.code) == (422, code)
    assert office.get(LEAD, lead=lead)["touches"] == 1


def test_an_edit_of_another_version_is_refused(office: Office) -> None:
    """The ETag of GET is what If-Match names."""
    lead = entered(office, email="ana@x.org")
    answer = office.ask("GET", LEAD, lead=lead)
    assert not isinstance(answer, dict)
    match = {"if-match": answer.headers["ETag"]}
    edited(office, lead, {"company": "Acme"}, headers=match)
    error = refusal(office, "PATCH", LEAD, lead=lead, body={"company": "B"}, headers=match)
    assert (error.status, error.code) == (412, "version_changed")


def test_the_same_edit_under_the_same_key_is_one(office: Office) -> None:
    """Sent again because the answer was lost."""
    lead = entered(office, email="ana@x.org")
    same = {"idempotency-key": "one"}
    first = edited(office, lead, {"company": "Acme"}, headers=same)
    again = edited(office, lead, {"company": "Acme"}, headers=same)
    assert first["touches"] == again["touches"] == 2


def test_an_erased_person_leaves_no_value_anywhere(office: Office) -> None:
    """Lead and submissions hold nothing of them; the address is suppressed; all balances."""
    secret = "Wilhelmina"
    lead = entered(office, email="ana@x.org", phone="600123456", first_name=secret)
    entered(office, phone="600123456", company=secret)
    undone = office.store.one(touch(5, email="ana@x.org", first_name=secret))
    office.store.turn({undone.id: Fate.UNDONE})
    assert not isinstance(answer := office.ask("DELETE", LEAD, lead=lead), dict)
    assert answer.status == 204
    assert not any(
        secret in repr(item) or "ana@x" in repr(item) for item in office.table.items.values()
    )
    assert refusal(office, "GET", LEAD, lead=lead).status == 404
    found = office.get("/suppressions", query={"email": "ana@x.org"})["items"]
    assert found[0]["reasons"] == ["erased"]
    assert {t.reason for t in read(office.table.items.items()).touches.values()} == {"erased"}
    assert office.balance() == []


def test_a_large_body_of_an_erased_person_is_gone_too(office: Office) -> None:
    """A webhook's body that lies in the bucket; a file that others are in stays."""
    office.bucket.held = {"raw/1": b"body", "inbox/list.csv": b"rows"}
    for number, raw in enumerate(["s3:raw/1", "s3:inbox/list.csv"]):
        office.store.one(replace(touch(number + 1, email="ana@x.org"), raw=raw))
    lead = next(iter(read(office.table.items.items()).leads))
    office.ask("DELETE", LEAD, lead=lead)
    assert set(office.bucket.held) == {"inbox/list.csv"}


def test_an_erased_person_who_writes_again_is_a_new_lead_still_unmailable(office: Office) -> None:
    """The id is another; a delivery of what they sent before is no writing again."""
    old = touch(1, email="ana@x.org", first_name="Ana")
    lead = office.store.one(old).lead
    office.ask("DELETE", LEAD, lead=lead)
    assert office.store.one(old).fate is Fate.REPEATED
    new = entered(office, email="ana@x.org")
    assert new != lead
    assert office.get(LEAD, lead=new)["suppressed"] == ["erased"]
    assert office.balance() == []


def test_a_phone_that_somebody_else_uses_too_is_not_suppressed(office: Office) -> None:
    """A family's phone stays theirs."""
    lead = entered(office, email="ana@x.org", phone="600123456")
    other = entered(office, email="eva@x.org", phone="600123456")
    office.ask("DELETE", LEAD, lead=lead)
    assert office.get(LEAD, lead=other)["suppressed"] == []
    assert office.get("/suppressions", query={"phone": "600123456"})["items"] == []
    assert office.balance() == []


def test_a_person_of_many_touches_is_erased_in_slices(office: Office) -> None:
    """However many submissions there are, and whoever they were merged with."""
    for number in range(1, 60):
        office.store.one(touch(number, email="ana@x.org", phone=f"+346{number % 7:08d}"))
    lead = office.store.one(touch(99, email="ana@x.org")).lead
    office.ask("DELETE", LEAD, lead=lead)
    stored = read(office.table.items.items())
    assert not any(each.alive for each in stored.leads.values())
    assert not any(each.values for each in stored.touches.values())
    assert office.balance() == []


def test_only_an_administrator_erases(office: Office) -> None:
    """Nobody takes it back."""
    lead = entered(office, email="ana@x.org")
    assert refusal(office, "DELETE", LEAD, role="editor", lead=lead).status == 403
    assert refusal(office, "PATCH", LEAD, role="viewer", lead=lead, body={}).status == 403
    assert RING.key("e", "ana@x.org") in read(office.table.items.items()).homes
