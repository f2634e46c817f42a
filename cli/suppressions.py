"""Who must not be contacted."""

import click

from cli.client import Client
from cli.common import LIMIT, YES, Command, Listed, acts, filters, given, speaks, sure
from cli.show import Columns, Screen, moment, note

REASONS = ("unsubscribed", "bounced", "complained", "erased")
COLUMNS: Columns = {
    "kind": lambda each: each["kind"],
    "whom": lambda each: each["hint"],
    "reasons": lambda each: each["reasons"],
    "stops": lambda each: each["channels"],
    "updated": lambda each: moment(each["updated_at"]),
}
_REASON = click.Choice(REASONS)


def _address(command: Command) -> Command:
    """Whom and why, as `add` and `lift` ask for it."""
    for option in (
        click.option("--reason", required=True, type=_REASON, help="Why."),
        click.option("--phone", default="", help="Or the number."),
        click.option("--email", default="", help="The address."),
    ):
        command = option(command)
    return command


@click.group(cls=Listed)
def suppressions() -> None:
    """Who must not be contacted: list, add, lift."""


@suppressions.command("list")
@filters({"email": "What stands of this address.", "phone": "Or of this number."})
@click.option("--reason", "by_reason", type=_REASON, help="Only of this reason.")
@LIMIT
@speaks
def listed(api: Client, screen: Screen, *, limit: int, **chosen: str) -> None:
    """What stands, the latest first; an address by its hint alone: only its hash is kept."""
    screen.items(api.items("/api/suppressions", given(chosen), limit), COLUMNS)


@suppressions.command()
@_address
@click.option("--note", "why", default="", help="In your words.")
@speaks
def add(api: Client, screen: Screen, *, email: str, phone: str, reason: str, why: str) -> None:
    """Say that an address must not be contacted."""
    body = _body(email, phone, reason, why)
    made = api.call("POST", "/api/suppressions", None, body)
    screen.document(made, lambda to, each: to.items([each], COLUMNS))


@suppressions.command()
@_address
@click.option("--note", "why", required=True, help="Why it was a mistake.")
@YES
@acts
def lift(api: Client, *, email: str, phone: str, reason: str, why: str, yes: bool) -> None:
    """Take back a bounce, a complaint or a mistaken import; administrators alone may."""
    sure(f"Lift the {reason} of {email or phone}?", yes=yes)
    # In the body, not the query: addresses in queries end up in logs.
    api.call("DELETE", "/api/suppressions", None, _body(email, phone, reason, why))
    note("lifted")


def _body(email: str, phone: str, reason: str, why: str) -> dict[str, str]:
    if bool(email) == bool(phone):
        raise click.UsageError("give --email or --phone")
    said = {"email": email, "phone": phone, "reason": reason, "note": why}
    return {name: text for name, text in said.items() if text}


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(suppressions)
