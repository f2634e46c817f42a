"""Kept deliveries read again by today's mapping: dry first, exactly once, however often."""

import json
from contextlib import suppress
from typing import Any

import pytest

from chalicelib import errors
from chalicelib.doors import front
from chalicelib.model import Fate, Touch
from chalicelib.store.verify import read
from tests.admin.office import Office, refusal
from tests.live import asked

NAME = "Zk3vQ9x7RtLm2WpYc8NdFa"
REPLAY = "/submissions/replay"
ALL = {"endpoint": NAME}
REAL = {**ALL, "dry_run": False}


def put(office: Office, mapping: dict[str, Any], **more: Any) -> None:
    """Let the endpoint have a mapping from now on."""
    document = {"provider": "generic", "mapping": mapping, **more}
    office.ask("PUT", "/endpoints/{endpoint}", body=document, endpoint=NAME)


def deliver(office: Office, body: Any) -> None:
    """A delivery to the endpoint."""
    office.later(minutes=1)
    request = asked(
        "POST",
        f"/webhooks/generic/{NAME}",
        json.dumps(body).encode(),
        content_type="application/json",
    )
    front.webhook(office.live, "generic", NAME, request)  # type: ignore[arg-type]


def touches(office: Office) -> list[Touch]:
    """All stored submissions of the endpoint, oldest first."""
    stored = read(office.table.items.items()).touches.values()
    return sorted((t for t in stored if t.source.endpoint == NAME), key=lambda t: t.time_key)


def outcomes(found: dict[str, Any]) -> list[str]:
    return [item["outcome"] for item in found["items"]]


@pytest.fixture
def shop(office: Office) -> Office:
    """A stage whose endpoint took the job title for the city."""
    put(office, {"email": "mail", "city": "role"})
    for name in ("ana", "eva"):
        deliver(office, {"mail": f"{name}@example.org", "role": "CTO", "town": "Lugo"})
    return office


def mend(office: Office) -> None:
    put(office, {"email": "mail", "job_title": "role", "city": "town"})


def test_a_dry_run_shows_leads_and_fields_and_writes_nothing(shop: Office) -> None:
    """What each submission would bring, what each lead would say."""
    mend(shop)
    before = shop.held()
    found = shop.post(REPLAY, ALL)
    assert shop.held() == before
    assert (found["dry_run"], found["counts"], found["next"]) == (True, {"changed": 2}, None)
    fields = {"city": {"from": "CTO", "to": "Lugo"}, "job_title": {"from": None, "to": "CTO"}}
    assert [(lead["became"], lead["fields"]) for lead in found["leads"]] == [
        ("changed", fields)
    ] * 2


def test_the_real_run_changes_exactly_that_and_repeats_as_nothing(shop: Office) -> None:
    """The same receipts and fates, new values, who did it; again: unchanged."""
    mend(shop)
    before = touches(shop)
    assert shop.post(REPLAY, REAL)["counts"] == {"changed": 2}
    after = touches(shop)
    assert [(t.id, t.fate, t.time_key) for t in after] == [
        (t.id, t.fate, t.time_key) for t in before
    ]
    assert {(t.values["city"], t.values["job_title"]) for t in after} == {("Lugo", "CTO")}
    assert {t.reason for t in after} == {"replayed"}
    assert all(t.actor for t in after)
    for lead in shop.get("/leads")["items"]:
        assert (lead["values"]["city"], lead["touches"]) == ("Lugo", 1)
    assert shop.balance() == []
    written = dict(shop.table.requests)
    assert shop.post(REPLAY, REAL)["counts"] == {"unchanged": 2}
    assert shop.table.requests["TransactWriteItems"] == written["TransactWriteItems"]
    assert [t.id for t in touches(shop)] == [t.id for t in before]


def test_a_later_word_still_wins(shop: Office) -> None:
    """The submission keeps its place in time: a replay is no news of the person's."""
    shop.later(hours=1)
    shop.post("/leads", {"email": "ana@example.org", "city": "Vigo"})
    mend(shop)
    shop.post(REPLAY, REAL)
    cities = {one["values"]["email"]: one["values"]["city"] for one in shop.get("/leads")["items"]}
    assert cities == {"ana@example.org": "Vigo", "eva@example.org": "Lugo"}
    assert shop.balance() == []


