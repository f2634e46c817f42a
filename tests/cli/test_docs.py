"""docs/cli.md against the commands, both ways."""

import re
import shlex
from pathlib import Path

import click

from cli import refusal
from cli.main import inlet
from tests.cli.test_commands import commands

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
# What every list or command has; said once.
COMMON = {"--json", "--limit", "--help"}
KINDS = ("endpoints", "fields", "mappings", "segments", "campaigns")


def told(name: str) -> str:
    """What the page says of a command: the lines that name it."""
    place, _, verb = name.partition(" ")
    if place in KINDS and verb not in ("try", "leads", "touches"):
        name = f"forms {verb}"
    return "\n".join(line for line in PAGE.splitlines() if re.search(rf"`inlet {name}\b", line))


def test_every_command_and_every_option_has_its_place() -> None:
    """Options in the lines that name their command, or where it is said of all."""
    wrong = []
    for name, command in commands(inlet).items():
        said = told(name) + (told("leads list") if name == "export" else "")
        assert said, name
        for parameter in command.params:
            if isinstance(parameter, click.Option) and not COMMON & set(parameter.opts):
                wrong += [(name, each) for each in parameter.opts if each not in said]
    assert wrong == []


def test_every_command_that_is_named_is_there() -> None:
    """With the options that stand beside it."""
    known = commands(inlet)
    groups = {name.partition(" ")[0] for name in known}
    named = [
        found[1] or found[0] for found in re.finditer(r"`(inlet [^`]*)`|^inlet .*$", PAGE, re.M)
    ]
    assert len(named) > 40
    for line in named:
        words = shlex.split(line.partition("|")[0].partition("$(")[0])
        assert {" ".join(words[1:2]), " ".join(words[1:3])} & (known.keys() | groups), line


def test_the_exit_codes_are_those_of_the_code() -> None:
    """Each with its row."""
    codes = {
        int(each)
        for row in re.findall(r"^\| ([\d, ]+) \|", PAGE, re.MULTILINE)
        for each in row.split(",")
    }
    assert codes == {
        refusal.DONE, refusal.FAILED, refusal.USAGE, refusal.NOT_ALLOWED, refusal.NOT_FOUND,
        refusal.CONFLICT, refusal.UNAVAILABLE, refusal.INTERRUPTED, refusal.PIPE_CLOSED,
    }  # fmt: skip


def test_an_option_that_is_named_is_one() -> None:
    """Nothing on the page is made up."""
    options = {
        opt
        for command in [inlet, *commands(inlet).values()]
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for opt in (*parameter.opts, *parameter.secondary_opts)
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) <= options
