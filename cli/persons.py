"""Leads changed: entered by hand, edited, merged, parted, erased."""

from typing import Any

import click

from cli.client import Client, idempotent
from cli.common import (
    IF_VERSION,
    LEAD,
    VALUES,
    YES,
    acts,
    guard,
    lead_id,
    lead_path,
    pairs,
    speaks,
    sure,
)
from cli.leads import COLUMNS, leads, person
from cli.show import Screen, note

_TAG = click.option("--tag", "tags", multiple=True, help="Give this tag. Repeatable.")
_KNOWN = click.option(
    "--external-id", "known", multiple=True, metavar="SCOPE:ID", help="An id elsewhere. Repeatable."
)


@leads.command()
@VALUES
@_TAG
@_KNOWN
@click.option("--source", default="", help="Where it comes from; the console unless given.")
@speaks
def add(
    api: Client,
    screen: Screen,
    *,
    values: tuple[str, ...],
    tags: tuple[str, ...],
    known: tuple[str, ...],
    source: str,
) -> None:
    """Enter a person by hand: `inlet leads add email=ana@example.org company=Acme`."""
    body = _said(values, dict.fromkeys(tags, True), known)
    body |= {"source": source} if source else {}
    screen.document(api.call("POST", "/api/leads", None, body, headers=idempotent()))


@leads.command()
@LEAD
@VALUES
@click.option("--clear", multiple=True, metavar="FIELD", help="Empty this field. Repeatable.")
@_TAG
@click.option("--untag", multiple=True, help="Take this tag away. Repeatable.")
@_KNOWN
@IF_VERSION
@speaks
def edit(
    api: Client,
    screen: Screen,
    *,
    name: str,
    values: tuple[str, ...],
    clear: tuple[str, ...],
    tags: tuple[str, ...],
    untag: tuple[str, ...],
    known: tuple[str, ...],
    if_version: int | None,
) -> None:
    """Say what is right of a person: `inlet leads edit ana@example.org phone=600123456`."""
    body = _said(values, dict.fromkeys(tags, True) | dict.fromkeys(untag, False), known)
    if clear:
        body["values"] = {**body.get("values", {}), **dict.fromkeys(clear, None)}
    if not body:
        raise click.UsageError("say what to change")
    headers = idempotent() | guard(if_version)
    screen.document(api.call("PATCH", lead_path(api, name), None, body, headers=headers), person)


@leads.command()
@LEAD
@click.argument("other")
@IF_VERSION
@speaks
def merge(api: Client, screen: Screen, *, name: str, other: str, if_version: int | None) -> None:
    """Say that two leads are one person; the older id stays."""
    body = {"with": lead_id(api, other)}
    screen.document(
        api.call("POST", f"{lead_path(api, name)}/merge", None, body, headers=guard(if_version)),
        person,
    )


@leads.command()
@LEAD
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@IF_VERSION
@speaks
def unmerge(
    api: Client, screen: Screen, *, name: str, keys: tuple[str, ...], if_version: int | None
) -> None:
    """Say that some of a lead's addresses, phones or ids are somebody else's."""
    path = f"{lead_path(api, name)}/unmerge"
    parted = api.call("POST", path, None, {"keys": list(keys)}, headers=guard(if_version))
    screen.document(parted, lambda to, made: to.items(made["leads"], COLUMNS))


@leads.command()
@LEAD
@YES
@IF_VERSION
@acts
def erase(api: Client, *, name: str, yes: bool, if_version: int | None) -> None:
    """Erase a person for good: nobody takes it back, and they stay unmailable."""
    lead = lead_id(api, name)
    sure(f"Erase {name} for good?", yes=yes)
    answer = api.ask("DELETE", lead_path(api, lead), headers=guard(if_version))
    done = answer.headers.get("location", "").rpartition("/")[2]
    note(f"erased: inlet erasures certificate {done}" if done else "erased")


def _said(values: tuple[str, ...], tags: dict[str, bool], known: tuple[str, ...]) -> dict[str, Any]:
    ids = {}
    for each in known:
        scope, colon, name = each.partition(":")
        if not colon or not scope or not name:
            raise click.BadParameter(f"{each} is not SCOPE:ID", param_hint="--external-id")
        ids[scope] = name
    parts = {"values": pairs(values, "FIELD=VALUE"), "tags": tags, "external_ids": ids}
    return {name: part for name, part in parts.items() if part}


def join(_group: click.Group) -> None:
    """These commands are added to `leads` already."""