def test_what_was_rejected_becomes_a_lead(office: Office) -> None:
    """Under its own receipt and time, once."""
    put(office, {"email": "wrong"})
    deliver(office, {"mail": "ana@example.org"})
    (rejected,) = touches(office)
    assert rejected.fate is Fate.REJECTED
    put(office, {"email": "mail"})
    dry = office.post(REPLAY, {**ALL, "fate": "rejected"})
    assert [lead["became"] for lead in dry["leads"]] == ["created"]
    done = office.post(REPLAY, {**REAL, "fate": "rejected"})
    assert [(i["was"], i["fate"], i["outcome"]) for i in done["items"]] == [
        ("rejected", "created", "stored")
    ]
    (now,) = touches(office)
    assert (now.id, now.submitted_ms) == (rejected.id, rejected.submitted_ms)
    deliver(office, {"mail": "ana@example.org"})
    assert [t.fate for t in touches(office)] == [Fate.CREATED]
    assert office.balance() == []


def test_another_address_moves_the_person_with_their_id(office: Office) -> None:
    """Filed under another key: the old one is free, the lead keeps its id and its other touches."""
    put(office, {"email": "a", "phone": "tel"})
    deliver(office, {"a": "old@example.org", "b": "new@example.org", "tel": "600123456"})
    (lead,) = office.get("/leads")["items"]
    put(office, {"email": "b", "phone": "tel"})
    assert office.post(REPLAY, REAL)["counts"] == {"changed": 1}
    (moved,) = office.get("/leads")["items"]
    assert (moved["id"], moved["values"]["email"]) == (lead["id"], "new@example.org")
    assert office.get("/leads", query={"email": "old@example.org"})["items"] == []
    assert office.balance() == []
    deliver(office, {"b": "old@example.org"})
    assert len(office.get("/leads")["items"]) == 2
    assert office.balance() == []


def test_one_of_several_touches_moves_and_the_rest_stays(office: Office) -> None:
    """The lead that others speak of too loses what this one brought; a known person gains it."""
    put(office, {"email": "a", "city": "town"})
    office.post("/leads", {"email": "old@example.org", "company": "Acme"})
    office.post("/leads", {"email": "new@example.org", "company": "Bolt"})
    deliver(office, {"a": "old@example.org", "b": "new@example.org", "town": "Lugo"})
    put(office, {"email": "b", "city": "town"})
    office.post(REPLAY, REAL)
    found = {one["values"]["email"]: one for one in office.get("/leads")["items"]}
    assert (found["old@example.org"]["touches"], found["new@example.org"]["touches"]) == (1, 2)
    assert "city" not in found["old@example.org"]["values"]
    assert found["new@example.org"]["values"]["city"] == "Lugo"
    assert office.balance() == []


def test_each_of_a_batch_finds_its_own_event(office: Office) -> None:
    """By id, or by its place where the event's id is found elsewhere today; the body lies once."""
    put(office, {"email": "mail", "event_id": "n"})
    deliver(
        office,
        [{"mail": f"p{n}@example.org", "n": n, "m": f"x{n}", "town": f"T{n}"} for n in range(5)],
    )
    assert len(office.bucket.held) == 1
    put(office, {"email": "mail", "event_id": "m", "city": "town"})
    before = {t.id for t in touches(office)}
    assert office.post(REPLAY, REAL)["counts"] == {"changed": 5}
    assert {t.id for t in touches(office)} == before
    cities = {t.values["email"]: t.values["city"] for t in touches(office)}
    assert cities == {f"p{n}@example.org": f"T{n}" for n in range(5)}
    assert office.balance() == []


