"""A child process that runs one handler, call after call, like a warm Lambda.

`python -m local.worker FD APP HANDLER`: requests and answers are lines of JSON on the
inherited socket. The other end of it is the runner: when it goes, so does this process,
at once and in the middle of a call, as a function does at its timeout.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local import product
from local.context import LambdaContext


def main() -> None:
    """Import the application once, then answer until the runner closes the socket."""
    descriptor, app, name = sys.argv[1:]
    # Ctrl-C at the terminal is for the runner, which lets this call end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    runner = socket.socket(fileno=int(descriptor))
    calls: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(runner, calls), daemon=True).start()
    product.load(Path(app))
    handler = getattr(sys.modules["app"], name)
    _say(runner, {"ready": True})
    while True:
        _say(runner, _call(handler, name, json.loads(calls.get())))


def _say(runner: socket.socket, answer: dict[str, Any]) -> None:
    runner.sendall(json.dumps(answer).encode() + b"\n")


def _listen(runner: socket.socket, calls: queue.SimpleQueue[bytes]) -> None:
    try:
        for line in runner.makefile("rb"):
            calls.put(line)
    finally:  # the end is an error where an answer of ours was never read
        os._exit(0)


def _call(handler: Callable[[Any, Any], Any], name: str, call: dict[str, Any]) -> dict[str, Any]:
    """`{"result": …}`, or `{"error": …}` for what Lambda would report as one."""
    try:
        result = handler(call["event"], LambdaContext(name, call["timeout"]))
        return {"result": json.loads(json.dumps(result))}
    except Exception as error:
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    main()
