"""What an imported row costs: CPU against `csv.reader` and against saving items one by one.

All in one run, against a table that answers at once: the ratios hold on any machine.

    python -m bench.rows [--rows 5000]
"""

import argparse
import csv
import datetime as dt
import io
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.stub import TABLE, DiskFiles, StubTable, silence
from chalicelib.fields._standard import STANDARD
from chalicelib.imports.notification import Notification
from chalicelib.imports.split import split
from chalicelib.imports.work import work
from chalicelib.intake.identify import Keyring
from chalicelib.intake.receive import receive
from chalicelib.intake.rules import Rules
from chalicelib.model import Door, Source, Submission, Touch
from chalicelib.ports import Outside
from chalicelib.store.upsert import Upsert
from tests.fakes import MemoryTable
from tests.store.units import write_units

KEY = "inbox/fair/people.csv"


def table_of(rows: int) -> bytes:
    """A file of new people with e-mail, phone, name and company."""
    lines = ["email,phone,first_name,last_name,company"]
    lines += [f"person{n}@example.org,+346{n:08d},Ana,López {n},Acme" for n in range(rows)]
    return "\n".join(lines).encode()


class Sink:
    """A queue that keeps its messages."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, messages: Any, *, delay: int = 0) -> None:  # noqa: ARG002
        self.sent += list(messages)


def outside(folder: Path, table: Any) -> Outside:
    """The ports on a folder and a stub."""
    return Outside(
        table=table,
        files=DiskFiles(folder),
        objects=Sink(),
        chunks=Sink(),
        spill=Sink(),
        send=lambda _request: (_ for _ in ()).throw(RuntimeError()),
        now=lambda: dt.datetime.now(dt.UTC),
        secret=b"bench",
    )


def notification(size: int) -> Notification:
    """What S3 says of the dropped file."""
    return Notification("bucket", KEY, "0" * 32, "", "1", int(time.time() * 1000), size)


def run(body: bytes, table: Any, folder: Path) -> tuple[float, float]:
    """Split and work a file; CPU seconds of the splitter and of the workers."""
    ports = outside(folder, table)
    ports.files.write(KEY, body)
    begun = time.process_time()
    split(notification(len(body)), ports, {"region": "ES"})
    halfway = time.process_time()
    leads = Upsert(table, Keyring(b"bench"))
    chunks: Any = ports.chunks
    for message in chunks.sent:
        work(json.loads(message), ports, leads)
    return halfway - begun, time.process_time() - halfway


def reading(body: bytes) -> float:
    """CPU seconds of `csv.reader` alone."""
    begun = time.process_time()
    for _ in csv.reader(io.StringIO(body.decode())):
        pass
    return time.process_time() - begun


def one_by_one(body: bytes) -> float:
    """CPU seconds of the same validation, with the same items saved through PynamoDB."""
    from pynamodb.attributes import UnicodeAttribute

    from chalicelib.aws.schema import model

    stored: Any = type("Saved", (model(TABLE),), {n: UnicodeAttribute(null=True) for n in _NAMES})
    silence(stored._get_connection().connection.client)
    saver = _Saver(stored)
    rules = Rules(fields=STANDARD, default_region="ES")
    now = dt.datetime.now(dt.UTC)
    begun = time.process_time()
    for number, row in enumerate(csv.DictReader(io.StringIO(body.decode()))):
        source = Source(door="file", name="fair")
        one = Submission(f"{number:032x}", Door.FILE, now, now, dict(row), source, ordinal=number)
        receive([one], rules, saver)
    return time.process_time() - begun


_NAMES = ("b", "fate", "lead", "node", "g1", "g1s", "g2", "g2s", "g3", "g3s", "v_")


class _Saver:
    """Stores each touch as the store would, but one item a call."""

    def __init__(self, stored: Any) -> None:
        self.ring = Keyring(b"bench")
        self._stored = stored

    def store(self, touches: Any) -> list[Touch]:
        memory = MemoryTable()
        done = Upsert(memory, self.ring).store([_alone(touch) for touch in touches])
        for key, item in memory.items.items():
            texts = {n: str(v) for n, v in item.items() if n in _NAMES}
            self._stored(key.pk, key.sk, **texts).save()
        return done


def _alone(touch: Touch) -> Touch:
    return touch


def measure(rows: int) -> dict[str, float]:
    """Every figure of this page, for so many rows."""
    body = table_of(rows)
    with tempfile.TemporaryDirectory() as folder:
        table = StubTable()
        splitting, working = run(body, table, Path(folder))
        requests = sum(table.requests.values())
    with tempfile.TemporaryDirectory() as folder:
        memory = MemoryTable()
        run(body, memory, Path(folder))
        people = {k: v for k, v in memory.items.items() if not k.pk.startswith("I#")}
        units = write_units(people.items())
    plain, single = best(reading, body), one_by_one(body)
    return {
        "rows": rows,
        "rows_per_cpu_second": round(rows / working),
        "splitter_rows_per_cpu_second": round(rows / splitting),
        "cpu_per_row_against_csv_reader": round(working / plain, 1),
        "times_faster_than_pynamodb_one_by_one": round(single / working, 2),
        "requests_per_row": round(requests / rows, 3),
        "write_units_per_row": round(units / rows, 2),
    }


def best(measured: Callable[[bytes], float], body: bytes) -> float:
    """The least of three."""
    return min(measured(body) for _ in range(3))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=5000)
    print(json.dumps(measure(parser.parse_args().rows), indent=1))


if __name__ == "__main__":
    main()
