"""Leads as a file: asked for, waited for, fetched; and the template of a file to fill in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cli import files
from cli.client import Client, idempotent, quoted
from cli.common import (
    FORCE,
    LIMIT,
    OUTPUT,
    Listed,
    acts,
    filters,
    given,
    may_write,
    speaks,
    to_stdout,
)
from cli.leads import FILTERS
from cli.progress import until
from cli.refusal import FAILED, Refused
from cli.show import Columns, Screen, count, moment, note

FORMATS = ("csv", "xlsx", "jsonl")
COLUMNS: Columns = {
    "export": lambda each: each["export"],
    "status": lambda each: each["status"],
    "format": lambda each: each["format"],
    "layout": lambda each: each["layout"],
    "rows": lambda each: each["rows"],
    "left out": lambda each: each["left_out"],
    "created": lambda each: moment(each["created_at"]),
    "expires": lambda each: moment(each["expires_at"]),
}
_NAMED = click.argument("name", metavar="EXPORT")


@click.command()
@filters(FILTERS)
@click.option("--format", "kind", type=click.Choice(FORMATS), help="csv, or what the name says.")
@click.option("--layout", default="", help="The header of a product: mailchimp, hubspot …")
@click.option("--suppressed", is_flag=True, help="Those too who must not be contacted, marked.")
@click.option("--incomplete", is_flag=True, help="Those too who lack what a rule asks for.")
@OUTPUT
@FORCE
@speaks
def export(
    api: Client,
    screen: Screen,
    *,
    kind: str | None,
    layout: str,
    suppressed: bool,
    incomplete: bool,
    output: Path | None,
    force: bool,
    **chosen: str,
) -> None:
    """Write leads to a file: CSV, XLSX or JSON lines, by the filters of `inlet leads`.

    Who must not be contacted, or lacks what a form or the stage calls essential, is left out and
    counted, unless asked for.
    """
    ending = output.suffix.removeprefix(".") if output else ""
    kind = kind or (ending if ending in FORMATS else "csv")
    to = output or Path(f"leads.{kind}")
    may_write(to, force=force)
    body = {"format": kind, "layout": layout, "filters": given(chosen), "suppressed": suppressed}
    body |= {"incomplete": True} if incomplete else {}
    begun = api.call("POST", "/api/exports", None, body, headers=idempotent())
    found = _followed(api, begun["export"])
    files.download(found["url"], to)
    if screen.raw and not to_stdout(to):
        screen.document({name: each for name, each in found.items() if name != "url"})
    left = f", {found['left_out']:,} left out" if found["left_out"] else ""
    note(f"{count(found['rows'], 'row')}{left}" + ("" if to_stdout(to) else f": {to}"))


@click.group(cls=Listed)
def exports() -> None:
    """Exports that were made: list, fetch, delete."""


@exports.command("list")
@LIMIT
@speaks
def listed(api: Client, screen: Screen, *, limit: int) -> None:
    """The exports, the newest first."""
    found = api.items("/api/exports", {}, limit)
    # A signed address is as good as a key for its hour: it is not for a log.
    screen.items(({n: v for n, v in each.items() if n != "url"} for each in found), COLUMNS)


@exports.command()
@_NAMED
@OUTPUT
@FORCE
@acts
def fetch(api: Client, *, name: str, output: Path | None, force: bool) -> None:
    """Save the file of an export, waiting for it where it is not ready."""
    found = _followed(api, name)
    to = output or Path(f"leads.{found['format']}")
    may_write(to, force=force)
    files.download(found["url"], to)
    note(f"{count(found['rows'], 'row')}" + ("" if to_stdout(to) else f": {to}"))


@exports.command()
@_NAMED
@acts
def delete(api: Client, *, name: str) -> None:
    """Take an export away, with its file."""
    api.call("DELETE", f"/api/exports/{quoted(name)}")
    note("deleted")


@click.command()
@click.option(
    "--format", "kind", type=click.Choice(("csv", "xlsx")), help="csv, or as the name says."
)
@click.option("--language", default="", help="Of what is explained: en, es, pt, fa, zh.")
@OUTPUT
@FORCE
@acts
def template(
    api: Client,
    *,
    kind: str | None,
    language: str,
    output: Path | None,
    force: bool,
) -> None:
    """Save the current fields as a file to fill in and import."""
    kind = kind or ("xlsx" if output and output.suffix == ".xlsx" else "csv")
    to = output or Path(f"template.{kind}")
    may_write(to, force=force)
    answer = api.ask("GET", f"/api/template.{kind}", {"language": language})
    if "location" not in answer.headers:
        files.save(answer.body, to)
        return
    files.download(answer.headers["location"], to)
    files.written(to)


def _followed(api: Client, name: str) -> dict[str, Any]:
    path = f"/api/exports/{quoted(name)}"
    found = until(
        lambda: api.call("GET", path),
        lambda found: found["status"] in ("done", "failed"),
        _far,
        f"no longer watched; the export goes on: inlet exports fetch {name}",
    )
    if found["status"] == "failed":
        raise Refused("the export failed", FAILED, str(found["code"]))
    if not found["url"]:
        raise Refused("the file's time is over: export it again", FAILED, "expired")
    return found


def _far(found: Mapping[str, Any]) -> tuple[str, int, int | None, str]:
    return "exporting", found["rows"], None, "rows"


def join(group: click.Group) -> None:
    """Add these commands."""
    for command in (export, exports, template):
        group.add_command(command)
