"""`make run`: starts everything in order, serves, and stops everything in reverse."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local import backend, environment, files, product, resources
from local.backend import Backend
from local.gateway import Gateway
from local.options import Options
from local.resources import Resources
from local.server import GatewayServer
from local.sources import Pump
from local.workers import Roster, Staff

# The handler that finishes what a killed run left behind: run once at every start.
_SWEEP = "sweep"
_PARENT_CHECK = 1.0
# A signal to the group comes twice, for `make` passes on its own.
_ONE_REQUEST = 0.5


class CannotRun(Exception):
    """Something on this machine is in the way; said in one line."""


def run(options: Options) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP; a second one stops without waiting for work."""
    signals = _Signals()
    environment.isolate()
    options.data.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_locked(options.data))
        listener = stack.enter_context(_bound(options.port))
        aws = stack.enter_context(_local_aws(options))
        os.environ.update(aws.environment)
        made = resources.ensure(aws, options.app)
        os.environ.update(environment.for_product(options, aws, made))
        application = product.load(options.app)
        key = product.prepare(options.app, environment.last_key(options))
        environment.write(options, aws, made, key)
        server = GatewayServer(listener, Gateway(application))
        pump = _pump(application, options, aws, made)
        stack.callback(_stop, server, pump, signals, options.drain)
        _start(server, pump, options)
        _greet(options, aws, key)
        signals.wait()
        _say("Stopping: letting handlers end, then saving.")


def _start(server: GatewayServer, pump: Pump, options: Options) -> None:
    try:
        server.start()
    except OSError as error:
        raise CannotRun(_port_taken(options.port)) from error
    pump.start()
    pump.fire(_SWEEP)


def _stop(server: GatewayServer, pump: Pump, signals: _Signals, drain: float) -> None:
    deadline = time.monotonic() + drain
    pump.stop(lambda: time.monotonic() < deadline and not signals.hurry.is_set())
    server.stop(0 if signals.hurry.is_set() else max(1.0, deadline - time.monotonic()))


class _Signals:
    """Remembers what was asked, so that no signal cuts a step in half."""

    def __init__(self) -> None:
        self.hurry = threading.Event()
        self._stop = threading.Event()
        self._first = 0.0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._received)

    def _received(self, *_: Any) -> None:
        if not self._stop.is_set():
            self._first = time.monotonic()
            self._stop.set()
        elif time.monotonic() - self._first > _ONE_REQUEST:
            self.hurry.set()

    def wait(self) -> None:
        """Until asked to stop; a `make` that started this and is gone asks too."""
        parent = os.environ.get("INLET_PARENT")
        while not self._stop.wait(_PARENT_CHECK):
            if parent and os.getppid() != int(parent):
                return


@contextlib.contextmanager
def _locked(data: Path) -> Iterator[None]:
    """One run at a time has the data; the lock goes with the process, however it ends."""
    lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise CannotRun(f"Another run uses {data}; choose another with DATA=…") from error
    try:
        yield
    finally:
        os.close(lock)


@contextlib.contextmanager
def _bound(port: int) -> Iterator[socket.socket]:
    """The port, taken before anything is started for it; it listens only when all is ready."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotRun(_port_taken(port)) from error
        yield listener


def _port_taken(port: int) -> str:
    return f"Port {port} is taken; choose another with PORT=…"


@contextlib.contextmanager
def _local_aws(options: Options) -> Iterator[Backend]:
    """The local AWS, on the port of the last run if it is free: addresses given out then
    (presigned ones, `$DATA/env` in somebody's shell) go on working."""
    data = options.data / "aws"
    remembered = data / "port"
    port = int(remembered.read_text()) if remembered.exists() else 0
    aws = backend.start(data, port=port, interval=options.snapshot_interval)
    try:
        files.replace(remembered, str(aws.port))
        yield aws
    finally:
        if not aws.stop():
            _say("The local AWS did not end; the last snapshot may be missing.")


def _pump(application: Any, options: Options, aws: Backend, made: Resources) -> Pump:
    staff = Staff(options.app, Roster(options.data / "workers.json"))
    return Pump(application, options, made, staff, lambda: resources.client(aws, "sqs"))


def _greet(options: Options, aws: Backend, key: str) -> None:
    _say(f"Inlet      {options.url}")
    _say(f"Console    {options.url}/console")
    _say(f"API        {options.url}/docs")
    _say("Terminal   .venv/bin/python -m cli leads   (pip install . makes it: inlet leads)")
    if key:
        _say(f"Admin key  {key}")
    _say(f"Local AWS  {aws.endpoint}   (to use it: set -a; . {options.data / 'env'})")
    _say(f"Data       {options.data}   Ctrl-C stops and saves.")


def _say(text: str) -> None:
    """Print, even if the terminal is gone."""
    with contextlib.suppress(OSError):
        print(text, flush=True)
