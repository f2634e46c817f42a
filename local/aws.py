"""The local AWS: ministack, bound to loopback, with snapshots that survive `kill -9`.

Runs in an environment of its own (`.venv-aws`, see `local/requirements.txt`), because
ministack pins its own botocore. Start it through `local.backend`, which knows the
command line. Once it serves, it prints one line of JSON, `{"port": n, "pid": n}`.

Stock ministack saves at a graceful exit only. What is needed of its internals to do
better (`app.save_all`, `app._build_persistence_save_dict`, `core.persistence`) is pinned
with its version and held by `tests/local/test_aws.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import fcntl
import importlib
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from local import objects
from local.snapshots import SnapshotStore, Snapshotter

HOST = "127.0.0.1"


def main() -> None:
    """Serve until SIGTERM, or until standard input ends because the parent is gone."""
    options = _options()
    listener = _listen(options.port)
    port = int(listener.getsockname()[1])
    data: Path | None = options.data
    if data:
        _lock(data)
    store = SnapshotStore(data / "snapshots") if data else None
    _configure(port, data, store)
    asyncio.run(_serve(listener, port, data, store, options.interval))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="local.aws", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="preferred port; 0 takes a free one")
    parser.add_argument(
        "--data", type=Path, help="where snapshots and objects lie; none: in memory"
    )
    parser.add_argument(
        "--interval", type=float, default=2.0, help="least seconds between snapshots"
    )
    return parser.parse_args()


def _listen(port: int) -> socket.socket:
    """A listening socket on the preferred port, or on a free one when that is taken.

    Bound here and handed over, so that nobody can take the port in between.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError:
        listener.bind((HOST, 0))
    return listener


def _lock(data: Path) -> None:
    """Hold the data for as long as this process lives; wait while another still saves.

    That other one is what a killed runner left behind: it takes its last snapshot and ends.
    """
    data.mkdir(parents=True, exist_ok=True)
    lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)


def _configure(port: int, data: Path | None, store: SnapshotStore | None) -> None:
    """Set what ministack reads from its environment when it is imported."""
    os.environ.update(
        GATEWAY_PORT=str(port),
        BIND_HOST=HOST,
        LOG_LEVEL=os.environ.get("LOG_LEVEL", "ERROR"),
        # These would open fixed ports, and several local AWSs must run side by side.
        SFTP_ENABLED="0",
        IOT_MTLS_ENABLED="0",
        PERSIST_STATE="1" if data else "0",
        S3_PERSIST="1" if data else "0",
    )
    if data and store:
        objects.mend(data / "s3")
        os.environ.update(STATE_DIR=str(store.latest()), S3_DATA_DIR=str(data / "s3"))


async def _serve(
    listener: socket.socket,
    port: int,
    data: Path | None,
    store: SnapshotStore | None,
    interval: float,
) -> None:
    ministack: Any = importlib.import_module("ministack.app")
    # Its own save at shutdown writes file by file over the state it loaded: a kill in the
    # middle would mix two instants. The last snapshot below takes its place.
    ministack.save_all = lambda _services: None
    stop = _stop_event()
    if store is None or data is None:
        await _listen_until(ministack.app, listener, port, stop)
        return
    snapshots = Snapshotter(ministack, store, data / "snapshot.json", interval)
    periodic = asyncio.create_task(snapshots.run())
    try:
        await _listen_until(snapshots.watching, listener, port, stop)
    finally:
        periodic.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await periodic
        snapshots.finish()


async def _listen_until(
    application: Any, listener: socket.socket, port: int, stop: asyncio.Event
) -> None:
    hypercorn: Any = importlib.import_module("hypercorn.asyncio")
    config: Any = importlib.import_module("hypercorn.config").Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = os.environ["LOG_LEVEL"]
    announce = asyncio.create_task(_announce(port))
    # A long poll that outlives the grace surfaces here as a cancellation; by then the
    # listener is closed, which is all that was asked for.
    with contextlib.suppress(asyncio.CancelledError):
        await hypercorn.serve(application, config, shutdown_trigger=stop.wait)
    announce.cancel()


async def _announce(port: int) -> None:
    """Say on standard output that requests are answered, and where."""
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(HOST, port)
            writer.close()
            break
        await asyncio.sleep(0.02)
    print(json.dumps({"port": port, "pid": os.getpid()}), flush=True)


def _stop_event() -> asyncio.Event:
    """An event set by SIGTERM, SIGINT, or the end of standard input.

    The parent holds the other end of standard input for as long as it lives: however it
    dies, nothing is left orphaned and the last snapshot is still taken.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def parent_spoke() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            stop.set()

    with contextlib.suppress(OSError, ValueError):
        loop.add_reader(sys.stdin.fileno(), parent_spoke)
    return stop


if __name__ == "__main__":
    main()