@pytest.mark.parametrize("survived", range(14))
def test_a_replay_that_dies_anywhere_is_taken_up_again(shop: Office, survived: int) -> None:
    """After any number of requests: the books balance, and the next run finishes."""
    mend(shop)
    shop.key("admin")
    left = survived

    def dying(_name: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt

    shop.table.before = dying
    with suppress(KeyboardInterrupt):
        shop.post(REPLAY, REAL)
    shop.table.before = lambda _name: None
    assert shop.balance() == []
    shop.post(REPLAY, REAL)
    assert {t.values["city"] for t in touches(shop)} == {"Lugo"}
    assert shop.balance() == []


@pytest.mark.parametrize("survived", range(4, 16))
def test_a_move_that_dies_anywhere_balances(office: Office, survived: int) -> None:
    """Between the transaction and the old reference too, which leads nowhere then."""
    put(office, {"email": "a", "phone": "tel"})
    deliver(office, {"a": "old@example.org", "b": "new@example.org", "tel": "600123456"})
    put(office, {"email": "b", "phone": "tel"})
    office.key("admin")
    left = survived

    def dying(_name: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise KeyboardInterrupt

    office.table.before = dying
    with suppress(KeyboardInterrupt):
        office.post(REPLAY, REAL)
    office.table.before = lambda _name: None
    assert office.balance() == []
    office.post(REPLAY, REAL)
    (lead,) = office.get("/leads")["items"]
    assert (lead["values"]["email"], lead["touches"]) == ("new@example.org", 1)
    timeline = office.get("/leads/{lead}/timeline", lead=lead["id"])["items"]
    assert len(timeline) == 1
    assert office.balance() == []


def test_pages_go_on_where_the_last_ended(office: Office) -> None:
    """Each submission once; a cursor is good for its own range alone."""
    put(office, {"email": "mail"})
    for n in range(7):
        deliver(office, {"mail": f"p{n}@example.org", "town": "Lugo"})
    put(office, {"email": "mail", "city": "town"})
    seen, cursor = [], None
    while True:
        found = office.post(REPLAY, {**REAL, "limit": 3, "cursor": cursor})
        seen += [item["receipt"] for item in found["items"]]
        cursor = found["next"] or cursor
        if found["next"] is None:
            break
    assert sorted(seen) == sorted(t.id for t in touches(office))
    assert {t.values["city"] for t in touches(office)} == {"Lugo"}
    other = {"door": "webhook", "cursor": cursor}
    assert refusal(office, "POST", REPLAY, body=other).status == 422


def test_a_range_is_a_range(shop: Office) -> None:
    """Only what came in it."""
    (first, _) = touches(shop)
    when = shop.get("/submissions/{receipt}", receipt=first.id)["received_at"]
    found = shop.post(REPLAY, {**ALL, "from": when, "to": when})
    assert [item["receipt"] for item in found["items"]] == [first.id]


@pytest.mark.parametrize(
    "asked", [{"from": "2020-01-01"}, {"to": "2999-01-01"}, {"fate": "created"}]
)
def test_without_a_door_it_is_webhooks(shop: Office, asked: dict[str, str]) -> None:
    """A range or a fate says enough: deliveries alone are kept whole, so it is theirs."""
    shop.post("/leads", {"email": "eva@example.com"})
    found = shop.post(REPLAY, {**asked, "dry_run": True})
    assert {item["receipt"] for item in found["items"]} == {
        touch.id for touch in touches(shop) if touch.door == "webhook"
    }


def test_what_must_not_change_is_kept(shop: Office) -> None:
    """Undone, erased, no lead by today's mapping, content gone, endpoint gone: each says why."""
    mend(shop)
    ana, eva = touches(shop)
    shop.store.turn({ana.id: Fate.UNDONE})
    lead = next(one for one in shop.get("/leads")["items"])
    shop.ask("DELETE", "/leads/{lead}", lead=lead["id"])
    reasons = {i["receipt"]: i["reason"] for i in shop.post(REPLAY, REAL)["items"]}
    assert reasons == {ana.id: "undone", eva.id: "erased"}
    deliver(shop, {"mail": "leo@example.org", "role": "CTO"})
    put(shop, {"email": "nowhere"})
    assert shop.post(REPLAY, {**REAL, "limit": 1})["items"][0]["reason"] == "no_key"
    shop.later(days=91)
    assert shop.post(REPLAY, {**REAL, "limit": 1})["items"][0]["reason"] == "raw_gone"
    shop.later(days=-91)
    shop.ask("DELETE", "/endpoints/{endpoint}", endpoint=NAME)
    found = shop.post(REPLAY, {**REAL, "limit": 1})
    assert (found["items"][0]["outcome"], found["items"][0]["reason"]) == (
        "kept",
        "endpoint_missing",
    )
    assert [t.values for t in touches(shop)][-1] == {"email": "leo@example.org", "job_title": "CTO"}
    assert shop.balance() == []


def test_a_source_that_changed_is_todays(shop: Office) -> None:
    """What was bought is ranked as bought, once it is said."""
    shop.post("/leads", {"email": "ana@example.org", "city": "Vigo"})
    put(
        shop,
        {"email": "mail", "city": "town"},
        source={"acquisition": "partner", "campaign": "june"},
    )
    shop.post(REPLAY, REAL)
    assert {(t.source.acquisition, t.source.campaign) for t in touches(shop)} == {
        ("partner", "june")
    }
    assert shop.balance() == []


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "endpoint"),
        ({"door": "form"}, "door"),
        ({**ALL, "fate": "lost"}, "fate"),
        ({**ALL, "dry_run": "no"}, "dry_run"),
        ({**ALL, "limit": 0}, "limit"),
        ({**ALL, "from": "yesterday"}, "from"),
        ({**ALL, "colour": 1}, "colour"),
        ({**ALL, "cursor": "x"}, "cursor"),
    ],
)
def test_what_is_no_replay_is_refused(shop: Office, body: dict[str, Any], place: str) -> None:
    """With the part that is wrong."""
    error = refusal(shop, "POST", REPLAY, body=body)
    assert isinstance(error, errors.Rejected)
    assert [problem.field for problem in error.problems] == [place]


