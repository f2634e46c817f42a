"""Peak memory of the splitter and of the worker: it must not grow with the file.

Each run is a process of its own; its peak resident size is what counts.

    python -m bench.memory [--small 10000] [--large 1000000]
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.rows import KEY, Sink, notification, outside
from bench.stub import StubTable
from chalicelib.imports.split import split
from chalicelib.imports.work import work
from chalicelib.intake.identify import Keyring
from chalicelib.ports import Insert, Item, Key, Update
from chalicelib.store.upsert import Upsert


class NullTable(StubTable):
    """A store that answers at once without even a client: what remains is the worker's own."""

    def get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        own = [key for key in keys if key.pk.startswith("I#")]
        return self._memory.get(own) if own else {}

    def write(self, writes: Sequence[Insert | Update]) -> list[bool]:
        if writes and writes[0].key.pk.startswith("I#"):
            return self._memory.write(writes)
        return [True] * len(writes)


class Counted(Sink):
    """A queue that remembers how many messages it took, and of what kind the last was."""

    def send(self, messages: Any, *, delay: int = 0) -> None:  # noqa: ARG002
        for message in messages:
            self.sent = [message]


def write_table(path: Path, rows: int) -> int:
    """Write the file piece by piece; its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        stream.write("email,phone,first_name,last_name,company\n")
        for n in range(rows):
            stream.write(f"person{n}@example.org,+346{n:08d},Ana,López {n},Acme\n")
    return path.stat().st_size


def run(part: str, rows: int) -> int:
    """Split, or split and work, so many rows; the peak of this process in KiB."""
    with tempfile.TemporaryDirectory() as folder:
        table: Any = NullTable()
        ports = outside(Path(folder), table)
        size = write_table(Path(folder) / KEY, rows)
        _split(ports, size, keep=part == "work")
        if part == "work":
            leads = Upsert(table, Keyring(b"bench"))
            chunks: Any = ports.chunks
            for message in chunks.sent:
                work(json.loads(message), ports, leads)
    return _peak_kib()


def _peak_kib() -> int:
    """The high-water mark since this program was loaded; `ru_maxrss` would count its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1])


def _split(ports: Any, size: int, *, keep: bool) -> None:
    if not keep:
        object.__setattr__(ports, "chunks", Counted())
    split(notification(size), ports, {"region": "ES"})


def peak(part: str, rows: int) -> int:
    """The peak of a fresh process in KiB."""
    command = [sys.executable, "-m", "bench.memory", "--part", part, "--rows", str(rows)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout)


def measure(small: int, large: int) -> Mapping[str, float]:
    """How many times more memory the large file takes, for both parts."""
    figures: dict[str, float] = {}
    for part in ("split", "work"):
        least, most = peak(part, small), peak(part, large)
        figures[f"{part}_peak_mib_{small}"] = round(least / 1024, 1)
        figures[f"{part}_peak_mib_{large}"] = round(most / 1024, 1)
        figures[f"{part}_peak_ratio"] = round(most / least, 3)
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--part", choices=["split", "work"])
    parser.add_argument("--rows", type=int, default=0)
    given = parser.parse_args()
    if given.part:
        print(run(given.part, given.rows))
    else:
        print(json.dumps(measure(given.small, given.large), indent=1))


if __name__ == "__main__":
    main()
