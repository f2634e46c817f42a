"""`kill -9` of real splitters and workers, again and again: the import comes to the same."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.imports.door import COUNTS, FileDoor, balanced
from tests.imports.test_chaos import mixed
from tests.local.machine import until
from tests.road.faults import PYTHON, Faults
from tests.road.stage import Stage

pytestmark = [pytest.mark.aws, pytest.mark.slow]
ROWS, KILLS = 2000, 20


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running stage whose queues deliver again after two seconds, as often as it takes."""
    running = Stage(tmp_path_factory.mktemp("killed") / "data")
    running.start()
    _patient(running)
    yield running
    running.machine.stop(signal.SIGINT)


@pytest.fixture
def faults(tmp_path: Path) -> Iterator[Faults]:
    """A proxy before a local AWS to be started."""
    if not PYTHON.exists():
        pytest.skip("microburst is not there: make test installs it into .venv-faults")
    proxy = Faults(tmp_path / "faults.log")
    yield proxy
    proxy.stop()


@pytest.fixture
def shaken(tmp_path: Path, faults: Faults) -> Iterator[Stage]:
    """Such a stage that reaches AWS through the proxy."""
    running = Stage(tmp_path / "data")
    # Where the local AWS will be is remembered from the last run.
    (running.machine.data / "aws").mkdir(parents=True)
    (running.machine.data / "aws" / "port").write_text(str(faults.upstream))
    running.start(INLET_AWS_ENDPOINT=faults.url)
    _patient(running)
    yield running
    running.machine.stop(signal.SIGINT)


def test_twenty_killed_workers_change_nothing_that_counts(stage: Stage) -> None:
    """2,000 rows: leads and sums of an import that nobody disturbed, and all balances."""
    _disturbed(stage, random.Random(7))


def test_nor_do_they_while_one_call_in_a_hundred_fails(shaken: Stage, faults: Faults) -> None:
    """Every service refuses, breaks, or does as told and loses the answer, while workers die."""
    faults.begin(0.01)
    try:
        _disturbed(shaken, random.Random(11), faults)
    finally:
        fired = faults.end()
    print("failed calls:", Counter((f["service"], f["action"].partition(":")[0]) for f in fired))
    assert {fault["service"] for fault in fired} >= {"dynamodb", "s3"}


def _patient(stage: Stage) -> None:
    for role in ("objects", "chunks"):
        stage.machine.queue(role, VisibilityTimeout="2", RedrivePolicy="")


def _disturbed(stage: Stage, chance: random.Random, faults: Faults | None = None) -> None:
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
    stage.finished("inbox/fair/a.csv", 300)
    told = balanced(stage.imports("inbox/fair/a.csv")[0])
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
        page = stage.answered("/leads", **query)
        found += [str(lead["values"].get("email", "")) for lead in page["items"]]
        cursor = page["next"]
    return sorted(found)
