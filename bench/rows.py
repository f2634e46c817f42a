"""What an imported row costs: CPU of the whole worker path against other ways, in one run.

Against (a) `csv.reader` alone, (b) the same validation with the same items saved one by one through
PynamoDB, both on a table that answers at once, and (c) django-import-export with its bulk option on
SQLite, doing the same upsert by e-mail. Ratios hold on any machine; microseconds do not.

    python -m bench.rows [--rows 5000] [--rounds 3]
"""

import argparse
import csv
import datetime as dt
import io
import json
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from bench.stub import TABLE, DiskFiles, StubTable, silence
from chalicelib.fields._standard import STANDARD
from chalicelib.imports.notification import Notification
from chalicelib.imports.split import split
from chalicelib.imports.work import work
from chalicelib.intake.identify import Keyring
from chalicelib.intake.receive import receive
from chalicelib.intake.rules import Rules
from chalicelib.model import Door, Source, Submission
from chalicelib.ports import Item, Key, Outside
from chalicelib.store.items import INDEX_ATTRIBUTES
from chalicelib.store.upsert import Upsert
from infra.template import ROOT
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
    table: Any = OneByOne()  # all of `ports.Table` that a single submission asks for
    leads = Upsert(table, Keyring(b"bench"))
    rules = Rules(fields=STANDARD, default_region="ES")
    now = dt.datetime.now(dt.UTC)
    begun = time.process_time()
    for number, row in enumerate(csv.DictReader(io.StringIO(body.decode()))):
        source = Source(door="api", name="fair")
        one = Submission(f"{number:032x}", Door.API, now, now, dict(row), source, ordinal=number)
        receive([one], rules, leads)
    return time.process_time() - begun


class OneByOne:
    """A table of which nothing is read, and in which every item is a `Model.save()` of its own.

    What is written is what an import writes, conditions left out; that reading takes no time at all
    is in its favour.
    """

    def __init__(self) -> None:
        from pynamodb.attributes import NumberAttribute, UnicodeAttribute

        from chalicelib.aws.schema import model

        texts = {name: UnicodeAttribute(null=True) for name in _TEXTS}
        own: Any = texts | {"v": NumberAttribute()}
        self._stored: Any = cast(Any, type("Saved", (model(TABLE),), own))
        silence(self._stored._get_connection().connection.client)
        self.saved = 0

    def get(self, keys: Sequence[Key]) -> dict[Key, Item]:  # noqa: ARG002
        return {}

    def transact(self, writes: Sequence[Any]) -> bool:
        for write in writes:
            self._stored(write.key.pk, write.key.sk, v=1, **write.item).save()
        self.saved += len(writes)
        return True


_TEXTS = ("b", "fate", "lead", "node", "chunk", "try", *INDEX_ATTRIBUTES)


def in_django(body: bytes) -> Mapping[str, float]:
    """CPU seconds of django-import-export, with Django's checks and without; nothing if not there."""
    python = ROOT / ".venv-bench" / "bin" / "python"
    if not python.exists():
        return {}
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(body)
        file.flush()
        command = [str(python), "-m", "bench.django_rows", file.name]
        told = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    found: dict[str, float] = json.loads(told.stdout)
    return found


def measure(rows: int, rounds: int = 3) -> dict[str, Any]:
    """Every figure of this page, for so many rows: medians of rounds taken in turns."""
    body = table_of(rows)
    imported(table_of(500), StubTable())  # warm: clients, field types, patterns
    one_by_one(table_of(100))
    spent: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        table = StubTable()
        splitting, working = imported(body, table)
        spent["splitter"].append(splitting)
        spent["worker"].append(working)
        spent["csv.reader"].append(reading(body))
        spent["pynamodb"].append(one_by_one(body))
        for name, seconds in in_django(body).items():
            spent[f"django, {name}"].append(seconds)
    took = {name: statistics.median(some) for name, some in spent.items()}
    return {
        "rows": rows,
        "microseconds_per_row": {n: round(1e6 * s / rows, 1) for n, s in took.items()},
        "rows_per_cpu_second": round(rows / took["worker"]),
        "worker_against": {
            name: round(took[name] / took["worker"], 3) for name in took if name != "worker"
        },
        "requests_per_row": round(sum(table.requests.values()) / rows, 3),
        "write_units_per_row": round(units(body) / rows, 2),
    }


def imported(body: bytes, table: Any) -> tuple[float, float]:
    """CPU seconds of the splitter and of the workers, in a folder of their own."""
    with tempfile.TemporaryDirectory() as folder:
        return run(body, table, Path(folder))


def units(body: bytes) -> float:
    """The write units of the leads' items, indexes included."""
    memory = MemoryTable()
    imported(body, memory)
    return write_units((k, v) for k, v in memory.items.items() if not k.pk.startswith("I#"))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(json.dumps(measure(asked.rows, asked.rounds), indent=1))


if __name__ == "__main__":
    main()
