"""The description of the API against the code that answers, both ways."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app import app
from chalicelib.admin import openapi, scopes
from chalicelib.admin.routes import BY_PLACE, ROUTES
from chalicelib.admin.schemas import SCHEMAS
from chalicelib.imports import records
from chalicelib.imports.records import Import, Status
from chalicelib.model import Fate, Response, to_ms
from chalicelib.privacy import purges
from chalicelib.privacy.purges import Candidate, Purge
from tests.admin.matching import mismatches
from tests.admin.office import Office, content
from tests.admin.test_submissions import held
from tests.store.people import touch

DOCUMENT = openapi.document("https://inlet.test")
# Preflights and probes belong to browsers and providers.
UNDESCRIBED = {"OPTIONS", "HEAD"}
# Pages for people: what they show is in the API, their addresses and forms are no contract.
PAGES = "/console"


def described() -> set[tuple[str, str]]:
    """Every method and path of the description."""
    return {
        (method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods
    }


def test_every_route_of_the_app_is_described_and_every_description_is_a_route() -> None:
    """Neither can come or go alone."""
    routes = {
        (method, path)
        for path, methods in app.routes.items()
        for method in methods
        if method not in UNDESCRIBED and not path.startswith(PAGES)
    }
    assert routes == described()


def test_every_route_of_the_table_is_served_and_described() -> None:
    """Under `/api`, and nothing else is there."""
    table = {(route.method, f"/api{route.path}") for route in ROUTES}
    assert table == {place for place in described() if place[1].startswith("/api/")}
    assert len(BY_PLACE) == len(ROUTES)


def test_the_description_holds_together() -> None:
    """It is JSON; what it refers to is there; no operation has another's name."""
    text = json.dumps(DOCUMENT)
    assert set(re.findall(r"#/components/schemas/(\w+)", text)) <= set(SCHEMAS)
    operations = [each for methods in DOCUMENT["paths"].values() for each in methods.values()]
    names = [each["operationId"] for each in operations]
    assert len(set(names)) == len(names)
    for path, methods in DOCUMENT["paths"].items():
        for each in methods.values():
            inside = {p["name"] for p in each["parameters"] if p["in"] == "path"}
            assert inside == set(re.findall(r"{(\w+)}", path))


def test_every_operation_says_who_may_and_what_goes_wrong() -> None:
    """A summary, a key, and problems as problem+json; scopes are parts that there are."""
    for route in ROUTES:
        each = DOCUMENT["paths"][f"/api{route.path}"][route.method.lower()]
        assert each["summary"].endswith(".")
        assert each["security"] == [{"key": []}]
        assert {"401", "403", "422", "503"} <= set(each["responses"])
        for status, answer in each["responses"].items():
            assert int(status) < 400 or set(answer["content"]) == {"application/problem+json"}
        assert route.scope in scopes.parts()


def erased_one(office: Office) -> str:
    """The number of the erasure of somebody who was there."""
    gone = office.post("/leads", {"email": "gone@x.org"})["lead"]
    answer = office.ask("DELETE", "/leads/{lead}", lead=gone)
    assert isinstance(answer, Response)
    return answer.headers["Location"].rpartition("/")[2]


