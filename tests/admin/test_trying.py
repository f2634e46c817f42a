"""An endpoint tried out: what would become of a delivery, and nothing written."""

import base64
import hmac
import json
from typing import Any

import pytest

from chalicelib.doors import front
from chalicelib.model import Response
from tests.admin.office import Office, refusal
from tests.live import asked

NAME, SECRET = "contact-tally", "a secret of the tests"
TRY = "/endpoints/{endpoint}/try"
MAPPING = {"city": {"path": "data.town", "values": {"LU": "Lugo"}}}


@pytest.fixture
def tally(office: Office) -> Office:
    """A stage with an endpoint that signs, and a lead who is known."""
    put(office, NAME, {"provider": "tally", "secrets": [SECRET], "mapping": MAPPING})
    office.post("/leads", {"email": "ana@example.org", "phone": "600123456"})
    return office


def put(office: Office, name: str, document: dict[str, Any]) -> None:
    office.ask("PUT", "/endpoints/{endpoint}", body=document, endpoint=name)


def delivery(email: str, **data: str) -> dict[str, Any]:
    """A signed delivery, as it would be pasted."""
    fields = [{"label": "Email", "type": "INPUT_EMAIL", "value": email}]
    whole = {"responseId": email, "createdAt": "2026-02-28T12:00:00Z", "fields": fields, **data}
    body = json.dumps({"eventId": f"e-{email}", "eventType": "FORM_RESPONSE", "data": whole})
    made = hmac.digest(SECRET.encode(), body.encode(), "sha256")
    headers = {
        "Content-Type": "application/json",
        "Tally-Signature": base64.b64encode(made).decode(),
    }
    return {"headers": headers, "body": body}


def tried(office: Office, body: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """The answer to a trial, which must not have written anything."""
    office.key(rest.get("role", "admin"))
    before = office.held()
    files, sent = dict(office.bucket.held), list(office.live.outside.spill.sent)  # type: ignore[attr-defined]
    found = office.post(TRY, body, endpoint=rest.pop("endpoint", NAME), **rest)
    assert office.held() == before
    assert office.bucket.held == files
    assert office.live.outside.spill.sent == sent  # type: ignore[attr-defined]
    return found


def test_a_signed_delivery_of_somebody_known_would_be_merged(tally: Office) -> None:
    """Verified, with values, source and lead; the provider's own answer."""
    found = tried(tally, delivery("ana@example.org", town="lu"))
    (lead,) = tally.get("/leads")["items"]
    (event,) = found["events"]
    assert (found["verified"], found["why"], found["error"]) == (True, "", None)
    assert found["answer"] == {"status": 200, "body": "{}"}
    assert (event["kind"], event["fate"], event["lead"]) == ("lead", "merged", lead["id"])
    assert event["values"] == {"email": "ana@example.org", "city": "Lugo"}
    assert event["source"]["name"] == NAME


def test_somebody_new_would_be_created(tally: Office) -> None:
    """There is no lead to name yet."""
    (event,) = tried(tally, delivery("eva@example.org"))["events"]
    assert (event["fate"], event["lead"]) == ("created", None)


def test_what_is_not_proven_is_read_only_if_asked(tally: Office) -> None:
    """Why it is refused; with `unsigned` what it would be, were it proven."""
    forged = {**delivery("eva@example.org"), "headers": {"content-type": "application/json"}}
    refused = tried(tally, forged)
    assert (refused["verified"], refused["why"], refused["events"]) == (False, "unauthorised", [])
    assert refused["error"]["detail"]
    read = tried(tally, {**forged, "unsigned": True})
    assert (read["verified"], [e["fate"] for e in read["events"]]) == (False, ["created"])


def test_a_lead_without_a_key_would_be_rejected(tally: Office) -> None:
    """With the problems that say why."""
    (event,) = tried(tally, delivery("nobody"))["events"]
    assert (event["fate"], event["reason"]) == ("rejected", "email_invalid")
    assert [problem["code"] for problem in event["problems"]] == ["email_invalid"]


def test_an_unreadable_body_is_named(tally: Office) -> None:
    """As the door would answer it."""
    found = tried(tally, {"body": "{", "unsigned": True})
    assert found["events"] == []
    found = tried(tally, {"body_base64": base64.b64encode(b"\xff").decode(), "unsigned": True})
    assert found["error"]["code"] in ("body_unreadable", "unauthorised")


def test_a_stored_delivery_is_tried_under_todays_mapping(tally: Office) -> None:
    """Its receipt is enough; what proved it was proven when it came. `definition` is a draft."""
    pasted = delivery("ana@example.org", town="LU")
    path = f"/webhooks/tally/{NAME}"
    headers = {name.lower().replace("-", "_"): text for name, text in pasted["headers"].items()}
    request = asked("POST", path, pasted["body"].encode(), **headers)
    assert isinstance(front.webhook(tally.live, "tally", NAME, request), Response)  # type: ignore[arg-type]
    receipt = next(
        one["receipt"] for one in tally.get("/submissions")["items"] if one["door"] == "webhook"
    )
    (event,) = tried(tally, {"receipt": receipt})["events"]
    assert (event["receipt"], event["fate"], event["values"]["city"]) == (
        receipt,
        "repeated",
        "Lugo",
    )
    draft = {
        "provider": "tally",
        "secrets": ["********"],
        "mapping": {"city": {"constant": "Vigo"}},
    }
    (event,) = tried(tally, {"receipt": receipt, "definition": draft})["events"]
    assert event["values"]["city"] == "Vigo"
    tally.later(days=91)
    gone = refusal(tally, "POST", TRY, body={"receipt": receipt}, endpoint=NAME)
    assert (gone.status, gone.code) == (409, "raw_gone")


def test_a_probe_shows_its_answer(office: Office) -> None:
    """A provider's challenge, answered as at the door."""
    document = {
        "provider": "meta",
        "secrets": ["s"],
        "settings": {"access_token": "t", "verify_token": "v"},
    }
    put(office, "ads", document)
    query = {"hub.mode": "subscribe", "hub.verify_token": "v", "hub.challenge": "42"}
    found = tried(office, {"method": "GET", "query": query}, endpoint="ads")
    assert (found["verified"], found["answer"]["body"], found["events"]) == (True, "42", [])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"receipt": "0" * 32}, 404),
        ({"receipt": "../x"}, 404),
        ({"receipt": "0" * 32, "body": "x"}, 422),
        ({"body": {"email": "a"}}, 422),
        ({"body_base64": "?"}, 422),
        ({"headers": ["a"]}, 422),
        ({"method": "PATCH"}, 422),
        ({"colour": "red"}, 422),
        ({"definition": 3}, 422),
        ({"definition": {"provider": "nobody"}}, 422),
    ],
)
def test_what_is_no_trial_is_refused(tally: Office, body: dict[str, Any], status: int) -> None:
    """With the place that is wrong."""
    assert refusal(tally, "POST", TRY, body=body, endpoint=NAME).status == status


