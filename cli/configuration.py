"""Configuration: forms, endpoints, fields, mappings; pushed from files, compared, rolled back."""

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import click

from cli.client import Answer, Client, quoted
from cli.common import LIMIT, YES, Listed, acts, guard, read_json, speaks, sure
from cli.show import Columns, Screen, as_json, brief, console, harmless, moment, note

COLUMNS: Columns = {
    "name": lambda each: each["name"],
    "version": lambda each: each["version"],
    "updated": lambda each: moment(each["updated_at"]),
    "what": lambda each: _what(each["definition"]),
}
_HEALTH: Columns = {"health": lambda each: each["health"]["state"]}
VERSIONS: Columns = {
    "version": lambda each: each["version"],
    "updated": lambda each: moment(each["updated_at"]),
    "by": lambda each: each["updated_by"],
    "what": lambda each: _what(each["definition"]),
}
# Only shown: the API passes it over where it is put back.
_SHOWN_ONLY = ("health",)
_TELLING = ("fields", "columns", "stages")
_NAME = click.argument("name")
_IF_VERSION = click.option(
    "--if-version", type=click.IntRange(min=0), help="Only over this version; 0: only if new."
)


class Kind(NamedTuple):
    """One kind of document: its place in the API, one of it, and its plural if that is no place."""

    place: str
    one: str

    def path(self, name: str = "") -> str:
        """Where the API has them, or one."""
        return f"/api/{self.place}" + (f"/{quoted(name)}" if name else "")


KINDS = (
    Kind("forms", "form"),
    Kind("endpoints", "endpoint"),
    Kind("fields", "field"),
    Kind("mappings", "mapping"),
    Kind("segments", "segment"),
    Kind("campaigns", "campaign"),
)


def group_of(kind: Kind) -> click.Group:
    """The commands of one kind of document."""
    made = Listed(
        kind.place, help=f"The {kind.place}: list, show, push, diff, versions, rollback …"
    )
    _readers(made, kind)
    _writers(made, kind)
    return made


def _readers(group: click.Group, kind: Kind) -> None:
    @group.command("list", help=f"The {kind.place} by name.")
    @LIMIT
    @speaks
    def listed(api: Client, screen: Screen, *, limit: int) -> None:
        more = _HEALTH if kind.one == "endpoint" else {}
        screen.items(api.items(kind.path(), {}, limit), {**COLUMNS, **more})

    @group.command("show", help=f"One {kind.one} as JSON, to be edited and pushed again.")
    @_NAME
    @click.option("--version", type=click.IntRange(min=1), help="As it was then.")
    @speaks
    def show(api: Client, screen: Screen, *, name: str, version: int | None) -> None:
        found = _document(api, kind, name, version)
        click.echo(as_json(found, None if screen.raw else 2))

    @group.command("versions", help=f"What one {kind.one} has been, the latest first.")
    @_NAME
    @LIMIT
    @speaks
    def versions(api: Client, screen: Screen, *, name: str, limit: int) -> None:
        screen.items(api.items(f"{kind.path(name)}/versions", {}, limit), VERSIONS)

    @group.command("diff", help=f"What differs: a {kind.one} and a file, or two versions of it.")
    @_NAME
    @click.argument("file", type=click.File(encoding="utf-8"), required=False)
    @click.option("--from", "past", type=click.IntRange(min=1), help="This version, not today's.")
    @click.option("--to", "later", type=click.IntRange(min=1), help="Against this version.")
    @speaks
    def diff(
        api: Client, screen: Screen, *, name: str, file: Any, past: int | None, later: int | None
    ) -> None:
        if file and later:
            raise click.UsageError("a file or --to, one of them")
        if not (file or past or later):
            raise click.UsageError("name a file, or a version by --from")
        left = _document(api, kind, name, past)
        right = read_json(file) if file else _document(api, kind, name, later)
        compare(screen, left, right)


def _writers(group: click.Group, kind: Kind) -> None:
    @group.command("push", help=f"Make a {kind.one} of a JSON file, named as the file is.")
    @click.argument("file", type=click.File(encoding="utf-8"))
    @click.option("--name", default="", help="Its name, where it is not the file's.")
    @_IF_VERSION
    @speaks
    def push(
        api: Client, screen: Screen, *, file: TextIO, name: str, if_version: int | None
    ) -> None:
        name, content = _named(name, file), read_json(file)
        sent = api.ask("PUT", kind.path(name), None, content, headers=guard(if_version))
        told(screen, kind, name, sent)

    @group.command("rollback", help="Make an earlier version current again, as a new one.")
    @_NAME
    @click.argument("version", type=click.IntRange(min=1))
    @_IF_VERSION
    @speaks
    def rollback(
        api: Client, screen: Screen, *, name: str, version: int, if_version: int | None
    ) -> None:
        body = {"version": version}
        path = f"{kind.path(name)}/rollback"
        told(screen, kind, name, api.ask("POST", path, None, body, headers=guard(if_version)))

    @group.command("delete", help=f"Take a {kind.one} away; its versions stay, and bring it back.")
    @_NAME
    @YES
    @_IF_VERSION
    @acts
    def delete(api: Client, *, name: str, yes: bool, if_version: int | None) -> None:
        sure(f"Delete the {kind.one} {name}?", yes=yes)
        api.call("DELETE", kind.path(name), headers=guard(if_version))
        note(f"deleted: inlet {kind.place} versions {name} says what it was")


def _document(api: Client, kind: Kind, name: str, version: int | None) -> dict[str, Any]:
    found = api.call("GET", kind.path(name), {"version": str(version or "")})
    return {member: part for member, part in found.items() if member not in _SHOWN_ONLY}


def _named(name: str, file: TextIO) -> str:
    """The name given, else the file's own: contact.json is the form contact."""
    if not name and file.name in ("-", "<stdin>"):
        raise click.UsageError("standard input has no name: give --name")
    return name or Path(file.name).stem


def told(screen: Screen, kind: Kind, name: str, sent: Answer) -> None:
    """Say which version is current now."""
    if screen.raw:
        screen.document(sent.content)
    note(f"{' '.join(filter(None, (kind.one, name)))} is now version {sent.version}")


def _what(definition: Mapping[str, Any]) -> str:
    """What tells one document from another: a provider, a type, its fields or columns."""
    for name in ("provider", "type", "kind", "filters"):
        if definition.get(name):
            return brief(definition[name])
    parts: Any = next((definition[n] for n in _TELLING if definition.get(n)), {})
    names = [each if isinstance(each, str) else each.get("name", "") for each in parts]
    return ", ".join(names)


def compare(screen: Screen, left: Mapping[str, Any], right: Mapping[str, Any]) -> None:
    """A unified difference of both as sorted JSON; nothing where they are the same."""
    if screen.raw:
        names = sorted({*left, *right})
        changed = {
            name: {"from": left.get(name), "to": right.get(name)}
            for name in names
            if left.get(name) != right.get(name)
        }
        screen.document(changed)
        return
    texts = [
        json.dumps(each, indent=2, sort_keys=True, ensure_ascii=False) for each in (left, right)
    ]
    before, after = (each.splitlines() for each in texts)
    lines = list(difflib.unified_diff(before, after, "from", "to", n=2, lineterm=""))
    for line in lines:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[0], "")
        console().print(harmless(line), style=style, soft_wrap=True)


def join(group: click.Group) -> None:
    """Add these commands."""
    for kind in KINDS:
        group.add_command(group_of(kind))
