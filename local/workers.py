"""The child processes that run queue and schedule handlers, and who they are.

Children, because only a process can be killed in the middle of a call: by its timeout
here, and by whoever tests that nothing is lost then.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from local import files
from local.backend import ROOT

_START_SECONDS = 60.0


class CallFailed(Exception):
    """The handler raised, was killed, or took too long: Lambda's "function error"."""


class Roster:
    """`$DATA/workers.json`, `{handler: [process ids]}`, kept as things are."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._pids: dict[str, list[int]] = {}
        self._write()

    def add(self, handler: str, pid: int) -> None:
        """A child is there."""
        with self._lock:
            self._pids.setdefault(handler, []).append(pid)
            self._write()

    def remove(self, handler: str, pid: int) -> None:
        """A child is gone."""
        with self._lock:
            self._pids[handler].remove(pid)
            self._write()

    def _write(self) -> None:
        files.replace(self._path, json.dumps(self._pids))


class Worker:
    """One child for one handler. Used by one thread; `kill` may come from any."""

    def __init__(self, app: Path, handler: str, timeout: int, roster: Roster) -> None:
        self.handler = handler
        self._app = app
        self._timeout = timeout
        self._roster = roster
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def call(self, event: Any) -> Any:
        """The handler's answer to an event; `CallFailed` for anything else."""
        if not self.replace_dead():
            self._start()
        answer = self._ask({"event": event, "timeout": self._timeout}, self._timeout)
        if "error" in answer:
            raise CallFailed(f"{self.handler} raised {answer['error']}")
        return answer["result"]

    def replace_dead(self) -> bool:
        """Start anew if the child was there and died; False if it never was, or was let go."""
        if self._process is None:
            return False
        if self._process.poll() is not None:
            self.kill()
            self._start()
        return True

    def kill(self) -> None:
        """Kill the child and what it started, if it is there, and forget it."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if self._socket:
            self._socket.close()
        self._roster.remove(self.handler, process.pid)

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            descriptor = str(theirs.fileno())
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local.worker", descriptor, str(self._app), self.handler],
                cwd=ROOT,
                env={**os.environ, "AWS_LAMBDA_FUNCTION_NAME": self.handler},
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                # In the runner's session but not its group, so that Ctrl-C passes by.
                process_group=0,
            )
        self._socket = ours
        self._roster.add(self.handler, self._process.pid)
        # Importing the application is not the call's time, as on Lambda.
        self._ask(None, _START_SECONDS)

    def _ask(self, call: Any, seconds: float) -> Any:
        assert self._socket is not None
        deadline = time.monotonic() + seconds
        try:
            if call:
                self._socket.settimeout(seconds)
                self._socket.sendall(json.dumps(call).encode() + b"\n")
            return json.loads(self._line(deadline))
        except TimeoutError as error:
            self.kill()
            raise CallFailed(f"{self.handler} took longer than {seconds} s") from error
        except (OSError, ValueError) as error:
            self.kill()
            raise CallFailed(f"the process of {self.handler} died") from error

    def _line(self, deadline: float) -> bytes:
        assert self._socket is not None
        received = bytearray()
        while not received.endswith(b"\n"):
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError
            received += data
        return bytes(received)


class Staff:
    """All workers, for stopping them together."""

    def __init__(self, app: Path, roster: Roster) -> None:
        self._app = app
        self._roster = roster
        self._workers: list[Worker] = []

    def hire(self, handler: str, timeout: int) -> Worker:
        """A worker for a handler; its child starts with the first call."""
        worker = Worker(self._app, handler, timeout, self._roster)
        self._workers.append(worker)
        return worker

    def dismiss(self) -> None:
        """Kill every child that is still there."""
        for worker in self._workers:
            with contextlib.suppress(OSError, ValueError):
                worker.kill()
