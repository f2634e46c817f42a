"""A terminal, and the stage in memory that it speaks to."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.store.api_keys import ApiKeys
from chalicelib.wiring import Live
from cli import client, progress
from tests.browser.serve import Served, served
from tests.cli.harness import Terminal, of
from tests.cli.scripted import Scripted, scripted

KEY = "inlet_a-key-that-nobody-may-see"


@pytest.fixture
def inlet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Terminal:
    """`inlet`, which names no stage and waits for nothing between two attempts."""
    for module in (client, progress):
        monkeypatch.setattr(module, "PAUSE", lambda _seconds: None)
    return Terminal(monkeypatch, capsys, tmp_path)


@pytest.fixture
def stage(inlet: Terminal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A stage in memory behind a socket, named by the environment with a key of an administrator."""
    with served() as stage:
        # What a Lambda writes to its log would stand between the lines of our output.
        stage.live.settings = replace(stage.live.settings, stage="local")
        monkeypatch.setattr(Live, "walk", lambda _live, *where: stage.table.walk(*where))
        monkeypatch.setattr(Live, "dump", lambda _live: stage.table.items.items())
        inlet.set(**of(stage.url, key(stage, "admin")))
        yield stage


def key(stage: Served, role: str) -> str:
    """A new key of a role."""
    return ApiKeys(stage.outside.table, stage.outside.now).create(role)[0]


@pytest.fixture
def script(inlet: Terminal) -> Iterator[Scripted]:
    """A server of scripted answers, named by the environment."""
    with scripted() as script:
        inlet.set(**of(script.url, KEY))
        yield script
