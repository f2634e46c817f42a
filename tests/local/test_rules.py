"""Rules that need no process: partial batches, schedules, routes, snapshots."""

from __future__ import annotations

import json
import select
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.backend import ROOT
from local.options import Options
from local.pump import done
from local.requests import HttpRequest, Match, Routes, gateway_event
from local.resources import Queue, Resources
from local.schedule import parse
from local.snapshots import SnapshotStore, changes_something, write_states

BATCH = [{"MessageId": "a"}, {"MessageId": "b"}]


@pytest.mark.parametrize(
    ("answer", "deleted"),
    [
        (None, "ab"),
        ({}, "ab"),
        ({"batchItemFailures": None}, "ab"),
        ({"batchItemFailures": []}, "ab"),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, "b"),
        ({"batchItemFailures": [{"itemIdentifier": "a"}, {"itemIdentifier": "b"}]}, ""),
        ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, ""),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, ""),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, ""),
        ({"batchItemFailures": [{"itemIdentifier": ["a"]}]}, ""),
        ({"batchItemFailures": [{"id": "a"}]}, ""),
        ({"batchItemFailures": ["a"]}, ""),
        ({"batchItemFailures": "a"}, ""),
        ("fine", ""),
        (True, ""),
    ],
)
def test_what_is_deleted_after_an_answer(answer: Any, deleted: str) -> None:
    """Success deletes all; named failures stay; an answer that is not understood deletes nothing."""
    assert "".join(message["MessageId"] for message in done(BATCH, answer)) == deleted


START = datetime(2026, 2, 27, 22, 58, 30, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 minute)", "2026-02-27 22:59:30"),
        ("rate(5 minutes)", "2026-02-27 23:03:30"),
        ("rate(2 days)", "2026-03-01 22:58:30"),
        ("cron(0 * * * ? *)", "2026-02-27 23:00:00"),
        ("cron(0/15 * * * ? *)", "2026-02-27 23:00:00"),
        ("cron(59 22 * * ? *)", "2026-02-27 22:59:00"),
        ("cron(58 22 * * ? *)", "2026-02-28 22:58:00"),
        ("cron(30 2 ? * MON-FRI *)", "2026-03-02 02:30:00"),
        ("cron(30 2 ? * 1 *)", "2026-03-01 02:30:00"),
        ("cron(0 6,18 1 JAN,JUL ? *)", "2026-07-01 06:00:00"),
        ("cron(0 0 29 2 ? *)", "2028-02-29 00:00:00"),
    ],
)
def test_when_a_schedule_fires_next(expression: str, expected: str) -> None:
    """Rates count from now; cron takes lists, ranges, steps and names, with Sunday as 1."""
    assert parse(expression)(START) == datetime.fromisoformat(expected + "+00:00")


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "rate(5)",
        "rate(1 fortnight)",
        "cron(0 0 L * ? *)",
        "cron(61 * * * ? *)",
        "cron(* * * *)",
    ],
)
def test_a_schedule_that_is_not_understood_is_an_error(expression: str) -> None:
    """A start fails for a schedule that would never fire as meant."""
    with pytest.raises(ValueError):
        parse(expression)


def test_a_schedule_always_moves_on() -> None:
    """The next time is later than the last one."""
    following = parse("cron(* * * * ? *)")
    assert following(START.replace(second=0)) - START.replace(second=0) == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", Match("/", {})),
        ("/forms/a/", Match("/forms/{form}", {"form": "a"})),
        ("/forms/a%20b", Match("/forms/{form}", {"form": "a b"})),
        ("/forms/mine", Match("/forms/mine", {})),
        ("/forms/a/token", Match("/forms/{form}/token", {"form": "a"})),
        ("/files/a/b", Match("/files/{proxy+}", {"proxy": "a/b"})),
        ("/forms", None),
        ("/forms//token", None),
        ("/files", None),
    ],
)
def test_which_route_a_path_belongs_to(path: str, expected: Match | None) -> None:
    """A literal segment wins over a placeholder, whatever the order of declaration."""
    patterns = ["/files/{proxy+}", "/forms/{form}/token", "/forms/{form}", "/forms/mine", "/"]
    assert Routes(patterns).find(path) == expected


