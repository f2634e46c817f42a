"""What an import costs: requests a row, and memory that does not grow with the file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports.door import FileDoor, people

ROOT = Path(__file__).resolve().parents[2]
# Peak memory of one split, of rows that are made as they are read and chunks that are thrown away.
MEASURE = """
import io, resource, sys, tracemalloc
from tests.imports.door import FileDoor
rows = int(sys.argv[1])
row = b"Ana,Gil,ana%08d@example.org,+346%08d,Acme and Sons\\r\\n"
class Endless(io.RawIOBase):
    def __init__(self): self.n, self.rest = 0, b"first_name,last_name,email,phone,company\\r\\n"
    def read(self, size=-1):
        while len(self.rest) < size and self.n < rows:
            self.rest += b"".join(row % (n, n) for n in range(self.n, min(self.n + 500, rows)))
            self.n = min(self.n + 500, rows)
        data, self.rest = self.rest[:size], self.rest[size:]
        return data
door = FileDoor()
notification = door.drop("inbox/a.csv", b"x")
door.files.open = lambda key, version="": Endless()
put = door.files._put
door.files._put = lambda key, body, meta: put(key, body, meta) if "plan" in key else None
door.chunks.send = lambda messages, delay=0: None
door.run()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_new_people_cost_less_than_a_third_of_a_request_each() -> None:
    """500 new people with e-mail and phone: all requests to the table, and to bucket and queues."""
    door = FileDoor()
    found = door.import_file("inbox/fair/a.csv", people(500))
    assert found["created"] == 500
    assert sum(door.table.requests.values()) / 500 <= 0.3
    assert sum(door.files.requests.values()) + sum(door.chunks.requests.values()) < 25


def test_each_further_chunk_costs_what_the_first_did() -> None:
    """2,000 people in four chunks cost no more a row than 500 in one."""
    door = FileDoor()
    found = door.import_file("inbox/fair/a.csv", people(2000))
    assert found["created"] == 2000
    assert sum(door.table.requests.values()) / 2000 <= 0.27


@pytest.mark.slow
def test_splitting_takes_no_more_memory_for_more_rows() -> None:
    """200,000 rows at most 1.2 times as much as 10,000."""
    small, large = (_peak(rows) for rows in (10_000, 200_000))
    assert large <= 1.2 * small


def _peak(rows: int) -> int:
    command = [sys.executable, "-c", MEASURE, str(rows)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=120)
    return int(json.loads(done.stdout))
