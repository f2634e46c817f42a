"""What a DynamoDB client sends is what botocore would send, only built once."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import botocore.session
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

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


ERROR = b'{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no"}'
ANSWERS: list[tuple[str, int, bytes]] = [
    ("batch_execute_statement", 200, b'{"Responses":[{},{"Error":{"Code":"DuplicateItem"}}]}'),
    ("batch_get_item", 200, '{"Responses":{"t":[{"b":{"S":"سلام \\u00e9"}}]}}'.encode()),
    ("query", 200, b'{"Items":[{"n":{"N":"1"},"s":{"SS":["a"]}}],"Count":1,"ScannedCount":1}'),
    ("put_item", 200, b"{}"),
    ("put_item", 200, b""),
    ("put_item", 400, ERROR),
    ("put_item", 200, b"<html>a proxy in between</html>"),
]


PLAIN = botocore.session.Session()


class Raw:
    """An answer's body."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: object) -> list[bytes]:
        return [self._body]


class Wire:
    """Answers a client at once and keeps what it sent."""

    def __init__(
        self, client: Any, *, statuses: tuple[int, ...] = (200,), body: bytes = b"{}"
    ) -> None:
        self.sent: list[Any] = []
        self._statuses, self._body = list(statuses), body
        client.meta.events.register("before-send.dynamodb.*", self._answer)

    def _answer(self, request: Any, **_: object) -> AWSResponse:
        self.sent.append(request)
        status = self._statuses.pop(0) if len(self._statuses) > 1 else self._statuses[0]
        return AWSResponse(request.url, status, HTTPHeaders(), Raw(self._body))


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)


def plain() -> Any:
    """A client as botocore makes it."""
    return PLAIN.create_client("dynamodb")


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


PLACES: list[dict[str, str]] = [
    *(
        {"AWS_DEFAULT_REGION": region}
        for partition in PLAIN.get_available_partitions()
        for region in PLAIN.get_available_regions("dynamodb", partition)[-1:]
    ),
    {"AWS_DEFAULT_REGION": "eu-west-1"},
    {"AWS_DEFAULT_REGION": "eu-unheard-9"},
    {"AWS_DEFAULT_REGION": "us-gov-west-1", "AWS_USE_FIPS_ENDPOINT": "true"},
    {"AWS_DEFAULT_REGION": "us-east-1", "AWS_USE_FIPS_ENDPOINT": "true"},
    {"AWS_DEFAULT_REGION": "us-east-1", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
    {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8123"},
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: " ".join(place.values()))
def test_a_request_goes_where_botocore_would_send_it(
    place: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every partition, in a region that botocore does not know yet, to any kind of endpoint."""
    for name, value in place.items():
        monkeypatch.setenv(name, value)
    seen = []
    for client in (ours(), plain()):
        wire = Wire(client)
        client.query(TableName="t")
        scope = str(wire.sent[-1].headers["Authorization"]).partition(",")[0]
        seen.append((wire.sent[-1].url, scope, host_of(wire.sent[-1])))
    assert seen[0] == seen[1]


def host_of(request: Any) -> str:
    """The host that a request names, or that its signer and the connection read from its address."""
    named = request.headers.get("Host")
    if named is not None:
        return str(named.decode())
    signed: str = SigV4Auth(None, "", "").headers_to_sign(request)["host"]
    return signed


@pytest.mark.parametrize("statuses", [(200,), (500, 200)], ids=["at once", "again"])
def test_a_request_is_signed_as_it_is_sent(statuses: tuple[int, ...]) -> None:
    """Host and digest, which the signer is told, are those of the request, and are signed."""
    client = ours()
    wire = Wire(client, statuses=statuses)
    client.put_item(TableName="t", Item=ITEM)
    assert len(wire.sent) == len(statuses)
    for one in wire.sent:
        claimed = one.headers["Authorization"].decode()
        names = claimed.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        assert {"host", "x-amz-content-sha256"} < {*names}
        told = {name: one.headers[name].decode() for name in names}
        assert told["x-amz-content-sha256"] == sha256(one.body).hexdigest()
        again = AWSRequest(one.method, one.url, told, one.body)
        again.context["timestamp"] = told["x-amz-date"]
        signer = SigV4Auth(PLAIN.get_credentials(), "dynamodb", "us-east-1")
        text = signer.string_to_sign(again, signer.canonical_request(again))
        assert claimed.endswith(f"Signature={signer.signature(text, again)}")


def test_half_a_surrogate_pair_is_sent_as_botocore_would_send_it() -> None:
    """What no fast writer writes, the service gets to see all the same and says what is wrong."""
    request = {"TableName": "t", "Item": KEY | {"b": {"S": "half a pair: \ud83d"}}}
    assert sent(ours(), "put_item", request) == sent(plain(), "put_item", request)


def told(client: Any, operation: str, status: int, body: bytes) -> Any:
    """What a caller is handed out, or told to have gone wrong."""
    Wire(client, statuses=(status,), body=body)
    try:
        return getattr(client, operation)(**dict(REQUESTS)[operation])
    except ClientError as error:
        return error.response


@pytest.mark.parametrize(("operation", "status", "body"), ANSWERS)
def test_an_answer_is_read_as_botocore_would_read_it(
    operation: str, status: int, body: bytes
) -> None:
    """Successes, errors, and what is no JSON at all, with what botocore says about the call."""
    assert told(ours(), operation, status, body) == told(plain(), operation, status, body)


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