def test_repeated_headers_and_queries() -> None:
    """As at the gateway: the last one in the single maps, all in the others; the client's
    address goes to the end of `X-Forwarded-For`."""
    headers = (("Cookie", "a=1"), ("Cookie", "b=2"), ("x-forwarded-for", "9.9.9.9"))
    request = HttpRequest("GET", "/x?q=1&q=2", headers, b"", "127.0.0.1")
    event = gateway_event(request, Match("/x", {}), "GET", [])
    assert event["headers"]["Cookie"] == "b=2"
    assert event["multiValueHeaders"]["Cookie"] == ["a=1", "b=2"]
    assert event["multiValueHeaders"]["X-Forwarded-For"] == ["9.9.9.9, 127.0.0.1"]
    assert event["queryStringParameters"] == {"q": "2"}
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"]}
    assert (event["body"], event["isBase64Encoded"]) == (None, False)


def test_queues_are_found_by_role() -> None:
    """A decorator's queue is known by how it ends, with the stage or without, as name or ARN."""
    queues = {role: Queue(f"http://{role}", f"arn:{role}") for role in ("objects", "chunks")}
    made = Resources("table", "bucket", queues)
    for name in ("objects", "inlet-objects", "arn:aws:sqs:eu-west-1:1:x-objects"):
        assert made.queue(name) == queues["objects"]
    assert made.queue("inlet-other") is None


def test_timeouts_are_the_deployed_ones(tmp_path: Path) -> None:
    """A handler's own timeout, else its stage's, else a minute; the stage `local` goes first."""
    options = Options(port=0, data=tmp_path, app=tmp_path, snapshot_interval=2, drain=1)
    assert options.timeout("work") == 60
    stages: dict[str, Any] = {
        "dev": {"lambda_timeout": 50, "lambda_functions": {"work": {"lambda_timeout": 300}}},
        "local": {"lambda_functions": {"work": {"lambda_timeout": 30}}},
    }
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"stages": stages}))
    assert (options.timeout("work"), options.timeout("other")) == (30, 50)


@pytest.mark.parametrize(
    ("method", "target", "answer", "changes"),
    [
        ("GET", "", b"", False),
        ("HEAD", "", b"", False),
        ("PUT", "", b"", True),
        ("POST", "DynamoDB_20120810.GetItem", b"", False),
        ("POST", "DynamoDB_20120810.TransactGetItems", b"", False),
        ("POST", "DynamoDB_20120810.Query", b"", False),
        ("POST", "DynamoDB_20120810.BatchExecuteStatement", b"", True),
        ("POST", "AmazonSQS.ReceiveMessage", b'{"Messages": []}', False),
        ("POST", "AmazonSQS.ReceiveMessage", b'{"Messages": [{"MessageId": "', True),
        ("POST", "AmazonSQS.DeleteMessage", b"", True),
    ],
)
def test_which_requests_lead_to_a_snapshot(
    method: str, target: str, answer: bytes, changes: bool
) -> None:
    """What only reads leads to none; a receive that hid messages does."""
    scope = {"method": method, "path": "/", "headers": [(b"x-amz-target", target.encode())]}
    assert changes_something(scope, answer) is changes


def test_a_snapshot_that_fails_leaves_the_last_one(tmp_path: Path) -> None:
    """A state that cannot be read or written fails the whole snapshot, never a part of it."""
    store = SnapshotStore(tmp_path)
    first = store.partial()
    (first / "sqs.json").write_text("whole")
    store.commit(first)

    def broken() -> Any:
        raise RuntimeError

    partial = store.partial()
    with pytest.raises((RuntimeError, KeyError)):
        write_states({"sqs": broken}, partial)
    assert (store.latest() / "sqs.json").read_text() == "whole"
    assert (SnapshotStore(tmp_path).latest() / "sqs.json").read_text() == "whole"
    assert not partial.exists()


def test_a_child_ends_with_its_runner(tmp_path: Path) -> None:
    """A child whose runner is gone ends, also where its last answer was never read."""
    (tmp_path / "app.py").write_text("app = None\ndef handler(event, context): return event\n")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        command = [sys.executable, "-m", "local.worker", str(theirs.fileno()), str(tmp_path)]
        child = subprocess.Popen([*command, "handler"], cwd=ROOT, pass_fds=[theirs.fileno()])
        assert select.select([ours], [], [], 20)[0]
    assert child.wait(10) == 0