def calls(office: Office) -> list[tuple[str, str, dict[str, Any]]]:
    """One call of every route, in an order in which each can succeed."""
    ana = office.post("/leads", {"email": "ana@x.org", "phone": "600123456", "message": "hello"})
    eva = office.post("/leads", {"email": "eva@x.org", "phone": "600123456", "consent": "no"})
    office.store.store([held(1, Fate.SPAM), touch(2, external="1", company="Acme")])
    for number, status in (("1", Status.RUNNING), ("2", Status.DONE), ("3", Status.REVIEW)):
        started = to_ms(office.moment)
        made = Import(number, "inbox/a.csv", chunks=1, status=status, started_ms=started)
        records.insert(office.table, made)
    office.live.told["1"] = office.live.told["2"] = office.live.told["3"] = {
        "import": "1", "key": "inbox/a.csv", "status": "done", "rows": 0, "blank": 0, "codes": {},
        **dict.fromkeys(["created", "merged", "unchanged", "repeated", "quarantined", "rejected", "ignored"], 0),
    }  # fmt: skip
    for left in ("errors.csv", "report.html"):
        office.bucket.write(f"reports/1/{left}", b"")
    undo = office.post("/submissions/undo", {"source": "nobody"})["undo"]
    lead = {"lead": ana["lead"]}
    bundle = office.post("/leads/{lead}/bundle", **lead)["bundle"]
    purge = f"{4:032x}"
    purges.insert(office.table, Purge(purge, to_ms(office.moment), status="review"))
    purges.propose(office.table, purge, [Candidate(ana["lead"], "bounced", 1, 2)])
    erased = {"erasure": erased_one(office)}
    spring = {"campaign": "spring"}
    sale = {"amount": "10", "currency": "EUR", "period": "monthly", "expected_close": "2026-03-31"}
    deal = {"opportunity": office.post("/opportunities", {"name": "Deal", **lead, **sale})["id"]}
    form: dict[str, Any] = {"fields": {"email": {}}}
    other = office.keys.create("viewer")[1].id
    endpoint = {"provider": "generic", "mapping": {"email": "mail"}}
    address = {"endpoint": "Zk3vQ9x7RtLm2WpYc8NdFa"}
    export = office.post("/exports")["export"]
    return [
        ("POST", "/leads", {"body": {"email": "new@x.org"}}),
        ("GET", "/leads", {}),
        ("GET", "/leads/{lead}", lead),
        ("GET", "/leads/{lead}/timeline", lead),
        ("GET", "/leads/{lead}/explain", lead),
        ("GET", "/leads/{lead}/consent", lead),
        ("POST", "/leads/{lead}/consent", {**lead, "body": {"given": False}}),
        ("PATCH", "/leads/{lead}", {**lead, "body": {"company": "Acme"}}),
        *account_calls(office, lead["lead"]),
        ("POST", "/opportunities", {"body": {"name": "A deal", "amount": 12, "currency": "EUR"}}),
        ("GET", "/opportunities", {}),
        ("GET", "/opportunities/{opportunity}", deal),
        ("PATCH", "/opportunities/{opportunity}", {**deal, "body": {"status": "won"}}),
        ("GET", "/forecast", {}),
        (
            "POST",
            "/leads/{lead}/activities",
            {**lead, "body": {"kind": "call", "campaign": "spring"}},
        ),
        (
            "PUT",
            "/campaigns/{campaign}",
            {**spring, "body": {"kind": "email", "sources": ["manual"]}},
        ),
        ("GET", "/campaigns", {}),
        ("GET", "/campaigns/{campaign}", spring),
        ("GET", "/campaigns/{campaign}/leads", spring),
        ("GET", "/campaigns/{campaign}/touches", spring),
        ("GET", "/campaigns/{campaign}/versions", spring),
        ("POST", "/campaigns/{campaign}/rollback", {**spring, "body": {"version": 1}}),
        ("DELETE", "/campaigns/{campaign}", spring),
        ("PUT", "/segments/{segment}", {"segment": "warm", "body": {"filters": {"stage": "new"}}}),
        ("GET", "/segments", {}),
        ("GET", "/segments/{segment}", {"segment": "warm"}),
        ("GET", "/segments/{segment}/versions", {"segment": "warm"}),
        ("POST", "/segments/{segment}/rollback", {"segment": "warm", "body": {"version": 1}}),
        ("DELETE", "/segments/{segment}", {"segment": "warm"}),
        ("DELETE", "/opportunities/{opportunity}", deal),
        ("POST", "/leads/{lead}/convert", {**lead, "body": {"opportunity": {"name": "One"}}}),
        ("PUT", "/stages", {"body": content(office.ask("GET", "/stages"))}),
        ("GET", "/stages", {}),
        ("GET", "/stages/versions", {}),
        ("POST", "/stages/rollback", {"body": {"version": 1}}),
        ("GET", "/duplicates", {}),
        ("POST", "/leads/{lead}/merge", {**lead, "body": {"with": eva["lead"]}}),
        ("POST", "/leads/{lead}/unmerge", {**lead, "body": {"keys": ["eva@x.org"]}}),
        ("POST", "/duplicates/dismiss", {"body": {"leads": [ana["lead"], eva["lead"]]}}),
        ("DELETE", "/leads/{lead}", {"lead": eva["lead"]}),
        ("POST", "/leads/{lead}/bundle", {**lead, "body": {"language": "pt"}}),
        ("GET", "/bundles/{bundle}", {"bundle": bundle}),
        ("PUT", "/retention", {"body": content(office.ask("GET", "/retention"))}),
        ("GET", "/retention", {}),
        ("GET", "/retention/runs", {}),
        ("GET", "/retention/versions", {}),
        ("POST", "/retention/rollback", {"body": {"version": 1}}),
        ("POST", "/purges", {"body": {"reasons": ["bounced"], "action": "archive"}}),
        ("GET", "/purges", {}),
        ("GET", "/purges/{purge}", {"purge": purge}),
        ("GET", "/purges/{purge}/leads", {"purge": purge}),
        ("DELETE", "/purges/{purge}/leads/{lead}", {"purge": purge, **lead}),
        ("POST", "/purges/{purge}/commit", {"purge": purge}),
        ("POST", "/purges/{purge}/cancel", {"purge": purge}),
        ("GET", "/erasures", {}),
        ("GET", "/erasures/{erasure}", erased),
        ("GET", "/erasures/{erasure}/certificate", erased),
        ("GET", "/submissions", {}),
        ("GET", "/submissions/{receipt}", {"receipt": f"{1:032x}"}),
        ("POST", "/submissions/{receipt}/release", {"receipt": f"{1:032x}"}),
        ("POST", "/submissions/undo", {"body": {"source": "fair"}}),
        ("GET", "/submissions/undo/{undo}", {"undo": undo}),
        ("POST", "/imports", {"body": {"filename": "a.csv"}}),
        ("GET", "/imports", {}),
        ("GET", "/imports/{import}", {"import": "1"}),
        ("GET", "/imports/{import}/errors.csv", {"import": "1"}),
        ("GET", "/imports/{import}/report.html", {"import": "1"}),
        ("POST", "/imports/{import}/commit", {"import": "3"}),
        ("POST", "/imports/{import}/pause", {"import": "1"}),
        ("POST", "/imports/{import}/resume", {"import": "1"}),
        ("POST", "/imports/{import}/cancel", {"import": "1"}),
        ("POST", "/imports/{import}/undo", {"import": "2", "body": {"rows": [2, 3]}}),
        ("PUT", "/forms/{form}", {"form": "contact", "body": form}),
        ("GET", "/forms", {}),
        ("GET", "/forms/{form}", {"form": "contact"}),
        ("GET", "/forms/{form}/versions", {"form": "contact"}),
        ("POST", "/forms/{form}/rollback", {"form": "contact", "body": {"version": 1}}),
        ("DELETE", "/forms/{form}", {"form": "contact"}),
        ("PUT", "/fields/{field}", {"field": "pets", "body": {"type": "number"}}),
        ("GET", "/fields", {}),
        ("GET", "/fields/{field}", {"field": "pets"}),
        ("GET", "/fields/{field}/versions", {"field": "pets"}),
        ("POST", "/fields/{field}/rollback", {"field": "pets", "body": {"version": 1}}),
        ("DELETE", "/fields/{field}", {"field": "pets"}),
        (
            "PUT",
            "/mappings/{mapping}",
            {
                "mapping": "fair",
                "body": {"columns": {"Mail": "email", "Tags": {"field": "tags", "split": "/"}}},
            },
        ),
        ("POST", "/exports", {"body": {"format": "csv", "filters": {"channel": "email"}}}),
        ("GET", "/exports", {}),
        ("GET", "/exports/{export}", {"export": export}),
        ("DELETE", "/exports/{export}", {"export": export}),
        ("GET", "/template.csv", {}),
        ("GET", "/template.xlsx", {}),
        ("GET", "/mappings", {}),
        ("GET", "/mappings/{mapping}", {"mapping": "fair"}),
        ("GET", "/mappings/{mapping}/versions", {"mapping": "fair"}),
        ("POST", "/mappings/{mapping}/rollback", {"mapping": "fair", "body": {"version": 1}}),
        ("DELETE", "/mappings/{mapping}", {"mapping": "fair"}),
        ("PUT", "/endpoints/{endpoint}", {**address, "body": endpoint}),
        ("GET", "/endpoints", {}),
        ("GET", "/endpoints/{endpoint}", address),
        ("POST", "/endpoints/{endpoint}/try", {**address, "body": {"body": '{"mail":"a@x.org"}'}}),
        ("POST", "/submissions/replay", {"body": address}),
        ("GET", "/endpoints/{endpoint}/versions", address),
        ("POST", "/endpoints/{endpoint}/rollback", {**address, "body": {"version": 1}}),
        ("DELETE", "/endpoints/{endpoint}", address),
        ("POST", "/suppressions", {"body": {"email": "ana@x.org", "reason": "bounced"}}),
        ("GET", "/suppressions", {}),
        (
            "DELETE",
            "/suppressions",
            {"query": {"email": "ana@x.org", "reason": "bounced", "note": "."}},
        ),
        ("POST", "/keys", {"body": {"role": "viewer"}}),
        ("GET", "/keys", {}),
        ("POST", "/keys/{key}/rotate", {"key": other, "body": {"hours": 1}}),
        ("GET", "/keys/{key}", {"key": other}),
        ("DELETE", "/keys/{key}", {"key": other}),
        ("GET", "/access", {}),
        ("GET", "/stats", {"query": {"from": "2026-01-01", "to": "2026-01-02"}}),
        ("GET", "/audit", {}),
        ("POST", "/verify/repair", {"body": {}}),
        ("GET", "/verify", {}),
    ]


