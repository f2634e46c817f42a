"""The real template on the local AWS, its permissions enforced, and its three doors."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from infra.template import ROOT, Template, of_type
from local import backend


@dataclass(frozen=True)
class Answer:
    """A status and a body."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Stack:
    """A deployed stage: its outputs, its admin key, what the deployment printed."""

    endpoint: str
    outputs: Mapping[str, str]
    key: str
    printed: str

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """A request through the deployed gateway; a body that is no bytes goes as JSON."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.endpoint}/_aws/execute-api/{self.outputs['RestAPIId']}/v1{path}",
            method=method,
            data=data,
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return Answer(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read())

    def api(self, method: str, path: str, body: Any = None) -> Answer:
        """A request with the admin key."""
        return self.call(method, f"/api{path}", body, {"Authorization": f"Bearer {self.key}"})

    def drop(self, key: str, body: bytes) -> None:
        """Put a file into the bucket."""
        client("s3", self.endpoint).put_object(
            Bucket=self.outputs["BucketName"], Key=key, Body=body
        )

    def fetch(self, key: str) -> bytes:
        """A file of the bucket."""
        found = client("s3", self.endpoint).get_object(Bucket=self.outputs["BucketName"], Key=key)
        return bytes(found["Body"].read())


def upload(signed: Mapping[str, Any], content: bytes) -> None:
    """Post a file as a browser does, with the fields that were signed."""
    line = "--inlet\r\nContent-Disposition: form-data; name="
    fields = "".join(f'{line}"{name}"\r\n\r\n{text}\r\n' for name, text in signed["fields"].items())
    head = f'{fields}{line}"file"; filename="one.csv"\r\n\r\n'
    request = urllib.request.Request(
        signed["url"],
        data=head.encode() + content + b"\r\n--inlet--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=inlet"},
    )
    with urllib.request.urlopen(request, timeout=30):
        pass


def client(service: str, endpoint: str) -> Any:
    """A boto3 client with the credentials of the account's owner."""
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=backend.REGION,
        aws_access_key_id=backend.CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=backend.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def deploy(dist: Path, endpoint: str) -> str:
    """What `make deploy STAGE=dev` prints."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    aws = {"AWS_ENDPOINT_URL": endpoint, **backend.CREDENTIALS}
    arguments = ["--stage", "dev", "--dist", str(dist), "--poll", "0.1"]
    done = subprocess.run(
        [sys.executable, "-m", "infra.deploy", *arguments],
        cwd=ROOT,
        env={**known, **aws},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read(printed: str, endpoint: str) -> Stack:
    """A stack from what its first deployment printed."""
    outputs = dict(line.split(None, 1) for line in printed.splitlines() if line.count(" ") > 0)
    key = printed.partition("Admin key")[2].split()
    return Stack(endpoint, outputs, key[0] if key else "", printed)


def adapt(template: Template) -> Template:
    """The template for an AWS that speaks plain HTTP and knows a few actions by other names.

    Its bucket says at once that it may tell of files, and its functions' workers are killed while
    the stack still changes: who takes such messages begins with `begin`.
    """
    for name in [*of_type(template, "AWS::SQS::QueuePolicy"), "BucketPolicy"]:
        document = template["Resources"][name]["Properties"]["PolicyDocument"]
        document["Statement"] = [one for one in document["Statement"] if one["Effect"] == "Allow"]
        if not document["Statement"]:
            del template["Resources"][name]
    for role in of_type(template, "AWS::IAM::Role").values():
        statements = role["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        statements += [extra for one in statements for extra in _as_named_locally(one)]
    work = template["Resources"]["Work"]["Properties"]["Events"]["WorkSqsEventSource"]
    # It compares this with a number, and makes a text of what a parameter holds.
    work["Properties"]["ScalingConfig"] = {"MaximumConcurrency": 5}
    split = template["Resources"]["Split"]["Properties"]["Events"]["SplitSqsEventSource"]
    split["Properties"]["Enabled"] = False
    return template


def begin(endpoint: str) -> None:
    """Let the deployed stage take messages of files, now that nothing of it changes any more."""
    functions = client("lambda", endpoint)
    (asleep,) = [
        one["UUID"]
        for one in functions.list_event_source_mappings()["EventSourceMappings"]
        if "-ObjectsQueue-" in one["EventSourceArn"]
    ]
    functions.update_event_source_mapping(UUID=asleep, Enabled=True)


def _as_named_locally(statement: dict[str, Any]) -> list[dict[str, Any]]:
    """What a statement allows, where the local AWS asks by the operation's name.

    IAM asks for `PartiQLInsert` on the table and for `SendMessage`.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    """
    if "dynamodb:PartiQLInsert" in statement["Action"]:
        batch = {"Action": ["dynamodb:BatchExecuteStatement"], "Resource": "*"}
        return [{"Effect": "Allow", **batch}]
    if "sqs:SendMessage" in statement["Action"]:
        return [{**statement, "Sid": "Batch", "Action": ["sqs:SendMessageBatch"]}]
    return []


def sign(secret: bytes, event: str, body: bytes) -> dict[str, str]:
    """The headers of a Standard Webhooks delivery."""
    now = str(int(time.time()))
    signed = hmac.new(secret, b".".join((event.encode(), now.encode(), body)), hashlib.sha256)
    signature = base64.b64encode(signed.digest()).decode()
    return {
        "webhook-id": event,
        "webhook-timestamp": now,
        "webhook-signature": f"v1,{signature}",
    }


def wait(ask: Callable[[], Any], seconds: float = 60) -> Any:
    """What `ask` answers, once that is anything."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := ask():
            return found
        time.sleep(0.3)
    raise AssertionError(f"nothing within {seconds} s")
