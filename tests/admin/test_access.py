"""The access log: every call is noted before its answer leaves, found again, and holds no value."""

import datetime as dt
import json
import re
from typing import Any

import pytest

from chalicelib import errors
from chalicelib.admin.routes import BY_PLACE
from chalicelib.admin.serve import serve
from chalicelib.model import Request, Response
from chalicelib.ports import Item, Key
from chalicelib.store import access_log
from chalicelib.store.access_log import MOST_FILED, Asked, Entry
from tests.admin.office import Office, content, refusal
from tests.admin.test_openapi import in_turn
from tests.fakes import MemoryTable
from tests.live import NOW
from tests.store.units import write_units

ID = re.compile(r"[0-9a-f]{32}")
VALUES = ("ana@x.org", "eva@x.org", "new@x.org", "600123456", "hello", "Acme")


def log(office: Office, **query: str) -> list[dict[str, Any]]:
    """The access log as an administrator reads it."""
    entries: list[dict[str, Any]] = office.get("/access", query=query)["items"]
    return entries


def kept(office: Office) -> list[tuple[Key, Item]]:
    """What the log holds at rest."""
    return [
        (key, item)
        for key, item in office.table.items.items()
        if key.pk.startswith(("ACCESS#2", "SEEN#"))
    ]


def test_a_read_says_who_saw_whom(office: Office) -> None:
    """When, with which key, by which route, whose data, how it ended; the address is hashed."""
    lead = office.post("/leads", {"email": "ana@x.org"})["lead"]
    office.later(minutes=1)
    secret, key = office.keys.create("viewer", "the shop's screen")
    request = Request(
        "GET", "/leads", {"authorization": f"Bearer {secret}"}, {}, b"", ip="192.0.2.7"
    )
    serve(request, office.live, "/leads/{lead}", lead=lead)
    entry = log(office)[0]
    assert entry["at"] == "2026-03-01T12:01:00.000Z"
    assert (entry["by"], entry["label"]) == (f"key:{key.id}", "the shop's screen")
    assert (entry["route"], entry["status"]) == ("GET /leads/{lead}", 200)
    assert (entry["leads"], entry["about"], entry["masked"]) == ([lead], {}, True)
    assert ID.fullmatch(entry["address"])


def test_every_route_is_noted_with_the_leads_that_its_answer_shows(office: Office) -> None:
    """Whatever a route answers: each id of a lead in it stands in the call's entry."""
    asked, everybody = set[tuple[str, str]](), set[str]()
    for method, path, rest in in_turn(office):
        asked.add((method, path))
        before = len(kept(office))
        answer = office.ask(method, path, **rest)
        entries = dict(kept(office)[before:])
        days = [item for key, item in entries.items() if key.pk.startswith("ACCESS#")]
        assert len(days) == 1, (method, path)
        noted = json.loads(str(days[0]["b"]))
        assert noted["r"] == f"{method} {path}"
        leads = set(noted.get("l", "").split())
        # The log speaks of leads without showing one.
        shown = BY_PLACE[method, path].answers if path != "/access" else {200: ""}
        assert leads >= shown_leads(answer, shown), (method, path)
        assert leads >= ({rest["lead"]} if "lead" in rest else set())
        everybody |= leads
    assert asked == set(BY_PLACE)
    # Nothing else is taken for a lead.
    known = {key.pk.removeprefix("L#") for key in office.table.items if key.pk.startswith("L#")}
    assert everybody <= known


def shown_leads(answer: Response | dict[str, Any], answers: Any) -> set[str]:
    """Every id of a lead in an answer, by the description of its shape."""
    from chalicelib.admin.schemas import SCHEMAS

    def walk(held: Any, schema: dict[str, Any], name: str) -> set[str]:
        named = schema.get("$ref", "").rpartition("/")[2]
        schema = SCHEMAS[named] if named else schema
        found: set[str] = set()
        for choice in schema.get("anyOf", ()):
            found |= walk(held, choice, name)
        if isinstance(held, list):
            for each in held:
                found |= walk(each, schema.get("items", {}), name)
        if isinstance(held, dict):
            found |= {held["id"]} if named == "Lead" else set()
            for member, each in held.items():
                found |= walk(each, schema.get("properties", {}).get(member, {}), member)
        if isinstance(held, str) and "lead" in name and ID.fullmatch(held):
            found.add(held)
        return found

    status = answer.status if isinstance(answer, Response) else 200
    name = answers[status]
    if not name or name in ("csv", "html"):
        return set()
    return walk(content(answer), {"$ref": f"/{name}"}, "")