@pytest.mark.parametrize("role", ["editor", "viewer", "ingest"])
def test_only_an_administrator_replays(shop: Office, role: str) -> None:
    """It changes what many leads say."""
    assert refusal(shop, "POST", REPLAY, role=role, body=ALL).status == 403


def test_what_an_endpoint_does_with_its_leads_now_is_done_with_those_that_came(
    shop: Office,
) -> None:
    """Its stage, owner and tags of today; in their place in time, and once."""
    response = {"stage": "contacted", "owner": "eva@we.example", "tags": ["paid"]}
    put(shop, {"email": "mail", "city": "role"}, response=response)
    assert set(outcomes(shop.post(REPLAY, REAL))) == {"changed"}
    for lead in shop.get("/leads")["items"]:
        assert (lead["stage"], lead["tags"]) == ("contacted", ["paid"])
        assert lead["values"]["owner"] == "eva@we.example"
    assert set(outcomes(shop.post(REPLAY, REAL))) == {"unchanged"}
    assert shop.balance() == []


def test_an_endpoint_names_a_stage_that_there_is(office: Office) -> None:
    """Its place is named; what is right is shown as it was put, and tried as it would be."""
    error = refusal(
        office,
        "PUT",
        "/endpoints/{endpoint}",
        body={"provider": "generic", "response": {"stage": "nowhere"}},
        endpoint=NAME,
    )
    assert (error.status, error.problems[0].field) == (422, "response.stage")
    response = {"stage": "contacted", "owner": "", "tags": []}
    put(office, {"email": "mail"}, response=response)
    assert office.get("/endpoints/{endpoint}", endpoint=NAME)["response"] == response
    part = {"headers": {"Content-Type": "application/json"}, "unsigned": True}
    told = office.post(
        "/endpoints/{endpoint}/try",
        {**part, "body": json.dumps({"mail": "ana@example.org"})},
        endpoint=NAME,
    )
    assert told["events"][0]["fate"] == "created"
    put(office, {"email": "mail"}, response=None)
    assert not office.get("/endpoints/{endpoint}", endpoint=NAME).get("response")
