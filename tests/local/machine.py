"""Runs `make run`'s machinery for a test, on free ports and with a throw-away application."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import boto3

from local.backend import ROOT

APPLICATION = Path(__file__).parent / "application"
T = TypeVar("T")


class Machine:
    """One data directory, and the runs over it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **settings: str) -> None:
        """Start, and wait until `/health` answers."""
        self.process = self.launch(**settings)
        until(self.healthy, 30)

    def launch(self, **settings: str) -> subprocess.Popen[bytes]:
        """Start without waiting."""
        environment = {
            **os.environ,
            "PORT": str(self.port),
            "DATA": str(self.data),
            "INLET_APP": str(APPLICATION),
            "INLET_SNAPSHOT_SECONDS": "0.3",
            "INLET_PARENT": str(os.getpid()),
            **settings,
        }
        command = [sys.executable, "-m", "local"]
        log = (self.data.parent / "run.log").open("ab")
        with log:
            return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    def kill(self) -> None:
        """`kill -9` of everything at once: runner, children, local AWS."""
        assert self.process is not None
        pids = [
            self.process.pid,
            self.aws_pid(),
            *(p for ps in self.workers().values() for p in ps),
        ]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def aws_pid(self) -> int:
        """The process of the local AWS: a child of the runner."""
        assert self.process is not None
        task = Path(f"/proc/{self.process.pid}/task")
        children = " ".join(path.read_text() for path in task.glob("*/children")).split()
        commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
        return next(pid for pid, command in commands.items() if b"local.aws" in command)

    def workers(self) -> dict[str, list[int]]:
        pids: dict[str, list[int]] = json.loads((self.data / "workers.json").read_text())
        return pids

    def environment(self) -> dict[str, str]:
        lines = (self.data / "env").read_text().splitlines()
        return dict(line.replace("'", "").split("=", 1) for line in lines)

    def client(self, service: str) -> Any:
        env = self.environment()
        return boto3.client(
            service,
            endpoint_url=env["AWS_ENDPOINT_URL"],
            region_name=env["AWS_DEFAULT_REGION"],
            aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        )

    def queue(self, role: str, **attributes: str) -> str:
        """The address of a queue, after setting attributes of it."""
        sqs = self.client("sqs")
        url: str = sqs.get_queue_url(QueueName=f"inlet-local-{role}")["QueueUrl"]
        if attributes:
            sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
        return url

    def send(self, role: str, *bodies: str) -> None:
        sqs, url = self.client("sqs"), self.queue(role)
        entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)

    def waiting(self, role: str) -> int:
        """Messages in a queue, hidden ones included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client("sqs").get_queue_attributes(
            QueueUrl=self.queue(role), AttributeNames=names
        )
        return sum(int(found["Attributes"][name]) for name in names)

    def bodies(self, role: str) -> list[str]:
        """Some of the messages in a queue, left as they are."""
        found = self.client("sqs").receive_message(
            QueueUrl=self.queue(role), MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return [message["Body"] for message in found.get("Messages", [])]

    def log(self, name: str) -> list[Any]:
        """What handlers of the application noted."""
        path = self.data / f"{name}.log"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def seen(self, body: str) -> list[tuple[int, int]]:
        """Receive count and child for each time that a chunk message was handled."""
        return [(count, pid) for text, count, pid in self.log("chunks") if text == body]

    def output(self) -> str:
        return (self.data.parent / "run.log").read_text()

    def healthy(self) -> bool:
        """Whether `/health` answers; fails if the runner has ended."""
        assert self.process is not None
        assert self.process.poll() is None, self.output()
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError):
            return False


def until(condition: Callable[[], T], seconds: float = 15) -> T:
    """Wait for something true, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return found


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