def test_the_log_holds_no_value(office: Office) -> None:
    """After every route: neither a value, nor a path as it was called, nor an endpoint's id."""
    for method, path, rest in in_turn(office):
        office.ask(method, path, **rest)
    for wrong in ("ana@x.org", "600123456"):
        refusal(office, "GET", "/leads/{lead}", lead=wrong)
        refusal(office, "GET", "/forms/{form}", form=wrong)
        office.get("/leads", query={"email": "ana@x.org"})
    text = json.dumps([[*key, *map(str, item.values())] for key, item in kept(office)])
    for value in (*VALUES, "Zk3vQ9x7RtLm2WpYc8NdFa"):
        assert value not in text


def test_a_call_costs_one_request_more(office: Office) -> None:
    """One batch of statements, however many leads it was about; a list page of 100 has one item."""
    for number in range(100):
        office.post("/leads", {"email": f"a{number}@x.org"})
    for path, query in (("/leads", {"limit": "100"}), ("/forms", {}), ("/keys", {})):
        office.table.requests.clear()
        before = len(kept(office))
        office.get(path, query=query)
        assert office.table.requests["BatchExecuteStatement"] == 1, path
        assert len(kept(office)) == before + 1
    entry = kept(office)[-3]
    # 100 ids are four kibibytes; with the index by caller that makes five units.
    assert write_units([entry]) <= 5


def test_an_entry_lies_under_each_lead_that_a_call_was_about(office: Office) -> None:
    """Named in the path or a body, changed, or shown among few; lists of many stand by day."""
    ana, eva, ida, leo = (
        office.post("/leads", {"email": f"{name}@x.org", "phone": f"60012345{n}"})["lead"]
        for n, name in enumerate(("ana", "eva", "ida", "leo"))
    )
    office.get("/leads")
    office.get("/leads", query={"email": "ana@x.org"})
    office.post("/leads/{lead}/merge", {"with": eva}, lead=ana)
    office.ask("POST", "/duplicates/dismiss", body={"leads": [ida, leo]})
    routes = {lead: sorted(e["route"] for e in log(office, lead=lead)) for lead in (ana, eva, leo)}
    assert routes[ana] == ["GET /leads", "POST /leads", "POST /leads/{lead}/merge"]
    assert routes[eva] == ["POST /leads", "POST /leads/{lead}/merge"]
    assert routes[leo] == ["POST /duplicates/dismiss", "POST /leads"]


def test_the_log_is_found_by_time_and_key(office: Office) -> None:
    """Ranges hold both ends; a key's id or a user narrows; pages follow one another."""
    for day in range(1, 20):
        office.moment = NOW + dt.timedelta(days=day)
        office.get("/forms", role="viewer")
        office.get("/fields", role="editor")
    viewer = office.keys.find(office.key("viewer"))
    assert viewer is not None
    found = [e for page in office.pages("/access", 4, {"key": viewer.id}) for e in page]
    assert [each["route"] for each in found] == ["GET /forms"] * 19
    assert [each["at"] for each in found] == sorted((e["at"] for e in found), reverse=True)
    span = {"from": "2026-03-04", "to": "2026-03-05"}
    routes = [each["route"] for each in log(office, **span)]
    assert sorted(routes) == ["GET /fields"] * 2 + ["GET /forms"] * 2
    both = log(office, key=viewer.id, **span)
    assert [each["at"][:10] for each in both] == ["2026-03-05", "2026-03-04"]


