"""`inlet` run in this process: what it says, how it ends."""

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.main import main

ROOT = Path(__file__).parents[2]


class _Input(io.BytesIO):
    name = "<stdin>"


@dataclass(frozen=True)
class Ran:
    """One run: the exit code and both outputs."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document that it printed."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON lines that it printed."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def rows(self) -> list[list[str]]:
        """The tabbed lines that it printed, without their header."""
        return [line.split("\t") for line in self.out.splitlines()[1:]]


class Terminal:
    """Runs `inlet` with an environment of its own; it is no terminal, whatever runs the tests."""

    def __init__(
        self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], folder: Any
    ) -> None:
        self.patch, self.capture = patch, capture
        for name in list(os.environ):
            if name.startswith(("INLET_", "LC_")) or name in ("LANG", "DATA", "XDG_CONFIG_HOME"):
                patch.delenv(name)
        patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
        patch.chdir(folder)

    def set(self, **environment: str) -> None:
        """Set variables of the environment."""
        for name, value in environment.items():
            self.patch.setenv(name, value)

    def __call__(self, *arguments: str, stdin: str = "") -> Ran:
        """Run a command."""
        self.patch.setattr("sys.stdin", io.TextIOWrapper(_Input(stdin.encode()), "utf-8"))
        self.capture.readouterr()
        code = 0
        try:
            main(arguments)
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        said = self.capture.readouterr()
        return Ran(code, said.out, said.err)

    def done(self, *arguments: str, stdin: str = "") -> Ran:
        """Run a command that must succeed."""
        ran = self(*arguments, stdin=stdin)
        assert ran.code == 0, (arguments, ran.err)
        return ran


def of(url: str, key: str) -> Mapping[str, str]:
    """The environment that names a stage."""
    return {"INLET_URL": url, "INLET_KEY": key}


def on_a_terminal(*arguments: str, width: int = 100, typed: str = "", **environment: str) -> str:
    """What a terminal is sent, both outputs together; `typed` is there before it is asked for."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={
            **os.environ,
            "TERM": "xterm-256color",
            "COLUMNS": str(width),
            "PYTHONPATH": str(ROOT),
            **environment,
        },
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        said += piece
    os.close(ours)
    process.wait(30)
    return said.decode()
