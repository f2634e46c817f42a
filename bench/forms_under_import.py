"""What a form post waits while an import runs: its p50 against the one at rest.

The forms' door runs here, one post after the other, on a table that answers after 5 ms. One worker
is another process, as it is another Lambda: it imports on a table of its own with the same delay,
until it is told to stop. So two cores are needed to say anything, as on Lambda each has its own.

    python -m bench.forms_under_import [--posts 200]
"""

import argparse
import contextlib
import datetime as dt
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.rows import imported, outside, table_of
from bench.stub import TABLE, StubTable
from chalicelib.doors import front
from chalicelib.doors.catalogue import Catalogue
from chalicelib.intake.form import DEMO_FORM, DEMO_NAME
from chalicelib.model import Request
from chalicelib.settings import Settings
from chalicelib.store.config import Kind
from chalicelib.wiring import Live
from infra.template import ROOT
from tests.fakes import MemoryTable

DELAY = 0.005


class SlowTable(StubTable):
    """The stub, with the time that a table takes: the same for every request."""

    def _count(self, model: Any, **named: object) -> None:
        super()._count(model, **named)
        time.sleep(DELAY)


def post(number: int) -> Request:
    """A new person's form post."""
    fields = {"email": f"person{number}@example.org", "first_name": "Ana", "last_name": "López"}
    headers = {"content-type": "application/json", "accept": "application/json"}
    body = json.dumps(fields).encode()
    return Request("POST", f"/forms/{DEMO_NAME}", headers, {}, body, ip="192.0.2.1")


def door(folder: Path) -> Live:
    """The live objects of the forms' function."""
    settings = Settings("bench", TABLE, "b", "o", "c", "s", b"bench", "https://inlet.example")
    live = Live(settings, outside(folder, SlowTable()))
    live.catalogue = Catalogue(MemoryTable(), lambda: dt.datetime.now(dt.UTC))
    live.catalogue.configuration.put(Kind.FORM, DEMO_NAME, dict(DEMO_FORM))
    return live


def latency(live: Live, first: int, posts: int) -> float:
    """The p50 of so many posts, in milliseconds; each must succeed."""
    waited = []
    for number in range(first, first + posts):
        begun = time.perf_counter()
        answer = front.form(live, DEMO_NAME, post(number))
        waited.append(time.perf_counter() - begun)
        if answer.status not in (200, 201):
            raise RuntimeError(f"answered {answer.status}: {answer.body!r}")
    return 1000 * statistics.median(waited)


@contextlib.contextmanager
def importing() -> Iterator[None]:
    """One worker process that imports until the block is left."""
    command = [sys.executable, "-m", "bench.forms_under_import", "--work"]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=os.environ)
    try:
        assert child.stdout is not None
        child.stdout.readline()  # it is at work
        yield
    finally:
        child.kill()
        child.wait()


def work() -> None:
    """Import again and again, after saying that the first is done."""
    while True:
        imported(table_of(500), SlowTable())
        print("working", flush=True)


def measure(posts: int = 200, rounds: int = 3) -> dict[str, float]:
    """The p50 at rest and while an import runs, medians of rounds taken in turns."""
    rest, busy = [], []
    with tempfile.TemporaryDirectory() as folder:
        live = door(Path(folder))
        latency(live, 0, 20)
        for turn in range(rounds):
            first = 1000 * (2 * turn + 1)
            rest.append(latency(live, first, posts))
            with importing():
                busy.append(latency(live, first + 1000, posts))
    at_rest, under_import = statistics.median(rest), statistics.median(busy)
    return {
        "p50_at_rest_ms": round(at_rest, 2),
        "p50_under_import_ms": round(under_import, 2),
        "ratio": round(under_import / at_rest, 3),
    }


def main() -> None:
    """Measure and print, or be the worker."""
    parser = argparse.ArgumentParser(prog="bench.forms_under_import", description=main.__doc__)
    parser.add_argument("--posts", type=int, default=200)
    parser.add_argument("--work", action="store_true", help="be the worker that imports")
    asked = parser.parse_args()
    if asked.work:
        work()
    print(json.dumps(measure(asked.posts), indent=1))


if __name__ == "__main__":
    main()
