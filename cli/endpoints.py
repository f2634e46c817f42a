"""An endpoint tried out: what would become of a delivery; nothing is written."""

import base64
from collections.abc import Mapping
from typing import Any, BinaryIO

import click

from cli.client import Client, quoted
from cli.common import pairs, read_json, speaks
from cli.show import Columns, Screen

_EVENTS: Columns = {
    "kind": lambda each: each["kind"],
    "fate": lambda each: each["fate"],
    "reason": lambda each: each["reason"],
    "values": lambda each: each["values"],
    "lead": lambda each: each["lead"],
    "problems": lambda each: [problem["code"] for problem in each["problems"]],
}


@click.command("try")
@click.argument("name")
@click.argument("body", type=click.File("rb"), required=False)
@click.option("--header", "headers", multiple=True, metavar="NAME=VALUE", help="Repeatable.")
@click.option("--query", multiple=True, metavar="NAME=VALUE", help="Repeatable.")
@click.option(
    "--method",
    type=click.Choice(("POST", "GET", "HEAD")),
    default="POST",
    help="POST, or a probe's.",
)
@click.option("--unsigned", is_flag=True, help="Read it even if nothing proves it.")
@click.option("--receipt", default="", help="Instead of a file: a delivery that is kept.")
@click.option("--definition", type=click.File(encoding="utf-8"), help="Try this JSON document.")
@speaks
def try_(
    api: Client,
    screen: Screen,
    *,
    name: str,
    body: BinaryIO | None,
    receipt: str,
    definition: Any,
    **request: Any,
) -> None:
    """Try a delivery out on an endpoint: is it verified, what does it say; nothing is written."""
    if bool(body) == bool(receipt):
        raise click.UsageError("name a file that holds the body, or a --receipt")
    said: dict[str, Any] = {"receipt": receipt} if receipt else _pasted(body, **request)
    if definition:
        said["definition"] = read_json(definition)
    found = api.call("POST", f"/api/endpoints/{quoted(name)}/try", None, said)
    screen.document(found, _show)


def _pasted(body: BinaryIO | None, **request: Any) -> dict[str, Any]:
    raw = body.read() if body else b""
    return {
        "headers": pairs(request["headers"], "--header"),
        "query": pairs(request["query"], "--query"),
        "method": request["method"],
        "body_base64": base64.b64encode(raw).decode(),
    } | ({"unsigned": True} if request["unsigned"] else {})


def _show(screen: Screen, found: Mapping[str, Any]) -> None:
    apart = ("verified", "why", "error", "answer")
    screen.pairs({name: found[name] for name in apart if found[name] not in (None, "")})
    if found["events"]:
        screen.title("Events")
        screen.items(found["events"], _EVENTS)


def join(group: click.Group) -> None:
    """Add it to `endpoints`."""
    endpoints = group.commands["endpoints"]
    assert isinstance(endpoints, click.Group)
    endpoints.add_command(try_)
