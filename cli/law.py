"""What the law asks for: one person's bundle, erasures with their certificates, who saw what."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cli import files
from cli.client import Client, idempotent, quoted
from cli.common import (
    FORCE,
    LEAD,
    LIMIT,
    OUTPUT,
    Listed,
    acts,
    filters,
    given,
    lead_path,
    may_write,
    speaks,
)
from cli.leads import leads
from cli.progress import until
from cli.refusal import FAILED, Refused
from cli.show import Columns, Screen, moment

LANGUAGES = ("en", "es", "pt", "fa", "zh")
ERASURES: Columns = {
    "erasure": lambda each: each["erasure"],
    "status": lambda each: each["status"],
    "asked": lambda each: moment(each["asked_at"]),
    "finished": lambda each: moment(each["finished_at"]),
    "by": lambda each: each["asked_by"],
    "lead": lambda each: each["lead"],
}
ACCESS: Columns = {
    "at": lambda each: moment(each["at"]),
    "by": lambda each: each["label"] or each["by"],
    "route": lambda each: each["route"],
    "status": lambda each: each["status"],
    "masked": lambda each: each["masked"],
    "about": lambda each: each["about"],
    "leads": lambda each: each["leads"],
    "address": lambda each: each["address"],
}
_LANGUAGE = click.option("--language", type=click.Choice(LANGUAGES), help="Of what is explained.")
_NAMED = click.argument("name", metavar="ERASURE")


@leads.command()
@LEAD
@_LANGUAGE
@OUTPUT
@FORCE
@acts
def bundle(
    api: Client, *, name: str, language: str | None, output: Path | None, force: bool
) -> None:
    """Save all that is held of one person as a ZIP, to be handed to them."""
    to = output or Path("bundle.zip")
    may_write(to, force=force)
    body = {"language": language} if language else {}
    begun = api.call("POST", f"{lead_path(api, name)}/bundle", None, body, headers=idempotent())
    path = f"/api/bundles/{quoted(begun['bundle'])}"
    found = until(
        lambda: api.call("GET", path),
        lambda found: found["status"] != "queued",
        lambda found: ("gathering", found["bytes"], None, "bytes"),
        "no longer watched",
    )
    if found["status"] == "failed" or not found["url"]:
        raise Refused("the bundle failed", FAILED, str(found["code"] or "failed"))
    files.download(found["url"], to)
    files.written(to)


@click.group(cls=Listed)
def erasures() -> None:
    """People who were erased: list, show, certificate."""


@erasures.command("list")
@LIMIT
@speaks
def listed(api: Client, screen: Screen, *, limit: int) -> None:
    """The erasures, the newest first."""
    screen.items(api.items("/api/erasures", {}, limit), ERASURES)


@erasures.command()
@_NAMED
@speaks
def show(api: Client, screen: Screen, *, name: str) -> None:
    """One erasure: what was done at which place, and what is kept."""
    screen.document(api.call("GET", f"/api/erasures/{quoted(name)}"), _erasure)


@erasures.command()
@_NAMED
@_LANGUAGE
@OUTPUT
@FORCE
@acts
def certificate(
    api: Client, *, name: str, language: str | None, output: Path | None, force: bool
) -> None:
    """Save the certificate of an erasure: a page for the person who asked."""
    to = output or Path("certificate.html")
    may_write(to, force=force)
    path = f"/api/erasures/{quoted(name)}/certificate"
    files.save(api.ask("GET", path, {"language": language or ""}).body, to)


@click.command("access")
@filters(
    {
        "from": "Then or later: a date or an RFC 3339 time.",
        "to": "Then or before.",
        "key": "Only by this key.",
        "lead": "Only about this lead.",
    }
)
@LIMIT
@speaks
def access(api: Client, screen: Screen, *, limit: int, **chosen: str) -> None:
    """Who read or changed what, the latest first: the access log."""
    screen.items(api.items("/api/access", given(chosen), limit), ACCESS)


def _erasure(screen: Screen, found: Mapping[str, Any]) -> None:
    screen.pairs({name: each for name, each in found.items() if name != "places"})
    if found["places"]:
        screen.title("Places")
        names = list(found["places"][0])
        screen.table(names, [[place[name] for name in names] for place in found["places"]])


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(erasures)
    group.add_command(access)
