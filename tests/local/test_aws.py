"""The local AWS: what is relied on inside ministack, and when it takes snapshots."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local import backend
from local.backend import Backend
from tests.aws_local import LocalAws
from tests.local.machine import until

pytestmark = pytest.mark.aws

INTERNALS = """
import importlib.metadata, inspect, json, sys
sys.argv = ["ministack"]
import ministack.app as app
from ministack.core import persistence
from ministack.services import dynamodb, s3, sqs
assert callable(app.save_all) and callable(app._load_persisted_state)
assert "save_all(_build_persistence_save_dict())" in inspect.getsource(app._handle_lifespan)
states = app._build_persistence_save_dict()
assert {"dynamodb", "s3", "sqs"} <= set(states), sorted(states)
assert isinstance(persistence._state_format_version("sqs"), int)
json.dumps({name: get() for name, get in states.items()}, default=persistence._json_default)
body, sidecar = inspect.getsource(s3._persist_object).split('_atomic_write(fpath, data)')
assert "meta.json" in sidecar and "meta.json" not in body
print(importlib.metadata.version("ministack"))
"""


class Store:
    """A local AWS over one directory, started and stopped at will."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.running: Backend | None = None

    def start(self) -> None:
        self.running = backend.start(self.data, interval=0.2)

    def client(self, service: str) -> Any:
        assert self.running is not None
        return boto3.client(service, **LocalAws(self.running.endpoint).client)

    def status(self) -> dict[str, float]:
        status: dict[str, float] = json.loads((self.data / "snapshot.json").read_text())
        return status

    def current(self) -> str:
        return (self.data / "snapshots" / "current").readlink().name

    def kill(self) -> None:
        assert self.running is not None
        self.running.kill()

    def settled(self) -> str:
        """The snapshot, once it holds everything."""
        begun = time.time()
        until(lambda: self.status()["as_of"] > begun)
        return self.current()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    backend.bypass_proxies()
    store = Store(tmp_path / "aws")
    store.start()
    yield store
    assert store.running is not None
    store.running.stop()


def test_the_internals_are_as_pinned() -> None:
    """ministack is the version that `local/requirements.txt` names, with the insides that
    `local/aws.py` and `local/snapshots.py` reach into."""
    answer = subprocess.run(
        [backend.PYTHON, "-c", INTERNALS], capture_output=True, text=True, check=False, timeout=60
    )
    assert answer.returncode == 0, answer.stderr
    requirements = (backend.ROOT / "local" / "requirements.txt").read_text()
    pinned = re.search(r"^ministack==(\S+)$", requirements, re.MULTILINE)
    assert pinned
    assert answer.stdout.split()[-1] == pinned[1]


def test_reading_takes_no_snapshot(store: Store) -> None:
    """Without changes nothing is written, and what lies on disk counts as current."""
    sqs = store.client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    first = store.settled()
    sqs.list_queues()
    sqs.receive_message(QueueUrl=url)
    assert store.settled() == first
    sqs.send_message(QueueUrl=url, MessageBody="x")
    second = store.settled()
    assert second != first
    sqs.receive_message(QueueUrl=url)
    assert store.settled() != second


def test_only_one_snapshot_is_kept(store: Store) -> None:
    """Older snapshots, and what a killed run left half-written, are removed."""
    sqs = store.client("sqs")
    for number in range(3):
        sqs.create_queue(QueueName=f"queue-{number}")
        store.settled()
    directory = store.data / "snapshots"
    assert {entry.name for entry in directory.iterdir()} == {"current", store.current()}
    store.kill()
    (directory / "99.partial").mkdir()
    store.start()
    assert len(store.client("sqs").list_queues()["QueueUrls"]) == 3
    assert not (directory / "99.partial").exists()


def test_a_torn_overwrite_is_undone(store: Store) -> None:
    """Bytes replaced without their metadata, as a kill leaves them, give way to the version
    before; a first upload that got no further is gone."""
    s3 = store.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="bucket", Key="a/b", Body=b"old", Metadata={"m": "1"})
    store.settled()
    store.kill()
    [file] = (store.data / "s3").glob("0*/bucket/a/b")
    meta = json.loads(Path(f"{file}.meta.json").read_text())
    kept = store.data.joinpath("s3", ".versions", "000000000000", "bucket", meta["version_id"], "a")
    kept.mkdir(parents=True)
    (kept / "b").write_bytes(b"old")
    time.sleep(0.02)
    file.write_bytes(b"new, without its metadata")
    file.with_name("c").write_bytes(b"first upload")

    store.start()
    s3 = store.client("s3")
    answer = s3.get_object(Bucket="bucket", Key="a/b")
    assert (answer["Body"].read(), answer["Metadata"]) == (b"old", {"m": "1"})
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="bucket")["Contents"]] == ["a/b"]


def test_the_port_is_kept_if_it_is_free(store: Store) -> None:
    """The preferred port is taken again, or a free one where somebody else has it."""
    assert store.running is not None
    port = store.running.port
    other = backend.start(port=port)
    assert other.port != port
    other.stop()
    store.running.stop()
    store.running = backend.start(store.data, port=port)
    assert store.running.port == port


def test_it_listens_on_loopback_alone(store: Store) -> None:
    """The local AWS, which guards nothing, cannot be reached from outside."""
    assert store.running is not None
    wanted = f"{store.running.port:04X}"
    sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {fields[1] for fields in sockets if fields[3] == "0A"}
    assert [address for address in listening if address.endswith(wanted)] == [f"0100007F:{wanted}"]


@pytest.mark.slow
def test_many_kills_never_tear_a_snapshot(tmp_path: Path) -> None:
    """Killed at any moment, the state loads, and two items written together are together."""
    backend.bypass_proxies()
    store = Store(tmp_path / "aws")
    for round_ in range(5):
        store.start()
        dynamodb = store.client("dynamodb")
        if round_ == 0:
            dynamodb.create_table(
                TableName="pairs",
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            )
            store.settled()
        found = dynamodb.scan(TableName="pairs", ConsistentRead=True)["Items"]
        numbers = {side: {i["n"]["N"] for i in found if i["side"]["S"] == side} for side in "ab"}
        assert numbers["a"] == numbers["b"]
        _write_for(dynamodb, round_, seconds=0.31 + 0.07 * round_)
        store.kill()


def _write_for(dynamodb: Any, round_: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        number += 1
        items = [
            {
                "pk": {"S": f"{round_}-{number}-{side}"},
                "side": {"S": side},
                "n": {"N": f"{round_}{number:06}"},
            }
            for side in "ab"
        ]
        dynamodb.transact_write_items(
            TransactItems=[{"Put": {"TableName": "pairs", "Item": item}} for item in items]
        )
