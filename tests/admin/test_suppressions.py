"""Suppressions through the API."""

from typing import Any

import pytest

from chalicelib.model import Response
from tests.admin.office import Office, refusal

ANA = {"email": "Ana@X.org"}
PATH = "/suppressions"


def suppress(office: Office, reason: str = "bounced", **more: Any) -> dict[str, Any]:
    return office.post(PATH, {**ANA, "reason": reason, **more})


def lift(office: Office, reason: str = "bounced", note: str = "mistaken") -> Any:
    return office.ask("DELETE", PATH, query={**ANA, "reason": reason, "note": note})


def known(office: Office, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = office.get(PATH, query=query or ANA)["items"]
    return found


def test_what_is_entered_is_told_by_address_and_on_the_lead(office: Office) -> None:
    """The address is read as the road reads it; the list tells only a hint of it."""
    lead = office.post("/leads", {"email": "ana@x.org"})["lead"]
    made = suppress(office, note="told us on the phone")
    assert (made["kind"], made["hint"], made["channels"]) == ("email", "a***@x.org", ["email"])
    (entry,) = made["entries"]
    assert (entry["reason"], entry["suppressed"], entry["door"]) == ("bounced", True, "api")
    assert entry["by"].startswith("key:")
    assert known(office) == known(office, limit="9") == [made]
    assert office.get("/leads/{lead}", lead=lead)["suppressed"] == ["bounced"]
    assert known(office, email="eva@x.org") == []


def test_a_phone_is_read_in_the_stage_s_region(office: Office) -> None:
    """And stops calls and messages."""
    made = office.post(PATH, {"phone": "600 123 456", "reason": "unsubscribed"})
    assert (made["kind"], made["channels"]) == ("phone", ["call", "message"])
    assert known(office, phone="+34600123456") == [made]


def test_entering_it_again_is_the_same(office: Office) -> None:
    """201 first, 200 then; two reasons stand side by side."""
    statuses = []
    for reason in ("bounced", "bounced", "complained"):
        answer = office.ask("POST", PATH, body={**ANA, "reason": reason})
        assert isinstance(answer, Response)
        statuses.append(answer.status)
    assert statuses == [201, 200, 200]
    assert known(office)[0]["reasons"] == ["bounced", "complained"]


def test_an_administrator_lifts_a_bounce_with_a_note(office: Office) -> None:
    """It leaves the list and stays known by address; entered again it stands again."""
    suppress(office)
    assert lift(office).status == 204
    assert known(office, limit="5") == []
    (left,) = known(office)
    assert left["reasons"] == left["channels"] == []
    assert [(e["suppressed"], e["note"]) for e in left["entries"]] == [
        (True, ""),
        (False, "mistaken"),
    ]
    assert (
        refusal(office, "DELETE", PATH, query={**ANA, "reason": "bounced", "note": "n"}).status
        == 404
    )
    assert suppress(office)["reasons"] == ["bounced"]


def test_the_body_of_a_delete_says_the_same_as_its_query(office: Office) -> None:
    """Some clients send one, some the other."""
    suppress(office)
    body = {**ANA, "reason": "bounced", "note": "mistaken"}
    answer = office.ask("DELETE", PATH, body=body)
    assert isinstance(answer, Response)
    assert answer.status == 204


@pytest.mark.parametrize(
    ("reason", "code"), [("erased", "erased"), ("unsubscribed", "opt_in_required")]
)
def test_what_nobody_may_lift_is_a_conflict(office: Office, reason: str, code: str) -> None:
    """Not an administrator with the best of reasons."""
    suppress(office, reason)
    query = {**ANA, "reason": reason, "note": "please"}
    error = refusal(office, "DELETE", PATH, query=query)
    assert (error.status, error.code) == (409, code)
    assert known(office)[0]["reasons"] == [reason]


def test_an_editor_enters_everything_but_an_erasure(office: Office) -> None:
    """And lifts nothing."""
    assert office.post(PATH, {**ANA, "reason": "bounced"}, role="editor")["reasons"] == ["bounced"]
    for method, body in (("POST", {**ANA, "reason": "erased"}), ("DELETE", {})):
        assert refusal(office, method, PATH, role="editor", body=body).status == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reason": "bounced"}, "email"),
        ({**ANA, "phone": "600123456", "reason": "bounced"}, "email"),
        ({"email": "ana", "reason": "bounced"}, "email"),
        ({"email": "", "reason": "bounced"}, "email"),
        ({"email": 1, "reason": "bounced"}, "email"),
        ({"phone": "12", "reason": "bounced"}, "phone"),
        (ANA, "reason"),
        ({**ANA, "reason": "bored"}, "reason"),
        ({**ANA, "reason": []}, "reason"),
        ({**ANA, "reason": "bounced", "note": 1}, "note"),
        ({**ANA, "reason": "bounced", "note": "n" * 501}, "note"),
        ({**ANA, "reason": "bounced", "suppressed": False}, "suppressed"),
    ],
)
def test_what_is_wrong_is_named(office: Office, body: dict[str, Any], field: str) -> None:
    """422 with the place."""
    error = refusal(office, "POST", PATH, body=body)
    assert (error.status, error.problems[0].field) == (422, field)
    assert known(office, limit="1") == []


def test_a_lift_without_a_note_or_a_blank_filter_is_refused(office: Office) -> None:
    """A filter that says nothing must not list everybody."""
    suppress(office)
    for query in ({**ANA, "reason": "bounced"}, {**ANA, "reason": "bounced", "note": "  "}):
        assert refusal(office, "DELETE", PATH, query=query).status == 422
    for query in ({"email": ""}, {"phone": " "}, {"reason": ""}):
        assert refusal(office, "GET", PATH, query=query).status == 422


def test_pages_and_reasons(office: Office) -> None:
    """The latest first; a reason narrows."""
    for n in range(9):
        office.later(seconds=1)
        reason = "bounced" if n % 2 else "complained"
        office.post(PATH, {"email": f"{n}a@x.org", "reason": reason})
    pages = [item["hint"][0] for page in office.pages(PATH, 4) for item in page]
    assert pages == list("876543210")
    found = office.get(PATH, query={"reason": "bounced"})["items"]
    assert [item["hint"][0] for item in found] == list("7531")


def test_a_masked_caller_reads_no_notes(office: Office) -> None:
    """A note may name the person."""
    suppress(office, note="Ana of the third floor")
    (shown,) = office.get(PATH, role="viewer")["items"]
    assert shown["entries"][0]["note"] == "***"


def test_no_edit_of_a_lead_touches_it(office: Office) -> None:
    """`suppressed` is no field, and a new word of the person's lifts nothing."""
    suppress(office)
    assert refusal(office, "POST", "/leads", body={**ANA, "suppressed": []}).status == 422
    lead = office.post("/leads", {**ANA, "consent": "yes"})["lead"]
    assert office.get("/leads/{lead}", lead=lead)["suppressed"] == ["bounced"]
