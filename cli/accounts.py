"""Accounts: companies, with their people and what they bring in."""

from collections.abc import Mapping
from typing import Any

import click

from cli.client import Client, idempotent, quoted
from cli.common import (
    IF_VERSION,
    LIMIT,
    VALUES,
    YES,
    Listed,
    acts,
    filters,
    given,
    guard,
    lead_id,
    pairs,
    speaks,
    sure,
)  # fmt: skip
from cli.leads import COLUMNS as LEADS
from cli.leads import person
from cli.show import Columns, Screen, brief, moment, note

ROLES = (
    "decision_maker", "influencer", "champion", "user", "technical", "purchasing", "billing",
    "legal", "blocker", "other",
)  # fmt: skip
COLUMNS: Columns = {
    "account": lambda each: each["id"],
    "name": lambda each: each["name"],
    "domain": lambda each: each["domain"],
    "status": lambda each: each["status"],
    "recurring": lambda each: ", ".join(f"{r['mrr']} {r['currency']}" for r in each["recurring"]),
    "employees": lambda each: each["employees"],
    "industry": lambda each: each["industry"],
    "created": lambda each: moment(each["created_at"]),
}
_NAMED = click.argument("name", metavar="ACCOUNT")
_REVENUE = click.option(
    "--revenue", default="", metavar="AMOUNT CURRENCY", help="A year's: '2500000 EUR'."
)


@click.group(cls=Listed)
def accounts() -> None:
    """Companies: list, show, leads, add, edit, merge, unmerge, delete …"""


@accounts.command("list")
@filters({"name": "Whose name begins so.", "domain": "Of this domain."})
@click.option(
    "--status",
    "by_status",
    type=click.Choice(("prospect", "customer", "former")),
    help="Only these.",
)
@LIMIT
@speaks
def listed(api: Client, screen: Screen, *, limit: int, **chosen: str) -> None:
    """The accounts by a filter, or the newest."""
    screen.items(api.items("/api/accounts", given(chosen), limit), COLUMNS)


@accounts.command()
@_NAMED
@speaks
def show(api: Client, screen: Screen, *, name: str) -> None:
    """One account: what it is, what it brings in, what was merged into it."""
    screen.document(api.call("GET", _path(name)), _show)


@accounts.command("leads")
@_NAMED
@LIMIT
@speaks
def contacts(api: Client, screen: Screen, *, name: str, limit: int) -> None:
    """The people of an account, the newest first."""
    screen.items(api.items(f"{_path(name)}/leads", {}, limit), LEADS)


@accounts.command()
@VALUES
@_REVENUE
@speaks
def add(api: Client, screen: Screen, *, values: tuple[str, ...], revenue: str) -> None:
    """Enter one: `inlet accounts add name=Acme domain=acme.com status=customer`."""
    body = _said(values, revenue)
    made = api.call("POST", "/api/accounts", None, body, headers=idempotent())
    screen.document(made, _show)


@accounts.command()
@_NAMED
@VALUES
@_REVENUE
@IF_VERSION
@speaks
def edit(
    api: Client,
    screen: Screen,
    *,
    name: str,
    values: tuple[str, ...],
    revenue: str,
    if_version: int | None,
) -> None:
    """Change one: `inlet accounts edit ID status=former`; an empty value clears its field."""
    body = _said(values, revenue)
    if not body:
        raise click.UsageError("say what to change")
    headers = idempotent() | guard(if_version)
    screen.document(api.call("PATCH", _path(name), None, body, headers=headers), _show)


@accounts.command()
@_NAMED
@click.argument("lead")
@click.option("--role", type=click.Choice(ROLES), help="None: no role any more.")
@speaks
def role(api: Client, screen: Screen, *, name: str, lead: str, role: str | None) -> None:
    """Say what one of its people is in an account."""
    path = f"{_path(name)}/leads/{quoted(lead_id(api, lead))}"
    done = api.call("PUT", path, None, {"role": role}, headers=idempotent())
    screen.document(done, person)


@accounts.command()
@_NAMED
@click.argument("other")
@speaks
def merge(api: Client, screen: Screen, *, name: str, other: str) -> None:
    """Say that two accounts are one company."""
    screen.document(api.call("POST", f"{_path(name)}/merge", None, {"with": other}), _show)


@accounts.command()
@_NAMED
@click.argument("other")
@speaks
def unmerge(api: Client, screen: Screen, *, name: str, other: str) -> None:
    """Take a merge back: they are two companies."""
    screen.document(api.call("POST", f"{_path(name)}/unmerge", None, {"account": other}), _show)


@accounts.command()
@_NAMED
@YES
@IF_VERSION
@acts
def delete(api: Client, *, name: str, yes: bool, if_version: int | None) -> None:
    """Take one away."""
    sure(f"Delete the account {name}?", yes=yes)
    api.call("DELETE", _path(name), headers=guard(if_version))
    note("deleted")


def _path(name: str) -> str:
    return f"/api/accounts/{quoted(name)}"


def _said(values: tuple[str, ...], revenue: str) -> dict[str, Any]:
    """Values by field: a blank clears, the number of employees is a number."""
    found: dict[str, Any] = {n: text or None for n, text in pairs(values, "FIELD=VALUE").items()}
    if str(found.get("employees") or "").isdecimal():
        found["employees"] = int(found["employees"])
    if revenue:
        amount, _, currency = revenue.partition(" ")
        found["annual_revenue"] = {"amount": amount, "currency": currency.strip()}
    return found


def _show(screen: Screen, found: Mapping[str, Any]) -> None:
    apart = ("current_revenue", "recurring", "annual_revenue")
    told = {name: each for name, each in found.items() if name not in apart}
    revenue = found["annual_revenue"] or {}
    screen.pairs(told | {"annual_revenue": " ".join(map(brief, revenue.values()))})
    for name in ("current_revenue", "recurring"):
        if found[name]:
            screen.title(name.replace("_", " ").capitalize())
            columns = list(found[name][0])
            screen.table(columns, [[each[column] for column in columns] for each in found[name]])


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(accounts)
