"""`inlet import`: files brought in, and on the way shown before they are."""

import sys
from pathlib import Path

import click

from cli import files, importing
from cli.client import Client, idempotent
from cli.common import pairs, speaks
from cli.show import Screen


@click.command("import")
@click.argument(
    "paths",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
)
@click.option("--source", default="", help="Where these leads come from: the lead source.")
@click.option("--campaign", default="", help="The campaign that they belong to.")
@click.option("--acquisition", default="", help="opted_in, purchased_list, partner, event, manual.")
@click.option("--mapping", default="", help="A kept mapping of columns to fields, by its name.")
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="Anything else that is said about a file: mode, policy, region, tags, run … Repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Plan it and show what it would change.")
@click.option("--yes", is_flag=True, help="After a dry run, commit without asking.")
@click.option("--watch", is_flag=True, help="Wait for the end, and say how it went.")
@click.option(
    "--errors", type=click.Path(path_type=Path, dir_okay=False), help="Save the rows refused here."
)
@speaks
def import_(
    api: Client,
    screen: Screen,
    *,
    paths: tuple[Path, ...],
    options: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    watch: bool,
    errors: Path | None,
    **said: str,
) -> None:
    """Bring in files of leads: CSV, XLSX, XML, JSON and more, packed or not.

    With --dry-run nothing is written before it is committed: on a terminal you are asked, elsewhere
    --yes says so. A dry run, --yes and --errors wait as --watch does. The exit code is 1 where an
    import that is waited for failed or was cancelled.
    """
    if errors and len(paths) > 1:
        raise click.UsageError("--errors goes with one file")
    told = {name: text for name, text in said.items() if text} | pairs(options, "--option")
    told |= {"dry_run": "true"} if dry_run else {}
    waits = watch or dry_run or bool(errors)
    for path in paths:
        body = {"filename": path.name, "options": told}
        begun = api.call("POST", "/api/imports", None, body, headers=idempotent())
        files.upload(begun["upload"], path)
        found = importing.shown(api, screen, begun["import"], watch=waits, once=yes)
        if found["status"] == "review" and _commits(screen, yes=yes):
            api.call("POST", f"{importing.path(begun['import'])}/commit")
            found = importing.shown(api, screen, begun["import"], watch=True)
        if errors and (found["rejected"] or found["quarantined"]):
            importing.save(api, begun["import"], "errors.csv", errors)
        if waits:
            importing.judged(found)


def _commits(screen: Screen, *, yes: bool) -> bool:
    there = sys.stdin.isatty() and not screen.raw
    return yes or (there and click.confirm("Commit it now?", err=True))


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(import_)
