"""Imports: listed, watched, committed, paused; and what is left of each."""

from collections.abc import Callable
from operator import itemgetter
from pathlib import Path

import click

from cli import importing
from cli.client import Client, idempotent
from cli.common import FORCE, LIMIT, OUTPUT, Listed, acts, filters, given, may_write, pairs, speaks
from cli.show import Columns, Screen, moment

COLUMNS: Columns = {
    "import": lambda each: each["import"],
    "status": lambda each: each["status"],
    "file": lambda each: each["key"].rpartition("/")[2],
    "rows": lambda each: each["rows"],
    **{name: itemgetter(name) for name in importing.COUNTS},
    "started": lambda each: moment(each.get("started_at")),
}
_NAMED = click.argument("name", metavar="IMPORT")
_WATCH = click.option("--watch", is_flag=True, help="Wait for the end, and say how it went.")


@click.group(cls=Listed)
def imports() -> None:
    """Files that came in: list, show, watch, commit, pause, undo, errors …"""


@imports.command("list")
@filters({"key": "Only those of this object of the bucket.", "run": "Only those of this run."})
@LIMIT
@speaks
def listed(api: Client, screen: Screen, *, limit: int, **chosen: str) -> None:
    """The imports, the newest first."""
    screen.items(api.items("/api/imports", given(chosen), limit), COLUMNS)


@imports.command()
@_NAMED
@click.option("--columns", is_flag=True, help="Which column became which field, and why.")
@speaks
def show(api: Client, screen: Screen, *, name: str, columns: bool) -> None:
    """One import: its rows by fate, its problems, what a dry run would change."""
    found = api.call("GET", importing.path(name))
    screen.document(found, importing.columns if columns else importing.show)


@imports.command()
@_NAMED
@speaks
def watch(api: Client, screen: Screen, *, name: str) -> None:
    """Wait for the end of an import, and say how it went."""
    importing.judged(importing.shown(api, screen, name, watch=True))


@imports.command()
@_NAMED
@click.option(
    "--option",
    "options",
    multiple=True,
    metavar="NAME=VALUE",
    help="What is said otherwise this time: mapping, region … Repeatable.",
)
@_WATCH
@speaks
def again(api: Client, screen: Screen, *, name: str, options: tuple[str, ...], watch: bool) -> None:
    """Import a file that is there once more, with another mapping, say."""
    body = {"again": name, "options": pairs(options, "--option")}
    begun = api.call("POST", "/api/imports", None, body, headers=idempotent())
    found = importing.shown(api, screen, begun["import"], watch=watch)
    if watch:
        importing.judged(found)


def _said(verb: str, sentence: str) -> Callable[..., None]:
    """The command that says one thing to an import."""

    @imports.command(verb, help=sentence)
    @_NAMED
    @_WATCH
    @speaks
    def command(api: Client, screen: Screen, *, name: str, watch: bool) -> None:
        api.call("POST", f"{importing.path(name)}/{verb}")
        found = importing.shown(api, screen, name, watch=watch)
        if watch and verb != "cancel":
            importing.judged(found)

    return command


_said("commit", "Carry out what a dry run planned.")
_said("cancel", "End an import: what is done stays, and can be undone.")
_said("pause", "Let an import rest: what is begun is finished, nothing else begins.")
_said("resume", "Let a paused import go on.")


@imports.command()
@_NAMED
@OUTPUT
@FORCE
@acts
def errors(api: Client, *, name: str, output: Path | None, force: bool) -> None:
    """Save errors.csv: the rows refused, each with why; mended, it can be imported again."""
    _kept(api, name, "errors.csv", output, force=force)


@imports.command()
@_NAMED
@OUTPUT
@FORCE
@acts
def report(api: Client, *, name: str, output: Path | None, force: bool) -> None:
    """Save report.html: one page on what became of a file, to read and to pass on."""
    _kept(api, name, "report.html", output, force=force)


def _kept(api: Client, name: str, what: str, output: Path | None, *, force: bool) -> None:
    to = output or Path(f"{name}-{what}")
    may_write(to, force=force)
    importing.save(api, name, what, to)


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(imports)
