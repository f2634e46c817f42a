"""Queues, schedules and the processes that handle them."""

from __future__ import annotations

import json
import os
import signal

import pytest

from tests.local.machine import Machine, alive, until

pytestmark = pytest.mark.aws


def test_only_failed_messages_come_back(shared: Machine) -> None:
    """Of a batch, what the handler names as failed is delivered again; the rest is deleted."""
    shared.send("chunks", "good-1", "fail-1", "good-2")
    until(lambda: len(shared.seen("fail-1")) == 2)
    assert [count for count, _ in shared.seen("fail-1")] == [1, 2]
    assert len(shared.seen("good-1")) == len(shared.seen("good-2")) == 1


def test_poison_ends_in_the_dead_letter_queue(shared: Machine) -> None:
    """A message that always fails goes to the dead letter queue after its last receive."""
    url = shared.queue("chunks")
    sqs = shared.client("sqs")
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
    policy = json.loads(attributes["Attributes"]["RedrivePolicy"])
    assert int(policy["maxReceiveCount"]) == 5
    short = json.dumps({**policy, "maxReceiveCount": 2})
    shared.queue("chunks", RedrivePolicy=short)
    shared.send("chunks", "fail-poison")
    until(lambda: "fail-poison" in shared.bodies("chunks-dead"))
    assert len(shared.seen("fail-poison")) == 2
    shared.queue("chunks", RedrivePolicy=json.dumps(policy))


def test_an_exception_deletes_nothing(shared: Machine) -> None:
    """When the handler raises, the whole batch comes back after its visibility timeout."""
    shared.send("chunks", "raise")
    until(lambda: len(shared.seen("raise")) >= 2)


def test_a_timeout_kills_the_child(shared: Machine) -> None:
    """A handler past its `lambda_timeout` is killed, and its message handled by another."""
    shared.send("chunks", "hang")
    seen = until(lambda: len(shared.seen("hang")) == 2 and shared.seen("hang"))
    assert seen
    (_, first), (count, second) = seen
    assert count == 2
    assert first != second
    until(lambda: not alive(first))
    until(lambda: first not in shared.workers()["work"])


def test_a_killed_child_loses_no_message(shared: Machine) -> None:
    """After `kill -9` of the process at work another takes its place and the message."""
    shared.send("chunks", "hang-killed")
    _, pid = until(lambda: shared.seen("hang-killed"))[0]
    assert pid in shared.workers()["work"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: len(shared.seen("hang-killed")) == 2)
    until(lambda: pid not in shared.workers()["work"])


def test_an_idle_child_that_dies_is_replaced(shared: Machine) -> None:
    """A child killed between two calls is replaced without waiting for a message."""
    shared.send("spill", "warm")
    [pid] = until(lambda: shared.workers().get("replay") or [])
    until(lambda: shared.waiting("spill") == 0)
    os.kill(pid, signal.SIGKILL)
    until(lambda: shared.workers()["replay"] not in ([], [pid]))


def test_a_dropped_file_reaches_its_handler(shared: Machine) -> None:
    """An object under `inbox/` sends a notification to the objects queue; others do not."""
    s3 = shared.client("s3")
    bucket = shared.environment()["INLET_BUCKET"]
    s3.put_object(Bucket=bucket, Key="elsewhere/a.csv", Body=b"a")
    s3.put_object(Bucket=bucket, Key="inbox/fair/a b.csv", Body=b"a,b\n")
    records = until(
        lambda: [
            json.loads(record["body"])["Records"][0]
            for batch in shared.log("objects")
            for record in batch["Records"]
            if "Records" in json.loads(record["body"])
        ]
    )
    assert [record["s3"]["object"]["key"] for record in records] == ["inbox/fair/a+b.csv"]
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"]


def test_schedules_fire(shared: Machine) -> None:
    """A schedule's handler runs at its rate, with an event as EventBridge shapes it."""
    events = until(lambda: len(shared.log("tick")) >= 2 and shared.log("tick"))
    assert events
    assert events[0]["source"] == "aws.events"
    assert events[0]["detail-type"] == "Scheduled Event"


def test_a_start_sweeps(shared: Machine) -> None:
    """`sweep` runs once at the start, long before its schedule."""
    assert until(lambda: len(shared.log("sweep"))) == 1
