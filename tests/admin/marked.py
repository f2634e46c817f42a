"""A stage whose people carry marks, and every readable route walked over them.

Routes are found by existing: what a path names is taken from the list above it, and from the calls
that `test_openapi` makes of every route.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from chalicelib import errors
from chalicelib.admin.routes import ROUTES, Route
from chalicelib.model import Fate, Problem, Repair, Response
from tests.admin.office import Office, content
from tests.store.people import touch

# What no masked caller may read, wherever it came in; phones may show their last three digits.
MARKS = {
    "email": "zqmail",
    "phone": "600987",
    "first_name": "Zqfirst",
    "last_name": "Zqlast",
    "address": "Zqstreet",
    "postal_code": "28987",
    "birth_date": "1931-12",
    "message": "zqmessage",
    "notes": "zqnotes",
    "external": "zqexternal",
    "custom": "zqcustom",
    "click": "zqclick",
    "query": "zqquery",
    "raw": "zqraw",
    "reason": "zqnote",
    "repair": "zqrepair",
    "suggestion": "zqsuggestion",
    "proof": "zqproof",
}
PERSON = {
    "email": "zqmail.one@x.org",
    "phone": "+34600987654",
    "first_name": "Zqfirst",
    "last_name": "Zqlast",
    "address": "Zqstreet 17",
    "postal_code": "28987",
    "birth_date": "1931-12-03",
    "message": "zqmessage",
    "notes": "zqnotes",
    "company": "Acme",
    "tags": ["fair"],
    "external_ids": {"hubspot": "zqexternal-1"},
}
PAGE = "https://shop.test/p?mail=zqquery#zqquery"


class Told(NamedTuple):
    """One call and all that it said, head and body."""

    place: str
    status: int
    text: str


def mark(office: Office) -> None:
    """People with marks in every value, by every door that the store knows of."""
    office.ask("PUT", "/fields/{field}", body={"type": "text"}, field="zq_pets")
    lead = office.post("/leads", {**PERSON, "zq_pets": "zqcustom"})["lead"]
    office.later(seconds=1)
    office.post("/leads", {"email": "zqmail.two@x.org", "phone": PERSON["phone"]})
    office.post("/leads", {"email": PERSON["email"], "first_name": "Zqfirstly"})
    office.post("/leads/{lead}/consent", {"given": True, "note": "zqproof"}, lead=lead)
    office.post("/leads/{lead}/consent", {"given": False, "note": "zqproof"}, lead=lead)
    office.post("/suppressions", {"email": "zqmail.3@x.org", "reason": "bounced", "note": "zqnote"})
    came = touch(81, email="zqmail.four@x.org", first_name="Zqfirst", company="Acme")
    source = replace(came.source, landing=PAGE, referrer=PAGE, click_ids={"gclid": "zqclick"})
    said: dict[str, Any] = {
        "raw": '{"email": "zqraw"}',
        "problems": (
            Problem("email", "email_typo", "zqnote", suggestion="zqsuggestion@x.org", fatal=False),
        ),
        "repairs": (Repair("first_name", "zqrepair", "Zqfirst", "name_case"),),
    }
    office.store.store([replace(came, source=source, **said)])
    for number, fate in enumerate((Fate.SPAM, Fate.REJECTED, Fate.QUARANTINED)):
        held = touch(90 + number, email="zqmail.5@x.org", last_name="Zqlast", message="zqmessage")
        held = replace(held, fate=fate, node="", keys=(), reason="honeypot", source=source, **said)
        office.store.store([held])


def walk(office: Office, role: str) -> Iterator[Told]:
    """Every GET that a role may make, without parameters and with all that lists name."""
    for route in ROUTES:
        if route.method == "GET" and role in route.roles:
            for named in names(office, route):
                yield told(office, "GET", route.path, role=role, **named)


def names(office: Office, route: Route) -> Iterator[dict[str, str]]:
    """What a path's parameter may be, by the list above it; nothing where there is none."""
    parts = re.findall(r"{(\w+)}", route.path)
    if not parts:
        yield {}
    if len(parts) != 1:
        return
    above = route.path.partition("/{")[0]
    if not any(each.method == "GET" and each.path == above for each in ROUTES):
        return
    for item in office.get(above)["items"]:
        yield {parts[0]: str(item.get(parts[0]) or item.get("id") or item.get("name"))}


def told(office: Office, method: str, path: str, **rest: Any) -> Told:
    """A call and what it said; a refusal too."""
    try:
        made = office.ask(method, path, **rest)
    except errors.InletError as error:
        said = [error.detail, [[p.field, p.message, p.suggestion] for p in error.problems]]
        return Told(f"{method} {path}", error.status, json.dumps(said, ensure_ascii=False))
    if isinstance(made, Response):
        head = json.dumps(dict(made.headers))
        body = made.body if isinstance(made.body, str) else made.body.decode("utf-8", "replace")
        return Told(f"{method} {path}", made.status, head + body)
    return Told(f"{method} {path}", 200, json.dumps(content(made), ensure_ascii=False))
