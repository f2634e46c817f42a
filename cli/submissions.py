"""Submissions: what came in, letting through what was held, reading kept deliveries again."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import click

from cli.client import Client, quoted
from cli.common import FATES, LIMIT, Listed, filters, given, speaks
from cli.progress import bar
from cli.show import Columns, Screen, brief, moment, note

COLUMNS: Columns = {
    "receipt": lambda each: each["receipt"],
    "fate": lambda each: each["fate"],
    "why": lambda each: each["reason"] or brief([p["code"] for p in each["problems"]]),
    "received": lambda each: moment(each["received_at"]),
    "source": lambda each: each["source"]["name"],
    "door": lambda each: each["door"],
    "values": lambda each: each["values"],
}
_REPLAYED: Columns = {
    "receipt": lambda each: each["receipt"],
    "was": lambda each: each["was"],
    "fate": lambda each: each["fate"],
    "outcome": lambda each: each["outcome"],
    "reason": lambda each: each["reason"],
    "lead": lambda each: each["lead"],
}
_RECEIPT = click.argument("receipt")
_PIECE = 100


@click.group(cls=Listed)
def submissions() -> None:
    """What came in: list, show, release, replay."""


@submissions.command("list")
@filters(
    {
        "fate": "What became of them.",
        "door": "How they arrived.",
        "from": "Received then or later: a date or an RFC 3339 time.",
        "to": "Received then or before.",
    }
)
@LIMIT
@speaks
def listed(api: Client, screen: Screen, *, limit: int, **chosen: str) -> None:
    """What came in, the newest first."""
    screen.items(api.items("/api/submissions", given(chosen), limit), COLUMNS)


@submissions.command()
@_RECEIPT
@speaks
def show(api: Client, screen: Screen, *, receipt: str) -> None:
    """One submission: what it brought, what became of it and why."""
    screen.document(api.call("GET", f"/api/submissions/{quoted(receipt)}"), _show)


@submissions.command()
@_RECEIPT
@speaks
def release(api: Client, screen: Screen, *, receipt: str) -> None:
    """Let a quarantined, spam or rejected submission through."""
    screen.document(api.call("POST", f"/api/submissions/{quoted(receipt)}/release"))


@submissions.command()
@click.option("--endpoint", default="", help="The deliveries of this endpoint.")
@click.option("--door", type=click.Choice(("webhook",)), help="Or those of all endpoints.")
@click.option("--from", "since", default="", help="Received then or later.")
@click.option("--to", "until", default="", help="Received then or before.")
@click.option("--fate", type=click.Choice(FATES), help="Only what ended so.")
@click.option("--commit", is_flag=True, help="Do it; else it is only shown what would change.")
@LIMIT
@speaks
def replay(
    api: Client, screen: Screen, *, commit: bool, limit: int, since: str, until: str, **which: str
) -> None:
    """Read kept deliveries again by today's mapping and rules; without --commit a dry run."""
    said = {**which, "from": since, "to": until}
    asked = {name: text for name, text in said.items() if text} | {"dry_run": not commit}
    done: list[Mapping[str, Any]] = []
    counts: Counter[str] = Counter()
    leads: list[Mapping[str, Any]] = []
    with bar("replaying" if commit else "trying", "deliveries") as shown:
        for page in _pages(api, asked, limit):
            done += page["items"]
            counts.update(page["counts"])
            leads += page["leads"]
            shown.at("replaying" if commit else "trying", len(done), limit or None)
    content = {"dry_run": not commit, "items": done, "counts": dict(counts), "leads": leads}
    screen.document(content, _replayed)


def _pages(api: Client, asked: dict[str, Any], limit: int) -> Any:
    cursor, left = None, limit
    while True:
        size = min(_PIECE, left) if limit else _PIECE
        body = {**asked, "limit": size} | ({"cursor": cursor} if cursor else {})
        page = api.call("POST", "/api/submissions/replay", None, body)
        yield page
        cursor, left = page["next"], left - len(page["items"])
        if not cursor or (limit and left <= 0):
            return


def _replayed(screen: Screen, content: Mapping[str, Any]) -> None:
    screen.items(content["items"], _REPLAYED)
    if content["leads"]:
        screen.title("Leads")
        rows = [
            (each["lead"], each["became"], name, change["from"], change["to"])
            for each in content["leads"]
            for name, change in each["fields"].items()
        ]
        screen.table(("lead", "became", "field", "from", "to"), rows)
    if content["dry_run"]:
        note("nothing is written yet: --commit does it")


def _show(screen: Screen, found: Mapping[str, Any]) -> None:
    apart = {"values", "source", "problems", "repairs", "files"}
    screen.pairs({name: each for name, each in found.items() if name not in apart})
    screen.title("Values")
    screen.pairs(found["values"])
    screen.title("Source")
    screen.pairs({name: each for name, each in found["source"].items() if each})
    for name in ("problems", "repairs"):
        if found[name]:
            screen.title(name.capitalize())
            rows = [(each["field"], each["code"], each["message"]) for each in found[name]]
            screen.table(("field", "code", "message"), rows)
    if found["files"]:
        screen.title("Files")
        rows = [(each["field"], each["name"], each["type"]) for each in found["files"]]
        screen.table(("field", "name", "type"), rows)


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(submissions)
