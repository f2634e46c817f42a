"""Starts the local AWS in a process of its own, and stops it so that it saves.

Shared by the runner and by the tests' `local_aws` fixture.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv-aws" / "bin" / "python"
REGION = "us-east-1"
CREDENTIALS = {
    # Signatures are checked, so both sides must know them; they guard nothing.
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
}


class BackendError(Exception):
    """The local AWS did not come up."""


@dataclass(frozen=True)
class Backend:
    """A running local AWS: its address and its process."""

    endpoint: str
    port: int
    process: subprocess.Popen[bytes]

    @property
    def environment(self) -> dict[str, str]:
        """What an AWS client needs to reach it, as environment variables."""
        return {"AWS_ENDPOINT_URL": self.endpoint, **CREDENTIALS}

    def stop(self, timeout: float = 120.0) -> bool:
        """Ask it to save and exit, and wait; False if it had to be killed."""
        self.process.terminate()
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        finally:
            self.kill()
        return True

    def kill(self) -> None:
        """End it without saving, as a power cut would; nothing if it has ended."""
        _end(self.process)


def start(
    data: Path | None = None, *, port: int = 0, interval: float = 2.0, timeout: float = 30.0
) -> Backend:
    """Start a local AWS; with `data`, it loads the last snapshot there and goes on saving.

    `port` is a preference: a free one is taken where it is busy.
    """
    command = [str(PYTHON), "-m", "local.aws", "--port", str(port), "--interval", str(interval)]
    if data:
        command += ["--data", str(data)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C at the terminal is for the runner, which stops this one last.
        start_new_session=True,
    )
    try:
        actual = _ready(process, timeout)
    except BaseException:
        _end(process)
        raise
    return Backend(f"http://127.0.0.1:{actual}", actual, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        # The whole group: it may be writing a snapshot in a child.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def bypass_proxies() -> None:
    """Reach loopback directly even where a proxy is configured."""
    known = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    hosts = [host for host in known.split(",") if host]
    value = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))
    os.environ.update(NO_PROXY=value, no_proxy=value)


def _environment() -> dict[str, str]:
    """The parent's environment without what would point ministack, or Python, elsewhere."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "MINISTACK_", "PYTHON", "LOCALSTACK_"))
        and name not in {"SERVICES", "LOG_LEVEL", "STATE_DIR", "PERSIST_STATE"}
    }


def _ready(process: subprocess.Popen[bytes], timeout: float) -> int:
    """Wait for the line that says where it listens."""
    assert process.stdout is not None
    deadline = time.monotonic() + timeout
    readable = False
    while not readable and time.monotonic() < deadline:
        readable = bool(select.select([process.stdout], [], [], 0.2)[0])
    line = process.stdout.readline() if readable else b""
    if not line:
        raise BackendError(f"the local AWS did not start (exit code {process.poll()})")
    return int(json.loads(line)["port"])
