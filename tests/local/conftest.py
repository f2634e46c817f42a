"""Machines for the tests of this folder."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import backend
from tests.local.machine import Machine


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A running machine for the tests that leave it running."""
    backend.bypass_proxies()
    for machine in _machine(tmp_path_factory.mktemp("shared")):
        # A long poll hides messages for as long as the queue said when it began.
        machine.queue("chunks", VisibilityTimeout="1")
        time.sleep(1.2)
        yield machine


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A running machine of the test's own."""
    backend.bypass_proxies()
    yield from _machine(tmp_path)


def _machine(directory: Path) -> Iterator[Machine]:
    machine = Machine(directory / "data")
    try:
        machine.start()
        yield machine
    finally:
        if machine.process and machine.process.poll() is None:
            with contextlib.suppress(AssertionError):
                machine.stop()
            machine.process.kill()
            machine.process.wait()