def test_an_endpoint_that_is_not_there_can_be_tried_by_its_definition(office: Office) -> None:
    """Before it is put."""
    address = "Zk3vQ9x7RtLm2WpYc8NdFa"
    assert refusal(office, "POST", TRY, body={"body": "{}"}, endpoint=address).status == 404
    body = {"definition": {"provider": "generic"}, "body": '{"email": "ana@example.org"}'}
    (event,) = tried(office, body, endpoint=address)["events"]
    assert event["fate"] == "created"


@pytest.mark.parametrize("role", ["editor", "viewer", "ingest"])
def test_only_an_administrator_tries(tally: Office, role: str) -> None:
    """An endpoint's id may be all that keeps strangers out."""
    assert refusal(tally, "POST", TRY, role=role, body={}, endpoint=NAME).status == 403


def test_health_is_shown_and_may_be_put_back(tally: Office) -> None:
    """With the endpoint and in the list; it is no part of the document."""
    answer = tally.get("/endpoints/{endpoint}", endpoint=NAME)
    assert answer["health"]["state"] == "new"
    (entry,) = tally.get("/endpoints")["items"]
    assert entry["health"]["last_delivery"] is None
    put(tally, NAME, answer)
    again = tally.ask("GET", "/endpoints/{endpoint}", endpoint=NAME)
    assert isinstance(again, Response)
    assert again.headers["ETag"] == '"1"'


def test_deliveries_and_failures_are_counted(tally: Office) -> None:
    """A refused one by its code; one of which no lead could be made by that reason."""
    path = f"/webhooks/tally/{NAME}"
    for email in ("ana@example.org", "nobody"):
        pasted = delivery(email)
        headers = {name.lower().replace("-", "_"): text for name, text in pasted["headers"].items()}
        request = asked("POST", path, pasted["body"].encode(), **headers)
        front.webhook(tally.live, "tally", NAME, request)  # type: ignore[arg-type]
        tally.live.pulse._written.clear()
    with pytest.raises(Exception, match="signature"):
        front.webhook(tally.live, "tally", NAME, asked("POST", path, b"{}"))  # type: ignore[arg-type]
    health = tally.get("/endpoints/{endpoint}", endpoint=NAME)["health"]
    assert health["failures"]["unauthorised"] == 1
    assert health["last_delivery"] == "2026-03-01T12:00:00.000Z"
