"""The whole road on the local stack: three doors, one lead, and what is there after a restart."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.local.machine import until
from tests.road.stage import SECRET, Stage

pytestmark = [pytest.mark.aws, pytest.mark.slow]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running stage with a webhook endpoint `shop`."""
    running = Stage(tmp_path_factory.mktemp("road") / "data")
    running.start()
    # A killed worker's message comes back after a moment, not after a minute.
    running.machine.queue("chunks", VisibilityTimeout="5")
    endpoint = {"provider": "standard", "secrets": [f"whsec_{SECRET}"]}
    assert running.api("PUT", "/endpoints/shop", endpoint).status == 201
    yield running
    running.machine.stop(signal.SIGINT)


def test_one_person_by_three_doors_is_one_lead(stage: Stage) -> None:
    """Form, webhook, file: three touches, first the form's, last by time; blanks change nothing."""
    posted = stage.post(
        {
            "email": "Ana.Lopez@Gmail.com",
            "phone": "600 123 456",
            "first_name": "Ana",
            "company": "Acme",
        }
    )
    assert posted.status == 200
    # What came first is told by the clock, which may be set back a little at any time.
    time.sleep(1)
    delivered = stage.deliver(
        "msg_1", {"email": "ana.lopez@gmail.com", "city": "Madrid"}, int(time.time())
    )
    assert delivered.status == 200
    time.sleep(1)
    body = "Teléfono;Nombre;Empresa;Cargo\n+34600123456;;;Directora\n".encode()
    summary = stage.drop("inbox/fair/people.csv", body)
    assert (summary["rows"], summary["merged"]) == (1, 1)
    lead = stage.lead(email="ana.lopez@gmail.com")
    assert lead["values"] == {
        "email": "ana.lopez@gmail.com",
        "phone": "+34600123456",
        "first_name": "Ana",
        "company": "Acme",
        "city": "Madrid",
        "job_title": "Directora",
    }
    assert lead["touches"] == 3
    assert (lead["first_touch"]["door"], lead["last_touch"]["door"]) == ("form", "file")
    assert lead["id"] == stage.lead(phone="+34600123456")["id"]
    assert stage.balanced()


def test_fifty_identical_posts_at_once_are_one_touch(stage: Stage) -> None:
    """The same `_id`: one lead, one touch, `repeats` 49, the same answer to all."""
    fields = {"email": "fifty@example.org", "_id": "the-same"}
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: stage.post(fields), range(50)))
    assert {answer.status for answer in answers} == {200}
    (text,) = {answer.text for answer in answers}
    assert stage.lead(email="fifty@example.org")["touches"] == 1
    receipt = stage.post(fields).json["receipt"]
    assert receipt in text
    assert stage.api("GET", f"/submissions/{receipt}").json["repeats"] == 50


def test_an_import_whose_workers_are_killed_comes_out_the_same(stage: Stage) -> None:
    """`kill -9` on the way: every row counted once, the sums balance."""
    rows = [f"k{n}@example.org,+346{n:08d}" if n % 40 else f"nobody{n}," for n in range(4000)]
    key = "inbox/fair/killed.csv"
    body = "\n".join(["email,phone", *rows]).encode()
    bucket = stage.machine.environment()["INLET_BUCKET"]
    stage.machine.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    for done in (500, 2000):
        until(partial(stage.worked, key, done), 60)
        for pid in stage.machine.workers().get("work", []):
            os.kill(pid, signal.SIGKILL)
    summary = stage.finished(key, 120)
    counts = {name: summary[name] for name in ("rows", "created", "rejected", "repeated")}
    assert counts == {"rows": 4000, "created": 3900, "rejected": 100, "repeated": 0}
    assert stage.file(f"reports/{summary['import']}/errors.csv").count(b"email_invalid") == 100
    assert stage.balanced()


def test_the_same_object_dropped_again_is_repeated(stage: Stage) -> None:
    """Every row that took effect is `repeated`; under another name it is `unchanged`."""
    body = b"email,first_name\nagain@example.org,Ana\nnobody,Eva\n"
    first = stage.drop("inbox/fair/again.csv", body)
    second = stage.drop("inbox/fair/again.csv", body)
    other = stage.drop("inbox/fair/other.csv", body)
    assert (first["created"], first["rejected"]) == (1, 1)
    assert (second["repeated"], second["rejected"]) == (1, 1)
    assert (other["unchanged"], other["rejected"]) == (1, 1)


def test_leads_are_there_after_a_restart(tmp_path: Path) -> None:
    """After Ctrl-C, and after `kill -9` what an earlier snapshot holds: nothing half written."""
    stage = Stage(tmp_path / "data")
    stage.start()
    stage.post({"email": "kept@example.org"})
    assert stage.machine.stop(signal.SIGINT) == 0
    stage.start()
    assert stage.lead(email="kept@example.org")["touches"] == 1
    stage.post({"email": "snapshot@example.org"})
    time.sleep(3)
    stage.machine.kill()
    stage.start()
    assert stage.lead(email="snapshot@example.org")["touches"] == 1
    assert stage.balanced()
    stage.machine.stop(signal.SIGINT)