def account_calls(office: Office, lead: str) -> list[tuple[str, str, dict[str, Any]]]:
    """One call of every route of accounts."""
    acme = {"account": office.get("/leads/{lead}", lead=lead)["account"]}
    other = office.post("/accounts", {"name": "X Org", "employees": 12})["id"]
    gone = office.post("/accounts", {"domain": "gone.com"})["id"]
    paid: dict[str, Any] = {"product": "Seats", "amount": "12.50", "currency": "EUR"}
    said = {"annual_revenue": {"amount": 10, "currency": "USD"}, "current_revenue": [paid]}
    return [
        ("POST", "/accounts", {"body": {"domain": "new.com", "status": "customer"}}),
        ("GET", "/accounts", {}),
        ("GET", "/accounts/{account}", acme),
        ("PATCH", "/accounts/{account}", {**acme, "body": {"name": "X", **said}}),
        ("POST", "/accounts/{account}/merge", {**acme, "body": {"with": other}}),
        ("POST", "/accounts/{account}/unmerge", {**acme, "body": {"account": other}}),
        ("GET", "/accounts/{account}/leads", acme),
        (
            "PUT",
            "/accounts/{account}/leads/{lead}",
            {**acme, "lead": lead, "body": {"role": "champion"}},
        ),
        ("DELETE", "/accounts/{account}", {"account": gone}),
    ]


def _end_imports(office: Office) -> None:
    """While one is under way nothing is mended."""
    under_way, _ = records.page(office.table, "g4", "ACTIVE")
    for made in under_way:
        records.change(office.table, made.id, lambda imp: replace(imp, status=Status.DONE))


def in_turn(office: Office) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The calls, each when it can succeed: nothing is repaired beside an import."""
    for method, path, rest in calls(office):
        if path == "/verify/repair":
            _end_imports(office)
        yield method, path, rest


@pytest.mark.parametrize("role", ["admin", "viewer"])
def test_every_answer_is_as_described(office: Office, role: str) -> None:
    """Status and shape of each route's success; masked answers have the same shape."""
    asked = set()
    for method, path, rest in in_turn(office):
        route = BY_PLACE[method, path]
        asked.add((method, path))
        caller = role if role in route.roles else "admin"
        answer = office.ask(method, path, role=caller, **rest)
        status = answer.status if isinstance(answer, Response) else 200
        assert status in route.answers, (method, path, status)
        schema = route.answers[status]
        described = schema and schema not in ("csv", "html")
        found = list(mismatches(content(answer), SCHEMAS[schema])) if described else []
        assert found == [], (method, path)
    assert asked == set(BY_PLACE)