def test_the_whole_log_comes_page_by_page_over_quiet_weeks(office: Office) -> None:
    """Days without a call cost nothing: no page is empty, and each reads seven days at most."""
    for day in (0, 1, 20, 21, 22, 60, 61, 90, 120, 300):
        office.moment = NOW + dt.timedelta(days=day)
        for _ in range(3):
            office.get("/forms")
    costs, sizes, seen = [], [], []
    office.table.requests.clear()
    for page in office.pages("/access", 5, {"to": office.moment.isoformat()}):
        costs.append(office.table.requests["Query"])
        sizes.append(len(page))
        seen += [each for each in page if each["route"] == "GET /forms"]
        office.table.requests.clear()
    assert len(seen) == len({each["id"] for each in seen}) == 30
    assert max(costs) <= 1 + 4 * access_log.DAYS_A_PAGE
    assert min(sizes) > 0
    assert len(sizes) <= 9
    assert office.get("/access", query={"from": "2026-08-01", "to": "2026-08-09"})["items"] == []


def test_a_day_is_listed_once_a_container(office: Office) -> None:
    """By its first call, in the same request; another container's try changes nothing."""
    for _ in range(3):
        office.get("/forms")
    access_log._day_listed.clear()
    office.table.requests.clear()
    office.get("/forms")
    assert office.table.requests["BatchExecuteStatement"] == 1
    days = [key.sk for key in office.table.items if key.pk == "ACCESS#DAYS"]
    assert days == ["2026-03-01"]


def test_an_entry_goes_by_its_time_to_live(office: Office) -> None:
    """400 days unless set, wherever it lies; nobody asks for older ones."""
    office.post("/leads", {"email": "ana@x.org"})
    ends = {item["ttl"] for _, item in kept(office)}
    assert ends == {int((NOW + dt.timedelta(days=400)).timestamp())}


def test_what_was_read_leaves_only_once_noted(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 in the place of the data; a change has been made, and says so by itself."""
    lead = office.post("/leads", {"email": "ana@x.org"})["lead"]

    def down(*_: Any, **__: Any) -> None:
        raise errors.Unavailable("the table does not answer")

    monkeypatch.setattr(access_log, "write", down)
    error = refusal(office, "GET", "/leads/{lead}", lead=lead)
    assert (error.status, error.code) == (503, "not_noted")
    error = refusal(office, "PATCH", "/leads/{lead}", lead=lead, body={"company": "Acme"})
    assert (error.status, error.code) == (503, "not_noted")
    error = refusal(office, "GET", "/leads/{lead}", lead="0" * 32)
    assert (error.status, error.code) == (503, "not_noted")
    monkeypatch.undo()
    assert office.get("/leads/{lead}", lead=lead)["values"]["company"] == "Acme"
    made = office.get("/leads/{lead}/timeline", lead=lead)["items"][0]
    assert made["source"]["name"]


def test_a_refusal_is_noted_too(office: Office) -> None:
    """What somebody tried beyond their role, and what was not there."""
    refusal(office, "GET", "/keys", role="viewer")
    refusal(office, "GET", "/leads/{lead}", lead="0" * 32)
    told = {(each["route"], each["status"]) for each in log(office)}
    assert told == {("GET /keys", 403), ("GET /leads/{lead}", 404)}


def test_a_call_is_told_in_one_line_without_data(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """Route, status, who and how many leads; a refusal its code."""
    office.post("/leads", {"email": "ana@x.org"})
    refusal(office, "GET", "/leads", query={"emial": "ana@x.org"})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["api_call"] * 2
    assert (lines[0]["route"], lines[0]["status"], lines[0]["leads"]) == ("POST /leads", 201, 1)
    assert (lines[1]["status"], lines[1]["code"]) == (422, "unknown_field")
    assert "ana" not in json.dumps(lines)


def test_so_many_leads_have_an_entry_of_their_own() -> None:
    """One request holds 25 statements; all ids stand under the day."""
    table = MemoryTable()
    leads = tuple(f"{n:032x}" for n in range(90))
    access_log.write(table, Entry(1, "key:1", "", "POST /x", 200, leads), leads, 400)
    assert dict(table.requests) == {"BatchExecuteStatement": 1}
    assert len(table.items) == 2 + MOST_FILED
    assert access_log.listed(table, Asked(0, 5), 10).entries[0].leads == leads
    assert access_log.listed(table, Asked(0, 5, lead=leads[0]), 10).entries[0].leads == leads[:1]
