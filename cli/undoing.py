"""`inlet undo`: an import taken back, some of it, or all of a source; and given back."""

from collections.abc import Mapping
from typing import Any

import click

from cli import importing
from cli.client import Client, idempotent, quoted
from cli.common import speaks
from cli.progress import until
from cli.show import Screen, note

_SUMS = ("undone", "given_back", "kept")


@click.command()
@click.argument("name", metavar="IMPORT", required=False)
@click.option("--rows", default="", metavar="2,3,…", help="Only these rows, as in `_row`.")
@click.option("--column", default="", metavar="FIELD", help="Only what this field brought.")
@click.option("--redo", is_flag=True, help="Give back what an undo took.")
@click.option("--source", default="", help="Instead of an import: all of a source, by any door.")
@click.option("--redo-source", default="", metavar="UNDO", help="Give back an undo of a source.")
@click.option("--watch", is_flag=True, help="Wait for the end, and say how it went.")
@speaks
def undo(
    api: Client,
    screen: Screen,
    *,
    name: str | None,
    source: str,
    redo_source: str,
    watch: bool,
    **part: Any,
) -> None:
    """Take back an import, some of its rows, one column of it, or everything of a source.

    Nothing is lost: --redo and --redo-source give it back.
    """
    if sum(map(bool, (name, source, redo_source))) != 1:
        raise click.UsageError("name an import, or a --source, or the undo of one")
    body = {key: value for key, value in part.items() if value}
    if name:
        body |= {"rows": _rows(part["rows"])} if part["rows"] else {}
        api.call("POST", f"{importing.path(name)}/undo", None, body)
        importing.judged(importing.shown(api, screen, name, watch=watch))
        return
    if body:
        raise click.UsageError("--rows, --column and --redo are about one import")
    asked = {"source": source} if source else {"redo": redo_source}
    _source(api, screen, asked, watch=watch)


def _source(api: Client, screen: Screen, asked: dict[str, str], *, watch: bool) -> None:
    begun = api.call("POST", "/api/submissions/undo", None, asked, headers=idempotent())
    path = f"/api/submissions/undo/{quoted(begun['undo'])}"
    if watch:
        begun = until(
            lambda: api.call("GET", path),
            lambda found: found["status"] != "running",
            _far,
            "no longer watched; the undo goes on",
        )
    screen.document(begun)
    if "source" in asked and not screen.raw:
        note(f"it can be given back: inlet undo --redo-source {begun['undo']}")


def _far(found: Mapping[str, Any]) -> tuple[str, int, int | None, str]:
    return "undoing", found["seen"], None, "submissions"


def _rows(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise click.BadParameter("numbers with commas between", param_hint="--rows") from None


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(undo)
