"""Snapshots of the local AWS: each of one instant, and either whole or not there.

`SnapshotStore` keeps them as numbered directories with a pointer to the last one;
`Snapshotter` takes them while ministack serves. Objects are no part of them: ministack
writes those through to disk itself, so after `kill -9` the bucket may be ahead of the
table and the queues, never behind; `local.objects` mends a write that it died in.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# What an operation is called when it changes nothing. Receiving messages hides them, so
# it counts as a change when it brought any.
_READS = re.compile(r"^(Get|List|Describe|BatchGet|TransactGet|Query$|Scan$)")
_QUIET_METHODS = {"GET", "HEAD", "OPTIONS"}
# The pause is at least this many times as long as the last stall of the event loop, and
# this many times as long as the writing, so that neither clients nor the other core suffer.
_STALL_FACTOR = 20
_WRITE_FACTOR = 4
_WRITE_LIMIT = 120.0

States = Mapping[str, Callable[[], Any]]


class SnapshotStore:
    """Numbered directories, and a symbolic link `current` to the one that counts."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._current = directory / "current"
        directory.mkdir(parents=True, exist_ok=True)
        self._prune()

    def latest(self) -> Path:
        """The directory to load from; an empty one before the first snapshot."""
        if self._current.exists():
            return self._current.resolve()
        empty = self._directory / "0"
        empty.mkdir(exist_ok=True)
        return empty

    def partial(self) -> Path:
        """A new directory to write into; it counts once it is committed.

        No two have the same name: the writer of a killed run may still be at its own.
        """
        number = int(self.latest().name) + 1
        return Path(tempfile.mkdtemp(dir=self._directory, prefix=f"{number}.", suffix=".partial"))

    def commit(self, partial: Path) -> None:
        """Make a finished snapshot the current one, in one step, and drop older ones."""
        final = self._directory / partial.name.partition(".")[0]
        shutil.rmtree(final, ignore_errors=True)
        partial.rename(final)
        link = self._directory / "current.new"
        link.unlink(missing_ok=True)
        link.symlink_to(final.name)
        _sync(self._directory)
        link.replace(self._current)
        _sync(self._directory)
        self._prune()

    def _prune(self) -> None:
        keep = self.latest().name
        for entry in self._directory.iterdir():
            if entry.is_dir() and not entry.is_symlink() and entry.name != keep:
                shutil.rmtree(entry, ignore_errors=True)


