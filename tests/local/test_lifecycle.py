"""Starting, stopping, and what survives."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.local.machine import Machine, alive, until

pytestmark = pytest.mark.aws


def put(machine: Machine, key: str) -> None:
    machine.client("dynamodb").put_item(
        TableName="inlet-local", Item={"pk": {"S": key}, "sk": {"S": "x"}}
    )


def keys(machine: Machine) -> set[str]:
    pages = machine.client("dynamodb").get_paginator("scan").paginate(TableName="inlet-local")
    return {item["pk"]["S"] for page in pages for item in page["Items"]}


def snapshot(machine: Machine) -> dict[str, float]:
    status: dict[str, float] = json.loads((machine.data / "aws" / "snapshot.json").read_text())
    return status


def test_a_stop_drains_and_saves(machine: Machine) -> None:
    """SIGTERM lets the handler at work end, leaves the rest queued, exits 0, and loses nothing."""
    machine.send("chunks", "slow")
    until(lambda: machine.seen("slow"))
    put(machine, "kept")
    children = [machine.aws_pid(), *machine.workers()["work"]]
    assert machine.stop() == 0
    assert machine.log("done") == ["slow"]
    assert not any(alive(pid) for pid in children)

    machine.start()
    assert keys(machine) == {"kept"}
    assert machine.waiting("chunks") == 0
    assert len(machine.log("sweep")) in {1, 2}


def test_a_second_interrupt_hurries(machine: Machine) -> None:
    """Ctrl-C twice does not wait for handlers, but still saves."""
    machine.send("chunks", "hang")
    [(_, pid)] = until(lambda: machine.seen("hang"))
    put(machine, "kept")
    assert machine.process is not None
    machine.process.send_signal(signal.SIGINT)
    time.sleep(0.7)
    begun = time.monotonic()
    assert machine.stop(signal.SIGINT) == 0
    assert time.monotonic() - begun < 3
    assert not alive(pid)
    machine.start()
    assert keys(machine) == {"kept"}
    assert machine.waiting("chunks") == 1


def test_a_killed_runner_leaves_nobody_behind(machine: Machine) -> None:
    """After `kill -9` of the runner its children end, the local AWS saves and ends, and the
    next start waits for that."""
    machine.send("chunks", "hang")
    [(_, worker)] = until(lambda: machine.seen("hang"))
    put(machine, "last")
    aws = machine.aws_pid()
    assert machine.process is not None
    machine.process.kill()
    machine.process.wait()
    machine.start()
    assert not alive(worker)
    assert not alive(aws)
    assert keys(machine) == {"last"}


@pytest.mark.slow
def test_a_kill_of_everything_keeps_the_snapshot(machine: Machine) -> None:
    """`kill -9` of every process under writes: what the last snapshot held is there, table and
    queue are of one instant, and no transaction is half there."""
    errors: list[Exception] = []
    acknowledged: dict[int, float] = {}
    thread = threading.Thread(target=_write_pairs, args=(machine, acknowledged, errors))
    thread.start()
    until(lambda: len(acknowledged) > 300)
    until(lambda: snapshot(machine)["as_of"] > min(acknowledged.values()) + 1)
    as_of = snapshot(machine)["as_of"]
    machine.kill()
    thread.join()
    assert errors

    machine.start()
    found = keys(machine)
    left = {number for number in acknowledged if f"left-{number}" in found}
    right = {number for number in acknowledged if f"right-{number}" in found}
    assert left == right
    assert {number for number, at in acknowledged.items() if at < as_of} <= left
    assert left == set(range(len(left)))
    # Each pair's message was sent after it, so there is none without its pair.
    assert len(left) - 1 <= machine.waiting("objects-dead") <= len(left)


def _write_pairs(machine: Machine, acknowledged: dict[int, float], errors: list[Exception]) -> None:
    """Two items in one transaction, then a message, until the server is gone."""
    dynamodb, sqs = machine.client("dynamodb"), machine.client("sqs")
    queue = machine.queue("objects-dead")
    try:
        for number in range(100_000):
            puts: list[Any] = [
                {"Put": {"TableName": "inlet-local", "Item": {"pk": {"S": key}, "sk": {"S": "x"}}}}
                for key in (f"left-{number}", f"right-{number}")
            ]
            dynamodb.transact_write_items(TransactItems=puts)
            acknowledged[number] = time.time()
            sqs.send_message(QueueUrl=queue, MessageBody=str(number))
    except Exception as error:  # the connection ends in one of several ways
        errors.append(error)


def test_objects_survive_a_kill_at_once(machine: Machine) -> None:
    """Objects are written through: even without a snapshot a kill loses none, with versions."""
    s3 = machine.client("s3")
    until(lambda: snapshot(machine)["saved_at"] < snapshot(machine)["as_of"])
    for number in range(3):
        s3.put_object(Bucket="inlet-local", Key="inbox/x", Body=b"%d" % number, Metadata={"n": "1"})
    machine.kill()
    machine.start()
    s3 = machine.client("s3")
    answer = s3.get_object(Bucket="inlet-local", Key="inbox/x")
    assert (answer["Body"].read(), answer["Metadata"]) == (b"2", {"n": "1"})
    assert len(s3.list_object_versions(Bucket="inlet-local")["Versions"]) == 3


def test_the_second_run_over_the_same_data_is_refused(machine: Machine) -> None:
    """One line and exit code 2 when the data, or the port, is in use."""
    assert machine.launch(PORT="0").wait(10) == 2
    assert machine.launch(DATA=str(machine.data) + "-other").wait(10) == 2
    lines = [line for line in machine.output().splitlines() if "choose another" in line]
    assert len(lines) == 2
    assert str(machine.data) in lines[0]
    assert f"Port {machine.port} is taken" in lines[1]
    assert "Traceback" not in machine.output()


def test_a_run_ends_with_the_make_that_started_it(tmp_path: Path) -> None:
    """Started by `make`, the runner stops in good order when `make` is gone."""
    machine = Machine(tmp_path / "data")
    process = machine.launch(INLET_PARENT="1")
    assert process.wait(20) == 0
    assert "Stopping" in machine.output()
    assert (machine.data / "aws" / "snapshots" / "current").exists()


def test_a_stop_that_comes_twice_at_once_is_one(machine: Machine) -> None:
    """A signal to the whole group reaches the runner from `make` too: it still drains."""
    machine.send("chunks", "slow")
    until(lambda: machine.seen("slow"))
    assert machine.process is not None
    machine.process.send_signal(signal.SIGTERM)
    time.sleep(0.05)
    assert machine.stop() == 0
    assert machine.log("done") == ["slow"]


def test_an_outage_of_the_local_aws_does_not_end_the_run(machine: Machine) -> None:
    """When the local AWS dies the product goes on answering, for better or worse."""
    os.kill(machine.aws_pid(), signal.SIGKILL)
    time.sleep(0.5)
    assert machine.healthy()
    assert machine.stop() == 0


def test_a_port_that_is_lost_while_starting_is_said(tmp_path: Path) -> None:
    """Two starts on one port: the one that listens second ends with one line and exit code 2."""
    first, second = Machine(tmp_path / "a" / "data"), Machine(tmp_path / "b" / "data")
    second.port = first.port
    for machine in (first, second):
        machine.data.mkdir(parents=True)
        machine.process = machine.launch()
    processes = [machine.process for machine in (first, second) if machine.process]
    until(lambda: any(process.poll() is not None for process in processes), 30)
    [loser] = [process for process in processes if process.poll() is not None]
    [winner] = [process for process in processes if process is not loser]
    assert loser.returncode == 2
    winner.terminate()
    assert winner.wait(20) == 0
    assert f"Port {first.port} is taken" in first.output() + second.output()
