"""The API's keys."""

from collections.abc import Mapping
from typing import Any

import click

from cli.client import Client, quoted
from cli.common import LIMIT, YES, Listed, acts, speaks, sure
from cli.show import Columns, Screen, brief, moment, note

ROLES = ("admin", "editor", "viewer", "ingest")
COLUMNS: Columns = {
    "key": lambda each: each["id"],
    "role": lambda each: each["role"],
    "label": lambda each: each["label"],
    "scopes": lambda each: brief(each["scopes"]) or "all",
    "masked": lambda each: each["masked"],
    "created": lambda each: moment(each["created_at"]),
    "used": lambda each: moment(each["used_at"]),
    "ends": lambda each: moment(each["expires_at"]),
    "revoked": lambda each: moment(each["revoked_at"]),
}
_NAME = click.argument("name", metavar="KEY")


@click.group(cls=Listed)
def keys() -> None:
    """The API's keys: list, create, rotate, revoke."""


@keys.command("list")
@LIMIT
@speaks
def listed(api: Client, screen: Screen, *, limit: int) -> None:
    """The keys without their secrets, the newest first; last use is known to the hour."""
    screen.items(api.items("/api/keys", {}, limit), COLUMNS)


@keys.command()
@_NAME
@speaks
def show(api: Client, screen: Screen, *, name: str) -> None:
    """One key without its secret."""
    screen.document(api.call("GET", f"/api/keys/{quoted(name)}"))


@keys.command()
@click.option("--role", required=True, type=click.Choice(ROLES), help="What its holder may do.")
@click.option("--label", default="", help="Whose it is.")
@click.option("--scope", "scopes", multiple=True, help="Only for this part of the API. Repeatable.")
@click.option("--masked/--unmasked", default=None, help="Whether it sees personal data in part.")
@click.option("--expires", "expires_at", default="", help="Until when: a date or a time.")
@speaks
def create(
    api: Client, screen: Screen, *, scopes: tuple[str, ...], masked: bool | None, **said: str
) -> None:
    """Make a key; its secret is shown this once."""
    body: dict[str, Any] = {name: text for name, text in said.items() if text}
    body |= {} if masked is None else {"masked": masked}
    body |= {"scopes": list(scopes)} if scopes else {}
    screen.document(api.call("POST", "/api/keys", None, body), _once)


@keys.command()
@_NAME
@click.option("--hours", type=int, default=24, show_default=True, help="The old one's last hours.")
@speaks
def rotate(api: Client, screen: Screen, *, name: str, hours: int) -> None:
    """A new key in the place of one, which stays good for some hours; its secret is shown once."""
    path = f"/api/keys/{quoted(name)}/rotate"
    screen.document(api.call("POST", path, None, {"hours": hours}), _once)


@keys.command()
@_NAME
@YES
@acts
def revoke(api: Client, *, name: str, yes: bool) -> None:
    """Shut a key for good."""
    sure(f"Revoke the key {name}?", yes=yes)
    api.call("DELETE", f"/api/keys/{quoted(name)}")
    note("revoked")


def _once(screen: Screen, made: Mapping[str, Any]) -> None:
    screen.pairs(made)
    note("keep the secret now: it is shown this once")


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(keys)
