"""The bucket and the queues on AWS's own words, against moto in this process."""

import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ReadTimeoutError, ResponseStreamingError
from moto import mock_aws
from urllib3.exceptions import ProtocolError

from chalicelib import errors
from chalicelib.aws import files as s3_files
from chalicelib.aws.files import S3Files
from chalicelib.aws.queues import SqsQueue

BUCKET = "inlet-test"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[botocore.session.Session]:
    """A session in a mocked account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield botocore.session.Session()


@pytest.fixture
def files(aws: botocore.session.Session) -> S3Files:
    client: Any = aws.create_client("s3")
    client.create_bucket(Bucket=BUCKET)
    return S3Files(BUCKET, client)


def test_an_object_is_written_read_listed_and_deleted(files: S3Files) -> None:
    """Any key: spaces, plus signs, every script."""
    key = "inbox/féria 1+2%/线索.csv"
    files.write(key, b"a,b\n1,2\n", content_type="text/csv")
    assert files.read(key) == b"a,b\n1,2\n"
    assert files.open(key).readline() == b"a,b\n"
    assert [found.key for found in files.list("inbox/")] == [key]
    stat = files.stat(key)
    assert stat is not None
    assert (stat.size, stat.key) == (8, key)
    assert '"' not in stat.etag
    files.delete(key)
    assert files.stat(key) is None


def test_an_absent_object_is_missing(files: S3Files) -> None:
    """Our own error, not the vendor's."""
    with pytest.raises(errors.Missing):
        files.read("nothing")


class _Cut:
    """A body whose connection goes away."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self, _count: int | None = None) -> bytes:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [ProtocolError("cut"), ResponseStreamingError(error="cut"), ReadTimeoutError(endpoint_url="x")],
)
def test_a_body_that_breaks_off_is_unavailable(files: S3Files, error: Exception) -> None:
    """However it is read: whole, as a stream, or its first bytes. It may be tried again."""
    files.write("a.txt", b"0123456789")
    real = files._client.get_object

    def cut(**request: Any) -> Any:
        return {**real(**request), "Body": _Cut(error)}

    files._client.get_object = cut
    with pytest.raises(errors.Unavailable):
        files.read("a.txt")
    with pytest.raises(errors.Unavailable):
        files.peek("a.txt", 4)
    stream = files.open("a.txt")
    with pytest.raises(errors.Unavailable):
        stream.read()


def test_a_refusal_that_breaks_off_is_unavailable(
    files: S3Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore lets urllib3's error through where it reads the words of a 404."""

    def cut(**_request: Any) -> Any:
        raise ProtocolError("Response ended prematurely")

    monkeypatch.setattr(files._client, "head_object", cut)
    with pytest.raises(errors.Unavailable):
        files.stat("absent.txt")


def test_lines_are_written_in_parts(files: S3Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small, exactly one part, several parts: the same bytes come back."""
    monkeypatch.setattr(s3_files, "PART", 5 * 1024 * 1024)
    line = b"x" * (1024 * 1024)
    for count in (0, 1, 5, 11):
        files.write_lines("big", (line for _ in range(count)), content_type="text/plain")
        assert files.read("big") == line * count


def test_an_upload_that_fails_halfway_leaves_nothing(
    files: S3Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parts are given up, the key stays absent."""
    monkeypatch.setattr(s3_files, "PART", 5 * 1024 * 1024)

    def lines() -> Iterator[bytes]:
        yield b"x" * (11 * 1024 * 1024)
        yield b"y" * (6 * 1024 * 1024)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        files.write_lines("half", lines(), content_type="text/plain")
    assert files.stat("half") is None


def test_a_presigned_upload_names_its_bounds(files: S3Files) -> None:
    """The browser gets an address, fields, and the metadata it must send."""
    made = files.presigned_post("inbox/a.csv", max_bytes=10, seconds=60, metadata={"inlet-x": "1"})
    assert made["fields"]["key"] == "inbox/a.csv"
    assert made["fields"]["x-amz-meta-inlet-x"] == "1"


def test_messages_are_sent_ten_at_a_time(aws: botocore.session.Session) -> None:
    """Every message arrives, however many there are."""
    client: Any = aws.create_client("sqs")
    url = client.create_queue(QueueName="q")["QueueUrl"]
    SqsQueue(url, client).send(json.dumps(n) for n in range(25))
    got: list[int] = []
    while found := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        got += [json.loads(message["Body"]) for message in found]
    assert sorted(got) == list(range(25))


def test_a_queue_that_is_not_there_is_unavailable(aws: botocore.session.Session) -> None:
    """Our own error: the sender will be told to try again."""
    queue = SqsQueue(
        "https://sqs.us-east-1.amazonaws.com/123456789012/none", aws.create_client("sqs")
    )
    with pytest.raises(errors.Unavailable):
        queue.send(["x"])


def test_every_version_of_an_object_is_found_and_deleted(files: S3Files) -> None:
    """Written over, deleted, written again: nothing is left below a mark of deletion."""
    files._client.put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"}
    )
    for body in (b"one", b"two"):
        files.write("work/a", body)
    files.delete("work/a")
    files.write("work/ab", b"another")
    found = [stat for stat in files.versions("work/a") if stat.key == "work/a"]
    assert len(found) == 3
    for stat in found:
        files.delete("work/a", version=stat.version)
    assert [stat.key for stat in files.versions("work/")] == ["work/ab"]
