"""`kill -9` of real splitters and workers, again and again: the import comes to the same."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.imports.door import COUNTS, FileDoor, balanced
from tests.imports.test_chaos import mixed
from tests.local.machine import until
from tests.road.stage import Stage

pytestmark = [pytest.mark.aws, pytest.mark.slow]
ROWS, KILLS = 2000, 20


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running stage whose queues deliver again after two seconds, as often as it takes."""
    running = Stage(tmp_path_factory.mktemp("killed") / "data")
    running.start()
    for role in ("objects", "chunks"):
        running.machine.queue(role, VisibilityTimeout="2", RedrivePolicy="")
    yield running
    running.machine.stop(signal.SIGINT)


def test_twenty_killed_workers_change_nothing_that_counts(stage: Stage) -> None:
    """2,000 rows: leads and sums of an import that nobody disturbed, and all balances."""
    chance = random.Random(7)
    body = mixed(ROWS, chance)
    calm = FileDoor()
    expected = calm.import_file("inbox/fair/a.csv", body)
    bucket = stage.machine.environment()["INLET_BUCKET"]
    stage.machine.client("s3").put_object(Bucket=bucket, Key="inbox/fair/a.csv", Body=body)
    killed = 0
    late = time.monotonic() + 180
    while time.monotonic() < late:
        found = stage.imports("inbox/fair/a.csv")
        if killed == KILLS or (found and found[0]["status"] == "done"):
            break
        killed += _kill(stage, chance)
        time.sleep(chance.uniform(0.02, 0.3))
    until(lambda: bool(stage.imports("inbox/fair/a.csv")), 60)
    told = balanced(stage.finished("inbox/fair/a.csv", 300))
    print(f"killed {killed} workers; {[(name, told[name]) for name in COUNTS]}")
    assert killed == KILLS
    assert stage.balanced()
    assert told["merged"] + told["unchanged"] == expected["merged"] + expected["unchanged"]
    same = [name for name in ("rows", *COUNTS) if name not in ("merged", "unchanged")]
    assert [told[name] for name in same] == [expected[name] for name in same]
    assert _emails(stage) == sorted(str(v.get("email", "")) for v in calm.values())


def _kill(stage: Stage, chance: random.Random) -> int:
    """Kill one worker of imports that is there; how many that were."""
    names = [name for name in stage.machine.workers() if name in ("split", "work")]
    pids = [pid for name in names for pid in stage.machine.workers()[name]]
    alive = [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    if not alive:
        return 0
    with suppress(ProcessLookupError):
        os.kill(chance.choice(alive), signal.SIGKILL)
        return 1
    return 0


def _emails(stage: Stage) -> list[str]:
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        query = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
        page = stage.api("GET", "/leads", **query).json
        found += [str(lead["values"].get("email", "")) for lead in page["items"]]
        cursor = page["next"]
    return sorted(found)
