"""A throw-away application that shows what its handlers were given."""

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import boto3
from chalice.app import Chalice, Request, Response

app = Chalice(app_name="throwaway", configure_logs=False)
app.api.binary_types.append("multipart/form-data")
ANY = ["*/*"]
DATA = Path(os.environ["INLET_DATA"])


def _log(name: str, entry: Any) -> None:
    with (DATA / f"{name}.log").open("a") as file:
        file.write(json.dumps(entry) + "\n")


def _request() -> Request:
    assert app.current_request is not None
    return app.current_request


@app.route("/health")
def health() -> Any:
    return {"environment": (DATA / "env").exists()}


@app.route("/echo/{name}", methods=["POST", "PUT"], content_types=ANY)
def echo(name: str) -> Any:
    request = _request()
    body: Any = request.raw_body
    return {
        "name": name,
        "query": request.query_params and dict(request.query_params),
        "type": request.headers.get("content-type"),
        "size": len(body),
        "hex": body[:2000].hex(),
    }


@app.route("/own", methods=["HEAD", "OPTIONS", "GET"])
def own() -> Any:
    method = _request().method
    return Response(b"" if method == "HEAD" else method, headers={"X-Method": method})


@app.route("/cors", methods=["POST"], cors=True)
def cors() -> Any:
    return {}


@app.route("/slow/{name}")
def slow(name: str) -> Any:
    threading.Event().wait(0.2)
    return {"name": name, "seen": (_request().uri_params or {})["name"]}


@app.route("/broken")
def broken() -> Any:
    return Response({"when": time}, status_code=200)


@app.on_sqs_message(queue="inlet-objects", batch_size=5)
def split(event: Any) -> Any:
    _log("objects", event.to_dict())


@app.on_sqs_message(queue="inlet-chunks", batch_size=10, maximum_concurrency=2)
def work(event: Any) -> Any:
    """What a message says is what happens to it."""
    failed = []
    for record in event.to_dict()["Records"]:
        received = record["attributes"]["ApproximateReceiveCount"]
        _log("chunks", [record["body"], int(received), os.getpid()])
        if record["body"] == "raise":
            raise RuntimeError("as asked")
        if record["body"].startswith("hang") and received == "1":
            time.sleep(60)
        if record["body"].startswith("slow"):
            time.sleep(1.5)
            _log("done", record["body"])
        if record["body"].startswith("fail"):
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


@app.on_sqs_message(
    queue_arn="arn:aws:sqs:us-east-1:000000000000:placeholder-spill", maximum_concurrency=1
)
def replay(event: Any) -> Any:
    records = event.to_dict()["Records"]
    client = boto3.client("dynamodb")
    for record in records:
        client.put_item(
            TableName=os.environ["INLET_TABLE"],
            Item={"pk": {"S": record["body"]}, "sk": {"S": "spill"}},
        )


@app.schedule("rate(1 second)")
def tick(event: Any) -> None:
    _log("tick", event.to_dict())


@app.schedule("rate(1 day)")
def sweep(event: Any) -> None:
    _log("sweep", event.to_dict())
