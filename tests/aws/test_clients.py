"""What a DynamoDB client sends is what botocore would send, only built once."""

import json
from collections.abc import Mapping
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from chalicelib.aws import clients

KEY = {"pk": {"S": "K#é"}, "sk": {"S": "H"}}
ITEM = KEY | {"v": {"N": "1"}, "again": {"SS": ["a", "b"]}}
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("batch_get_item", {"RequestItems": {"t": {"Keys": [KEY], "ConsistentRead": True}}}),
    (
        "batch_execute_statement",
        {"Statements": [{"Statement": "INSERT INTO t VALUE {'pk':?}", "Parameters": [KEY["pk"]]}]},
    ),
    (
        "transact_write_items",
        {
            "TransactItems": [{"Put": {"TableName": "t", "Item": ITEM}}],
            "ClientRequestToken": "x" * 36,
        },
    ),
    (
        "put_item",
        {"TableName": "t", "Item": ITEM, "ConditionExpression": "attribute_not_exists(pk)"},
    ),
    ("query", {"TableName": "t", "Limit": 3, "ScanIndexForward": False, "ConsistentRead": True}),
]


class Raw:
    """An empty answer's body."""

    def stream(self, **_: object) -> list[bytes]:
        return [b"{}"]


class Wire:
    """Answers a client at once and keeps what it sent."""

    def __init__(self, client: Any, *, statuses: tuple[int, ...] = (200,)) -> None:
        self.sent: list[Any] = []
        self._statuses = list(statuses)
        client.meta.events.register("before-send.dynamodb.*", self._answer)

    def _answer(self, request: Any, **_: object) -> AWSResponse:
        self.sent.append(request)
        status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        return AWSResponse(request.url, status, HTTPHeaders(), Raw())


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def plain() -> Any:
    """A client as botocore makes it."""
    return botocore.session.Session().create_client("dynamodb")


def ours() -> Any:
    """A client as this package makes it, of this test's own."""
    return clients.make("dynamodb", "")


def sent(client: Any, operation: str, request: Mapping[str, Any]) -> tuple[Any, str, str]:
    """What a call puts on the wire: its JSON, where to, and which operation."""
    wire = Wire(client)
    getattr(client, operation)(**request)
    one = wire.sent[-1]
    return json.loads(one.body), one.url, str(one.headers["X-Amz-Target"])


@pytest.mark.parametrize(("operation", "request_"), REQUESTS, ids=[name for name, _ in REQUESTS])
def test_a_request_is_sent_as_botocore_would_send_it(
    operation: str, request_: dict[str, Any]
) -> None:
    """The body says the same and goes to the same place."""
    assert sent(ours(), operation, request_) == sent(plain(), operation, request_)


def test_a_transaction_that_is_sent_again_is_the_same_transaction() -> None:
    """A retry carries the token of the first try: one whose answer was lost is not done twice."""
    client = ours()
    wire = Wire(client, statuses=(500, 200))
    client.transact_write_items(TransactItems=[{"Put": {"TableName": "t", "Item": ITEM}}])
    tokens = [json.loads(one.body)["ClientRequestToken"] for one in wire.sent]
    assert len(tokens) == 2
    assert tokens[0] == tokens[1]
    assert tokens[0]


def test_what_was_asked_for_stays_as_it_was() -> None:
    """Sending a request changes nothing that its builder holds: a batch is sent again in part."""
    keys = [KEY]
    request = {"RequestItems": {"t": {"Keys": keys}}}
    sent(ours(), "batch_get_item", request)
    assert request == {"RequestItems": {"t": {"Keys": [KEY]}}}