class Snapshotter:
    """Takes a snapshot whenever something changed and the pause is over.

    The instant is a `fork` on the event loop, between two requests: the child holds the
    whole state as it was and writes it while the parent serves on. Copying on the loop
    instead stalls it for about 20 ms per 1,000 items; copying in a thread meets
    dictionaries that change under it.
    """

    def __init__(
        self, ministack: Any, store: SnapshotStore, status: Path, interval: float = 2.0
    ) -> None:
        self._ministack = ministack
        self._store = store
        self._status = status
        self._interval = interval
        self._changes = 0
        self._saved = 0
        self._as_of = time.time()
        self._saved_at = self._as_of
        self._writer: int | None = None

    async def watching(self, scope: Any, receive: Any, send: Any) -> None:
        """ministack's ASGI application, counting the requests that change something.

        Counted when the request is over: one that is still at work when a snapshot is
        taken then leads to another.
        """
        if scope["type"] != "http":
            await self._ministack.app(scope, receive, send)
            return
        seen = bytearray()

        async def sending(message: Any) -> None:
            if len(seen) < 256:
                seen.extend(message.get("body", b"")[:256])
            await send(message)

        try:
            await self._ministack.app(scope, receive, sending)
        finally:
            if changes_something(scope, bytes(seen)):
                self._changes += 1

    async def run(self) -> None:
        """Snapshot after snapshot, until cancelled."""
        pause = self._interval
        while True:
            self._report()
            await asyncio.sleep(pause)
            pause = self._interval
            if self._changes == self._saved:
                # What lies on disk is also how things stand now.
                self._as_of = time.time()
                continue
            try:
                stall, writing = await self._take()
                pause = max(pause, _STALL_FACTOR * stall, _WRITE_FACTOR * writing)
            except (OSError, SnapshotError) as error:
                print(f"snapshot failed, will try again: {error}", file=sys.stderr, flush=True)

    def finish(self) -> None:
        """The last snapshot, once nothing is served any more."""
        if self._writer is not None:
            os.kill(self._writer, signal.SIGKILL)
            os.waitpid(self._writer, 0)
        if self._changes != self._saved:
            directory = self._store.partial()
            write_states(self._states(), directory)
            self._store.commit(directory)
            self._saved, self._saved_at = self._changes, time.time()
        self._as_of = time.time()
        self._report()

    async def _take(self) -> tuple[float, float]:
        """One snapshot; the seconds that the loop stood still, and that the writing took."""
        changes, instant = self._changes, time.time()
        directory = self._store.partial()
        states = self._states()
        begun = time.monotonic()
        self._writer = _fork_to(lambda: write_states(states, directory))
        stall = time.monotonic() - begun
        await self._written(self._writer)
        self._writer = None
        self._store.commit(directory)
        self._saved, self._as_of, self._saved_at = changes, instant, instant
        return stall, time.monotonic() - begun

    async def _written(self, writer: int) -> None:
        deadline = time.monotonic() + _WRITE_LIMIT
        while True:
            done, status = os.waitpid(writer, os.WNOHANG)
            if done:
                break
            if time.monotonic() > deadline:
                os.kill(writer, signal.SIGKILL)
            await asyncio.sleep(0.02)
        if status:
            self._writer = None
            raise SnapshotError(f"its writer ended with status {status}")

    def _states(self) -> States:
        states: States = self._ministack._build_persistence_save_dict()
        return states

    def _report(self) -> None:
        """Tell the product how old the last snapshot is; see `local/README.md`."""
        text = json.dumps({"as_of": self._as_of, "saved_at": self._saved_at})
        new = self._status.with_suffix(".new")
        new.write_text(text)
        new.replace(self._status)


class SnapshotError(Exception):
    """A snapshot was not written; the one before it still counts."""


def write_states(states: States, directory: Path) -> None:
    """Write every service's state as ministack will load it, or raise.

    Its own `save_state` logs a failure and goes on, which would lose a service.
    """
    persistence: Any = sys.modules["ministack.core.persistence"]
    for service, get_state in states.items():
        state = get_state()
        if not state or not any(state.values()):
            continue
        version = persistence._state_format_version(service)
        text = json.dumps(
            {"__ministack_format__": version, "payload": state}, default=persistence._json_default
        )
        with (directory / f"{service}.json").open("w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    _sync(directory)


def changes_something(scope: Any, answer: bytes) -> bool:
    """Whether a request, judged by itself and the beginning of its answer, changed the state."""
    if scope["method"] in _QUIET_METHODS or scope["path"].startswith("/_ministack/health"):
        return False
    target = dict(scope["headers"]).get(b"x-amz-target", b"").decode("latin-1")
    operation = target.rpartition(".")[2]
    if operation == "ReceiveMessage":
        return b'"ReceiptHandle"' in answer or b'"MessageId"' in answer
    return not _READS.match(operation)


def _fork_to(work: Callable[[], None]) -> int:
    """Run `work` in a child that shares this instant's memory; its process id."""
    with warnings.catch_warnings():
        # From 3.12 on Python warns that threads are running. The child only reads,
        # encodes and writes: it takes no lock that a thread could have held.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return child
    status = 1
    with contextlib.suppress(BaseException):
        _become_writer()
        work()
        status = 0
    os._exit(status)


def _become_writer() -> None:
    """Leave behind all that is the parent's: its signals, its sockets, its garbage."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Else the port stays taken, and clients stay connected, for as long as this writes
    # after the parent was killed.
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    gc.disable()


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
