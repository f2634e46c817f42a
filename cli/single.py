"""Configuration that is one document: the stages, the rules of retention."""

from collections.abc import Callable, Mapping
from typing import Any

import click

from cli.client import Client
from cli.common import LIMIT, guard, read_json, speaks
from cli.configuration import VERSIONS, Kind, compare, told
from cli.leads import COLUMNS as LEADS
from cli.show import Columns, Screen, as_json, moment
from cli.submissions import COLUMNS as SUBMISSIONS

_STAGES: Columns = {
    "stage": lambda each: each["name"],
    "kind": lambda each: each["kind"],
    "probability": lambda each: f"{each['probability']} %",
    "required": lambda each: each["required"] + each["opportunity_required"],
}
_RUNS: Columns = {
    "rule": lambda each: each["rule"],
    "of": lambda each: each["of"],
    "seen": lambda each: each["seen"],
    "done": lambda each: each["done"],
    "ran": lambda each: moment(each["ran_at"]),
    "reached": lambda each: moment(each["reached_at"]),
}
_IF_VERSION = click.option(
    "--if-version", type=click.IntRange(min=0), help="Only over this version."
)
Shown = Callable[[Screen, Any], None]


def _group(place: str, what: str, shown: Shown) -> click.Group:
    """The commands of one document."""
    made = click.Group(place, help=f"{what}: show, push, diff, versions, rollback.")
    path = f"/api/{place}"
    _readers(made, path, what, shown)
    _writers(made, path, place, what)
    return made


def _readers(group: click.Group, path: str, what: str, shown: Shown) -> None:
    def document(api: Client, version: int | None) -> dict[str, Any]:
        found: dict[str, Any] = api.call("GET", path, {"version": str(version or "")})
        return found

    @group.command("show", help=f"{what}; with --json to be edited and pushed again.")
    @click.option("--version", type=click.IntRange(min=1), help="As it was then.")
    @speaks
    def show(api: Client, screen: Screen, *, version: int | None) -> None:
        screen.document(document(api, version), shown)

    @group.command("diff", help="What differs: today's and a file, or two versions.")
    @click.argument("file", type=click.File(encoding="utf-8"), required=False)
    @click.option("--from", "past", type=click.IntRange(min=1), help="This version, not today's.")
    @click.option("--to", "later", type=click.IntRange(min=1), help="Against this version.")
    @speaks
    def diff(
        api: Client, screen: Screen, *, file: Any, past: int | None, later: int | None
    ) -> None:
        if bool(file) == bool(past or later):
            raise click.UsageError("name a file, or a version by --from")
        right = read_json(file) if file else document(api, later)
        compare(screen, document(api, past), right)

    @group.command("versions", help="What it has been, the latest first.")
    @LIMIT
    @speaks
    def versions(api: Client, screen: Screen, *, limit: int) -> None:
        screen.items(api.items(f"{path}/versions", {}, limit), VERSIONS)


def _writers(group: click.Group, path: str, place: str, what: str) -> None:
    kind = Kind(place, what)

    @group.command("push", help="Make it what a JSON file says.")
    @click.argument("file", type=click.File(encoding="utf-8"))
    @_IF_VERSION
    @speaks
    def push(api: Client, screen: Screen, *, file: Any, if_version: int | None) -> None:
        sent = api.ask("PUT", path, None, read_json(file), headers=guard(if_version))
        told(screen, kind, "", sent)

    @group.command("rollback", help="Make an earlier version current again, as a new one.")
    @click.argument("version", type=click.IntRange(min=1))
    @_IF_VERSION
    @speaks
    def rollback(api: Client, screen: Screen, *, version: int, if_version: int | None) -> None:
        body = {"version": version}
        sent = api.ask("POST", f"{path}/rollback", None, body, headers=guard(if_version))
        told(screen, kind, "", sent)


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


def _stages(screen: Screen, found: Mapping[str, Any]) -> None:
    screen.items(found["stages"], _STAGES)


def _rules(_screen: Screen, found: Mapping[str, Any]) -> None:
    click.echo(as_json(found, 2))


@click.command()
@speaks
def runs(api: Client, screen: Screen) -> None:
    """When the rules were carried out, and what came of it."""
    screen.items(api.call("GET", "/api/retention/runs")["items"], _RUNS)


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(_group("stages", "The stages of a lead", _stages))
    retention = _group("retention", "The rules of how long things are kept", _rules)
    retention.add_command(runs)
    group.add_command(retention)
    campaigns = group.commands["campaigns"]
    assert isinstance(campaigns, click.Group)
    campaigns.add_command(_campaign("leads", "The leads that it touched.", LEADS))
    campaigns.add_command(_campaign("touches", "What came in by it.", SUBMISSIONS))
