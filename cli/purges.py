"""Purges: leads that do not answer, found, reviewed and taken away."""

from collections.abc import Mapping
from typing import Any

import click

from cli.client import Client, idempotent, quoted
from cli.common import LEAD, LIMIT, YES, Listed, acts, lead_id, speaks, sure
from cli.leads import whom
from cli.progress import until
from cli.show import Columns, Screen, moment, note

REASONS = ("unsubscribed", "bounced", "complained")
ACTIONS = ("erase", "archive")
COLUMNS: Columns = {
    "purge": lambda each: each["purge"],
    "status": lambda each: each["status"],
    "action": lambda each: each["action"],
    "found": lambda each: each["found"],
    "counts": lambda each: each["counts"],
    "reasons": lambda each: each["reasons"],
    "asked": lambda each: moment(each["asked_at"]),
    "finished": lambda each: moment(each["finished_at"]),
}
_LEADS: Columns = {
    "lead": lambda each: each["id"],
    "who": lambda each: whom(each["lead"]) if each["lead"] else "",
    "why": lambda each: each["why"],
    "since": lambda each: moment(each["since"]),
    "outcome": lambda each: each["outcome"],
}
_NAMED = click.argument("name", metavar="PURGE")
_WATCH = click.option("--watch", is_flag=True, help="Wait for the end.")


@click.group(cls=Listed)
def purges() -> None:
    """Leads that do not answer: find, leads, keep, commit, cancel."""


@purges.command("list")
@LIMIT
@speaks
def listed(api: Client, screen: Screen, *, limit: int) -> None:
    """The purges, the newest first."""
    screen.items(api.items("/api/purges", {}, limit), COLUMNS)


@purges.command()
@click.option(
    "--reason", "reasons", multiple=True, type=click.Choice(REASONS), help="Of these. Repeatable."
)
@click.option("--after-days", type=click.IntRange(min=0), help="Quiet for so many days.")
@click.option("--action", type=click.Choice(ACTIONS), help="What becomes of them; erase is usual.")
@click.option("--watch", is_flag=True, help="Wait until they are found.")
@speaks
def find(
    api: Client, screen: Screen, *, reasons: tuple[str, ...], watch: bool, **said: Any
) -> None:
    """Find leads that do not answer; nobody is taken away before it is committed."""
    body = {name: value for name, value in said.items() if value is not None}
    body |= {"reasons": list(reasons)} if reasons else {}
    begun = api.call("POST", "/api/purges", None, body, headers=idempotent())
    found = _followed(api, begun["purge"]) if watch else begun
    screen.document(found)
    if found["status"] == "review":
        note(f"nobody is taken away yet: inlet purges leads {found['purge']}, then commit")


@purges.command()
@_NAMED
@speaks
def show(api: Client, screen: Screen, *, name: str) -> None:
    """One purge: how far it is, how many it is about."""
    screen.document(api.call("GET", _path(name)))


@purges.command("leads")
@_NAMED
@LIMIT
@speaks
def found_leads(api: Client, screen: Screen, *, name: str, limit: int) -> None:
    """Whom a purge is about, and why."""
    screen.items(api.items(f"{_path(name)}/leads", {}, limit), _LEADS)


@purges.command()
@click.argument("purge")
@LEAD
@acts
def keep(api: Client, *, purge: str, name: str) -> None:
    """Take somebody out of a purge: they are kept."""
    api.call("DELETE", f"{_path(purge)}/leads/{quoted(lead_id(api, name))}")
    note("kept")


@purges.command()
@_NAMED
@YES
@_WATCH
@speaks
def commit(api: Client, screen: Screen, *, name: str, yes: bool, watch: bool) -> None:
    """Take away whom a purge is about."""
    there = api.call("GET", _path(name))
    sure(f"{there['action'].capitalize()} {there['found']:,} leads?", yes=yes)
    begun = api.call("POST", f"{_path(name)}/commit")
    screen.document(_followed(api, name) if watch else begun)


@purges.command()
@_NAMED
@speaks
def cancel(api: Client, screen: Screen, *, name: str) -> None:
    """End a purge: nobody more is taken away."""
    screen.document(api.call("POST", f"{_path(name)}/cancel"))


def _path(name: str) -> str:
    return f"/api/purges/{quoted(name)}"


def _followed(api: Client, name: str) -> dict[str, Any]:
    left = "no longer watched; the purge goes on"
    return until(lambda: api.call("GET", _path(name)), _at_rest, _far, left)


def _at_rest(found: Mapping[str, Any]) -> bool:
    return found["status"] not in ("finding", "committing")


def _far(found: Mapping[str, Any]) -> tuple[str, int, int | None, str]:
    return str(found["status"]), sum(found["counts"].values()), found["found"] or None, "leads"


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(purges)
