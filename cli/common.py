"""What the commands share: how one speaks to a stage, and the options that many have."""

import json
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO, TextIO, TypeVar

import click

from cli.client import Client, quoted
from cli.refusal import FAILED, NOT_FOUND, USAGE, Refused
from cli.show import Screen

Command = TypeVar("Command", bound=Callable[..., Any])
_FATES = "created merged unchanged repeated quarantined spam rejected ignored pending"
FATES = tuple(_FATES.split())
STATUSES = ("open", "won", "lost")
DOORS = ("form", "webhook", "file", "api")
USUAL_LIMIT = 50
_RAW = click.option(
    "--json", "raw", is_flag=True, help="JSON: a document, or of a list a line an item."
)
LIMIT = click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=USUAL_LIMIT,
    show_default=True,
    help="How many at most; 0 for all.",
)
YES = click.option("--yes", is_flag=True, help="Do not ask.")
LEAD = click.argument("name", metavar="LEAD")
VALUES = click.argument("values", metavar="[FIELD=VALUE]...", nargs=-1)
IF_VERSION = click.option(
    "--if-version", type=click.IntRange(min=1), help="Only if this is its version still."
)
OUTPUT = click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The file to write; - is the output."
)
FORCE = click.option("--force", is_flag=True, help="Write over a file that is there.")


class Listed(click.Group):
    """A group whose `list` may be left out: `inlet leads --source fair`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` in front where no command is named."""
        # Where a shell completes, nothing is named yet because somebody is about to.
        nothing = not args and not ctx.resilient_parsing
        if nothing or (args and args[0].startswith("-") and args[0] not in ("-h", "--help")):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def speaks(function: Callable[..., None]) -> Callable[..., None]:
    """Let a command speak to the stage: it gets the client and the screen, and options by name."""

    @_RAW
    @click.pass_obj
    @wraps(function)
    def wrapped(connect: Callable[[], Client], /, *, raw: bool, **options: Any) -> None:
        function(connect(), Screen(raw), **options)

    return wrapped


def acts(function: Callable[..., None]) -> Callable[..., None]:
    """The same for a command that has nothing to show: it gets the client alone."""

    @click.pass_obj
    @wraps(function)
    def wrapped(connect: Callable[[], Client], /, **options: Any) -> None:
        function(connect(), **options)

    return wrapped


def stdout() -> BinaryIO:
    """Standard output as bytes."""
    sys.stdout.flush()
    return sys.stdout.buffer


def filters(helps: dict[str, str]) -> Callable[[Command], Command]:
    """An option for every filter of a list, named as in the API with dashes."""
    choices = {"fate": FATES, "door": DOORS, "status": STATUSES}

    def decorate(command: Command) -> Command:
        for name, help_ in reversed(helps.items()):
            # `from` is no name that Python lets a parameter have.
            flag, parameter = f"--{name.replace('_', '-')}", f"by_{name}"
            kind = click.Choice(choices[name]) if name in choices else click.STRING
            command = click.option(flag, parameter, default=None, type=kind, help=help_)(command)
        return command

    return decorate


def given(chosen: dict[str, Any]) -> dict[str, str]:
    """The filters that `filters` gathered, as the API's query."""
    return {name.removeprefix("by_"): value for name, value in chosen.items() if value}


def lead_id(api: Client, name: str) -> str:
    """A lead's id by itself, or by the person's e-mail address."""
    if "@" not in name:
        return name
    found = next(api.items("/api/leads", {"email": name}, 1), None)
    if found is None:
        raise Refused("nobody has this address", NOT_FOUND, "not_found")
    return str(found["id"])


def lead_path(api: Client, name: str) -> str:
    """Where the API has a lead."""
    return f"/api/leads/{quoted(lead_id(api, name))}"


def read_json(source: TextIO) -> dict[str, Any]:
    """A JSON object from an open file."""
    try:
        content = json.load(source)
    except (ValueError, RecursionError) as error:
        raise Refused(f"{source.name} is not JSON in UTF-8", FAILED, "body_unreadable") from error
    if not isinstance(content, dict):
        raise Refused(f"{source.name} holds no JSON object", FAILED, "body_unreadable")
    return content


def pairs(said: Iterable[str], hint: str) -> dict[str, str]:
    """`NAME=VALUE` texts as a mapping."""
    found = {}
    for each in said:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"{each} is not NAME=VALUE", param_hint=hint)
        found[name.strip()] = value
    return found


def guard(version: int | None) -> dict[str, str]:
    """The condition on what is there now: a version, 0 for nothing, None for whatever."""
    if version is None:
        return {}
    return {"If-None-Match": "*"} if version == 0 else {"If-Match": f'"{version}"'}


def sure(question: str, *, yes: bool) -> None:
    """Ask, where somebody is there to answer; else `--yes` must have said so."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused("nobody is there to ask: say --yes", USAGE)
    if not click.confirm(question, err=True):
        raise Refused("nothing was done", FAILED)


def to_stdout(path: Path) -> bool:
    """Whether `-` is named: standard output."""
    return str(path) == "-"


def may_write(path: Path, *, force: bool) -> None:
    """Refuse to write over a file that is there, unless told to."""
    if not to_stdout(path) and path.exists() and not force:
        raise Refused(f"{path} is there already: --force writes over it", FAILED)
