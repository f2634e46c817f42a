"""The stages that a lead goes through: one document, pushed, compared and rolled back."""

from collections.abc import Mapping
from typing import Any

import click

from cli.client import Client
from cli.common import LIMIT, guard, read_json, speaks
from cli.configuration import VERSIONS, Kind, compare, told
from cli.leads import COLUMNS as LEADS
from cli.show import Columns, Screen
from cli.submissions import COLUMNS as SUBMISSIONS

_PATH = "/api/stages"
_STAGES = Kind("stages", "stage")
_COLUMNS: Columns = {
    "stage": lambda each: each["name"],
    "kind": lambda each: each["kind"],
    "probability": lambda each: f"{each['probability']} %",
    "required": lambda each: each["required"] + each["opportunity_required"],
}
_IF_VERSION = click.option(
    "--if-version", type=click.IntRange(min=0), help="Only over this version."
)


@click.group()
def stages() -> None:
    """The stages of a lead: show, push, diff, versions, rollback."""


@stages.command()
@click.option("--version", type=click.IntRange(min=1), help="As they were then.")
@speaks
def show(api: Client, screen: Screen, *, version: int | None) -> None:
    """The stages in their order; with --json to be edited and pushed again."""
    screen.document(_document(api, version), _show)


@stages.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@_IF_VERSION
@speaks
def push(api: Client, screen: Screen, *, file: Any, if_version: int | None) -> None:
    """Make the stages those of a JSON file."""
    sent = api.ask("PUT", _PATH, None, read_json(file), headers=guard(if_version))
    told(screen, _STAGES, "list", sent)


@stages.command()
@click.argument("file", type=click.File(encoding="utf-8"), required=False)
@click.option("--from", "past", type=click.IntRange(min=1), help="This version, not today's.")
@click.option("--to", "later", type=click.IntRange(min=1), help="Against this version.")
@speaks
def diff(api: Client, screen: Screen, *, file: Any, past: int | None, later: int | None) -> None:
    """What differs: today's stages and a file, or two versions."""
    if bool(file) == bool(past or later):
        raise click.UsageError("name a file, or a version by --from")
    right = read_json(file) if file else _document(api, later)
    compare(screen, _document(api, past), right)


@stages.command()
@LIMIT
@speaks
def versions(api: Client, screen: Screen, *, limit: int) -> None:
    """What the stages have been, the latest first."""
    screen.items(api.items(f"{_PATH}/versions", {}, limit), VERSIONS)


@stages.command()
@click.argument("version", type=click.IntRange(min=1))
@_IF_VERSION
@speaks
def rollback(api: Client, screen: Screen, *, version: int, if_version: int | None) -> None:
    """Make an earlier version current again, as a new one."""
    body = {"version": version}
    sent = api.ask("POST", f"{_PATH}/rollback", None, body, headers=guard(if_version))
    told(screen, _STAGES, "list", sent)


def _campaign(verb: str, sentence: str, columns: Columns) -> click.Command:
    """A list of what belongs to a campaign."""

    @click.command(verb, help=sentence)
    @click.argument("name")
    @LIMIT
    @speaks
    def listed(api: Client, screen: Screen, *, name: str, limit: int) -> None:
        path = f"{Kind('campaigns', 'campaign').path(name)}/{verb}"
        screen.items(api.items(path, {}, limit), columns)

    return listed


def _document(api: Client, version: int | None) -> dict[str, Any]:
    found: dict[str, Any] = api.call("GET", _PATH, {"version": str(version or "")})
    return found


def _show(screen: Screen, found: Mapping[str, Any]) -> None:
    screen.items(found["stages"], _COLUMNS)


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(stages)
    campaigns = group.commands["campaigns"]
    assert isinstance(campaigns, click.Group)
    campaigns.add_command(_campaign("leads", "The leads that it touched.", LEADS))
    campaigns.add_command(_campaign("touches", "What came in by it.", SUBMISSIONS))
