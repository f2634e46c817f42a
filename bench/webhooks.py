"""What a verified webhook delivery costs: CPU against a bare handler with one conditional put.

Both take the same signed deliveries of new people, in turns and in one run, against a table that
answers at once: the whole client, signing and all, but no network. The bare handler does what
anybody would write first: check the HMAC, read the JSON, put one item unless it is there.

    python -m bench.webhooks [--deliveries 300]
"""

import argparse
import base64
import datetime as dt
import hmac
import json
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import botocore.session

from bench.rows import outside
from bench.stub import TABLE, StubTable, silence
from chalicelib.doors import front
from chalicelib.doors.catalogue import Catalogue
from chalicelib.model import Request
from chalicelib.settings import Settings
from chalicelib.store.config import Kind
from chalicelib.wiring import Live
from tests.fakes import MemoryTable

SECRET = "a secret of the bench"
NAME = "bench-tally"
PATH = f"/webhooks/tally/{NAME}"


def delivery(number: int) -> Request:
    """A signed delivery of a new person."""
    answers = {"Email": f"person{number}@example.org", "Phone": f"+346{number:08d}", "Name": "Ana"}
    fields = [{"label": k, "type": "INPUT_TEXT", "value": v} for k, v in answers.items()]
    data = {"responseId": f"r{number}", "createdAt": "2026-06-09T12:00:00Z", "fields": fields}
    body = json.dumps({"eventId": f"e{number}", "eventType": "FORM_RESPONSE", "data": data})
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body.encode(), "sha256")).decode()
    headers = {"content-type": "application/json", "tally-signature": signature}
    return Request("POST", PATH, headers, {}, body.encode())


def product(folder: Path) -> Callable[[Request], int]:
    """Our door, from the request to the answer."""
    settings = Settings("bench", TABLE, "b", "o", "c", "s", b"bench", "https://inlet.example")
    live = Live(settings, outside(folder, StubTable()))
    live.catalogue = Catalogue(MemoryTable(), lambda: dt.datetime.now(dt.UTC))
    document = {"provider": "tally", "secrets": [SECRET]}
    live.catalogue.configuration.put(Kind.ENDPOINT, NAME, document)
    return lambda request: front.webhook(live, "tally", NAME, request).status


def bare() -> Callable[[Request], int]:
    """A handler by hand: one HMAC, one item, the client as `boto3.client` gives it to everybody."""
    client = silence(botocore.session.Session().create_client("dynamodb"))

    def handle(request: Request) -> int:
        made = base64.b64encode(hmac.digest(SECRET.encode(), request.body, "sha256")).decode()
        if not hmac.compare_digest(made, request.header("tally-signature")):
            return 401
        body = json.loads(request.body)
        answers = {one["label"]: {"S": one["value"]} for one in body["data"]["fields"]}
        item = {"pk": {"S": body["eventId"]}, "sk": {"S": "S"}, **answers}
        client.put_item(TableName=TABLE, Item=item, ConditionExpression="attribute_not_exists(pk)")
        return 200

    return handle


def measure(deliveries: int = 300) -> dict[str, float]:
    """Milliseconds of CPU of each a delivery (medians of rounds taken in turns), and the ratio."""
    with TemporaryDirectory() as folder:
        ours, theirs = product(Path(folder)), bare()
        requests = [delivery(number) for number in range(deliveries)]
        spent = [(spend(ours, some), spend(theirs, some)) for some in rounds(requests)]
    product_ms, bare_ms = (statistics.median(part) for part in zip(*spent[1:], strict=True))
    return {"product_ms": product_ms, "bare_ms": bare_ms, "ratio": product_ms / bare_ms}


def rounds(requests: Sequence[Request]) -> list[Sequence[Request]]:
    """The deliveries by tens; the first ten are for warming up."""
    return [requests[start : start + 10] for start in range(0, len(requests), 10)]


def spend(handle: Callable[[Request], int], requests: Sequence[Request]) -> float:
    """Milliseconds of CPU a delivery; each must succeed."""
    begun = time.process_time()
    statuses = {handle(request) for request in requests}
    spent = time.process_time() - begun
    if statuses != {200}:
        raise RuntimeError(f"answered {statuses}")
    return 1000 * spent / len(requests)


def main() -> None:
    """Measure and print the ratio."""
    parser = argparse.ArgumentParser(prog="bench.webhooks", description=main.__doc__)
    parser.add_argument("--deliveries", type=int, default=300)
    found = measure(parser.parse_args().deliveries)
    print(
        "a verified delivery {product_ms:.2f} ms CPU, a bare handler with one conditional put"
        " {bare_ms:.2f} ms: {ratio:.2f} x".format(**found)
    )


if __name__ == "__main__":
    main()
