"""Whether all is well: the stage's health, the balance of the store; and any route by hand."""

from collections.abc import Mapping
from typing import Any

import click
from click.shell_completion import get_completion_class

from cli.client import Client, idempotent
from cli.common import pairs, read_json, speaks, stdout
from cli.progress import bar
from cli.refusal import FAILED, NOT_ALLOWED, Refused
from cli.show import Screen, as_json, count, harmless, note

# It reads the whole table.
_SECONDS = 900
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@click.command()
@speaks
def status(api: Client, screen: Screen) -> None:
    """The stage that is spoken to: does it answer, and does it know the key."""
    health = api.call("GET", "/health")
    try:
        api.call("GET", "/api/imports", {"limit": "1"})
        key = "good"
    except Refused as refusal:
        if refusal.ends != NOT_ALLOWED:
            raise
        key = str(refusal.message)
    screen.document({"url": api.url, **health, "key": key})


@click.command()
@click.option("--repair", is_flag=True, help="Fold again what is wrong, and say what was.")
@speaks
def verify(api: Client, screen: Screen, *, repair: bool) -> None:
    """Derive every lead, home and sum anew and say what does not balance.

    Exit code 0 where everything does, without output; else a line for each finding, and 1. With
    --repair what is wrong is mended: 1 where something could not be.
    """
    if repair:
        _repair(api, screen)
        return
    with bar("reading everything"):
        answer = api.call("GET", "/api/verify", seconds=_SECONDS)
    screen.document(answer, _findings)
    if answer["balanced"] and not screen.raw:
        note("everything balances")
    if not answer["balanced"]:
        raise Refused(count(answer["count"], "thing") + " out of balance", FAILED, "unbalanced")


def _repair(api: Client, screen: Screen) -> None:
    """Mend slice after slice of the table."""
    done: dict[str, Any] = {"looked": 0, "wrong": [], "left": []}
    cursor: str | None = ""
    with bar("mending", "items") as far:
        while cursor is not None:
            body = {"cursor": cursor} if cursor else {}
            part = api.call("POST", "/api/verify/repair", body=body, seconds=_SECONDS)
            done["looked"] += part["looked"]
            for name in ("wrong", "left"):
                done[name] += part[name]
            far.at("mending", done["looked"], None)
            cursor = part["next"]
    screen.document(done, _mended)
    if not screen.raw:
        note(f"{count(len(done['wrong']), 'thing')} out of balance, {len(done['left'])} left")
    if done["left"]:
        raise Refused(
            count(len(done["left"]), "thing") + " could not be mended", FAILED, "unmended"
        )


def _mended(_screen: Screen, done: Mapping[str, Any]) -> None:
    for one in done["left"] or done["wrong"]:
        why = f" ({one['why']})" if one.get("why") else ""
        click.echo(harmless(f"{one['kind']} {one['name']}: {one['what']}{why}"))


def _findings(_screen: Screen, answer: Mapping[str, Any]) -> None:
    for line in answer["problems"]:
        click.echo(harmless(line))


@click.command("api")
@click.argument("method", type=click.Choice(_METHODS, case_sensitive=False))
@click.argument("path")
@click.option("--body", type=click.File(encoding="utf-8"), help="A JSON object; - is the input.")
@click.option("--query", multiple=True, metavar="NAME=VALUE", help="Repeatable.")
@click.option("--if-match", default="", help="Only over this version.")
@speaks
def call(
    api: Client, screen: Screen, *, method: str, path: str, body: Any, query: Any, if_match: str
) -> None:
    """Call any route: `inlet api GET /api/leads --query limit=1`; docs/ at the stage names them."""
    path = path if path.startswith("/") else f"/api/{path}"
    content = read_json(body) if body else None
    headers = idempotent() | ({"If-Match": f'"{if_match}"'} if if_match else {})
    answer = api.ask(
        method, path, pairs(query, "--query"), content, headers=headers, seconds=_SECONDS
    )
    if "json" in answer.headers.get("content-type", ""):
        click.echo(as_json(answer.content, None if screen.raw else 2))
    elif answer.body:
        stdout().write(answer.body)


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """The script that completes commands and options in a shell.

    For bash: eval "$(inlet completion bash)" in ~/.bashrc.
    """
    root = context.find_root()
    made = get_completion_class(shell)
    assert made is not None
    click.echo(made(root.command, {}, "inlet", "_INLET_COMPLETE").source())


def join(group: click.Group) -> None:
    """Add these commands."""
    for command in (status, verify, call, completion):
        group.add_command(command)
