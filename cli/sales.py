"""Opportunities, and leads on their way to one: converted, called, met."""

from collections.abc import Mapping
from typing import Any

import click

from cli.client import Client, idempotent, quoted
from cli.common import (
    IF_VERSION,
    LEAD,
    LIMIT,
    VALUES,
    YES,
    Listed,
    acts,
    filters,
    given,
    guard,
    lead_id,
    lead_path,
    pairs,
    speaks,
    sure,
)  # fmt: skip
from cli.leads import leads, person
from cli.show import Columns, Screen, moment, note

KINDS = ("call", "email", "meeting", "message", "visit", "other")
COLUMNS: Columns = {
    "opportunity": lambda each: each["id"],
    "name": lambda each: each["name"],
    "stage": lambda each: each["stage"],
    "status": lambda each: each["status"],
    "amount": lambda each: " ".join(filter(None, (each["amount"], each["currency"]))),
    "period": lambda each: each["period"],
    "closes": lambda each: each["expected_close"],
    "account": lambda each: each["account"],
    "lead": lambda each: each["lead"],
    "created": lambda each: moment(each["created_at"]),
}
_NAMED = click.argument("name", metavar="OPPORTUNITY")


@click.group(cls=Listed)
def opportunities() -> None:
    """Potential deals: list, show, add, edit, delete."""


@opportunities.command("list")
@filters(
    {
        "account": "Of this account.",
        "lead": "Of this lead.",
        "stage": "In this stage.",
        "status": "How it stands.",
    }
)
@LIMIT
@speaks
def listed(api: Client, screen: Screen, *, limit: int, **chosen: str) -> None:
    """The opportunities by a filter, or the newest."""
    screen.items(api.items("/api/opportunities", given(chosen), limit), COLUMNS)


@opportunities.command()
@_NAMED
@speaks
def show(api: Client, screen: Screen, *, name: str) -> None:
    """One opportunity."""
    screen.document(api.call("GET", _path(name)))


@opportunities.command()
@VALUES
@speaks
def add(api: Client, screen: Screen, *, values: tuple[str, ...]) -> None:
    """Enter one: `inlet opportunities add name=Roof lead=ana@example.org amount=1200 currency=EUR`."""
    body = _said(api, values)
    screen.document(api.call("POST", "/api/opportunities", None, body, headers=idempotent()))


@opportunities.command()
@_NAMED
@VALUES
@IF_VERSION
@speaks
def edit(
    api: Client, screen: Screen, *, name: str, values: tuple[str, ...], if_version: int | None
) -> None:
    """Change one: `inlet opportunities edit ID status=won`; an empty value clears its field."""
    body = _said(api, values)
    if not body:
        raise click.UsageError("say what to change")
    screen.document(api.call("PATCH", _path(name), None, body, headers=guard(if_version)))


@opportunities.command()
@_NAMED
@YES
@IF_VERSION
@acts
def delete(api: Client, *, name: str, yes: bool, if_version: int | None) -> None:
    """Take one away."""
    sure(f"Delete the opportunity {name}?", yes=yes)
    api.call("DELETE", _path(name), headers=guard(if_version))
    note("deleted")


@leads.command()
@LEAD
@VALUES
@click.option("--company", default="", help="The account's name, where the lead has none.")
@click.option("--stage", default="", help="The stage that the lead is in then.")
@speaks
def convert(
    api: Client, screen: Screen, *, name: str, values: tuple[str, ...], company: str, stage: str
) -> None:
    """Make a lead a contact of an account; with values an opportunity too: `amount=1200`."""
    said = {"company": company, "stage": stage}
    body: dict[str, Any] = {each: text for each, text in said.items() if text}
    body |= {"opportunity": _said(api, values)} if values else {}
    path = f"{lead_path(api, name)}/convert"
    screen.document(api.call("POST", path, None, body, headers=idempotent()), _converted)


@leads.command()
@LEAD
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What it was.")
@click.option("--at", default="", help="When: an RFC 3339 time; now unless given.")
@click.option("--campaign", default="", help="The campaign that it was part of.")
@click.option("--note", "why", default="", help="What was said.")
@speaks
def activity(api: Client, screen: Screen, *, name: str, why: str, **said: str) -> None:
    """Note a call, a meeting or the like: it is a touch of the lead."""
    body = {each: text for each, text in {**said, "note": why}.items() if text}
    path = f"{lead_path(api, name)}/activities"
    screen.document(api.call("POST", path, None, body, headers=idempotent()))


def _path(name: str) -> str:
    return f"/api/opportunities/{quoted(name)}"


def _said(api: Client, values: tuple[str, ...]) -> dict[str, Any]:
    """Values by field: an address stands for its lead, a blank clears, a probability is a number."""
    found: dict[str, Any] = {n: text or None for n, text in pairs(values, "FIELD=VALUE").items()}
    if found.get("lead"):
        found["lead"] = lead_id(api, found["lead"])
    if str(found.get("probability") or "").isdecimal():
        found["probability"] = int(found["probability"])
    return found


def _converted(screen: Screen, made: Mapping[str, Any]) -> None:
    person(screen, made["lead"])
    screen.title("Made")
    opportunity = made["opportunity"] or {}
    screen.pairs({"account": made["account"], "opportunity": opportunity.get("id")})


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(opportunities)
