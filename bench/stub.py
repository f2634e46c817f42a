"""A table that answers at once: the whole client, signing and all, but no network.

botocore lets a handler answer before a request is sent. What reads finds nothing, what writes
succeeds; an import's own items are kept, because the workers look for them.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from chalicelib import errors
from chalicelib.aws import clients
from chalicelib.aws.table import DynamoTable
from chalicelib.ports import Attribute, FileStat, Insert, Item, Key, Page, Update, Write
from tests.fakes import MemoryTable

TABLE = "bench"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "us-east-1",
}


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._body

    def read(self, *_: object) -> bytes:
        return self._body


def _answer(request: Any, **_: object) -> AWSResponse:
    operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
    body = b"{}"
    if operation == "BatchGetItem":
        body = b'{"Responses":{"bench":[]},"UnprocessedKeys":{}}'
    elif operation == "BatchExecuteStatement":
        body = _done(request.body.count(b'{"Statement":'))
    elif operation == "DescribeTable":
        body = _DESCRIPTION
    headers = HTTPHeaders()
    headers["Content-Type"] = "application/x-amz-json-1.0"
    return AWSResponse(request.url, 200, headers, _Raw(body))


@lru_cache
def _done(statements: int) -> bytes:
    """What DynamoDB says of so many statements: each named by its table, in tens of bytes."""
    return json.dumps({"Responses": [{"TableName": TABLE}] * statements}).encode()


_DESCRIPTION = json.dumps(
    {
        "Table": {
            "TableName": TABLE,
            "TableStatus": "ACTIVE",
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        }
    }
).encode()


def silence(client: Any) -> Any:
    """Let a DynamoDB client be answered at once."""
    client.meta.events.register("before-send.dynamodb.*", _answer)
    return client


class StubTable:
    """A `ports.Table` on the silenced client, with an import's own items in memory."""

    def __init__(self) -> None:
        os.environ.update(CREDENTIALS)
        client = clients.client("dynamodb")
        self._dynamo = DynamoTable(TABLE, silence(client))
        self._memory = MemoryTable()
        self.requests: Counter[str] = Counter()
        client.meta.events.register("before-call.dynamodb.*", self._count)

    def _count(self, model: Any, **_: object) -> None:
        self.requests[model.name] += 1

    def get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        own = [key for key in keys if key.pk.startswith("I#")]
        rest = [key for key in keys if not key.pk.startswith("I#")]
        found = self._memory.get(own) if own else {}
        return found | (self._dynamo.get(rest) if rest else {})

    def transact(self, writes: Sequence[Write]) -> bool:
        own = writes[0].key.pk.startswith("I#")
        return self._memory.transact(writes) if own else self._dynamo.transact(writes)

    def write(self, writes: Sequence[Insert | Update]) -> list[bool]:
        if writes and writes[0].key.pk.startswith("I#"):
            return self._memory.write(writes)
        return self._dynamo.write(writes)

    def add(self, key: Key, attribute: str, amount: int | set[str] | set[int]) -> Item | None:
        return self._memory.add(key, attribute, amount)

    def take(self, key: Key, *, most: int, now: int, seconds: int) -> int:
        return self._dynamo.take(key, most=most, now=now, seconds=seconds)

    def put(self, key: Key, item: Mapping[str, Attribute]) -> None:
        self._memory.put(key, item)

    def delete(self, key: Key) -> None:
        self._memory.delete(key)

    def query(self, partition: str, **named: Any) -> Page:
        return self._memory.query(partition, **named)


class DiskFiles:
    """A `ports.Files` in a folder: memory stays what the product itself takes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _path(self, key: str) -> Path:
        return self._root / key

    def open(self, key: str, *, version: str = "") -> BinaryIO:  # noqa: ARG002
        if not self._path(key).exists():
            raise errors.Missing("no such object")
        return self._path(key).open("rb")

    def read(self, key: str) -> bytes:
        with self.open(key) as stream:
            return stream.read()

    def write(self, key: str, body: bytes, *, content_type: str = "") -> None:  # noqa: ARG002
        self._path(key).parent.mkdir(parents=True, exist_ok=True)
        self._path(key).write_bytes(body)

    def write_lines(self, key: str, lines: Any, *, content_type: str) -> None:  # noqa: ARG002
        self._path(key).parent.mkdir(parents=True, exist_ok=True)
        with self._path(key).open("wb") as stream:
            stream.writelines(lines)

    def stat(self, key: str, *, version: str = "") -> FileStat | None:  # noqa: ARG002
        import datetime as dt

        path = self._path(key)
        if not path.exists():
            return None
        return FileStat(key, path.stat().st_size, "0" * 32, dt.datetime.now(dt.UTC))

    def list(self, prefix: str) -> Iterator[FileStat]:
        raise NotImplementedError(prefix)

    def delete(self, key: str, *, version: str = "") -> None:  # noqa: ARG002
        self._path(key).unlink(missing_ok=True)

    def versions(self, prefix: str) -> Iterator[FileStat]:
        raise NotImplementedError(prefix)

    def presigned_post(self, key: str, **_: Any) -> dict[str, Any]:
        raise NotImplementedError(key)

    def peek(self, key: str, count: int) -> tuple[FileStat, bytes]:
        raise NotImplementedError(key, count)

    def copy(self, source: str, target: str, *, etag: str) -> None:
        raise NotImplementedError(source, target, etag)

    def presigned_get(self, key: str, *, seconds: int, filename: str = "") -> str:
        raise NotImplementedError(key, seconds, filename)
