"""The one place where the local table, bucket and queues are made. Safe to repeat.

What the template creates on AWS has its counterpart here; the table's own shape is the
product's (`chalicelib.aws.schema`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local import product
from local.backend import Backend

NAME = "inlet-local"
# Role of a queue → seconds for which a received message stays hidden.
QUEUES = {"objects": 120, "chunks": 60, "spill": 30, "mail": 60, "lookups": 120}
MAX_RECEIVES = 5
RETENTION = 14 * 24 * 3600
CORS = {
    "CORSRules": [
        {
            # The console uploads from its own origin with a presigned POST.
            "AllowedOrigins": ["*"],
            "AllowedMethods": ["GET", "HEAD", "POST", "PUT"],
            "AllowedHeaders": ["*"],
            "ExposeHeaders": ["ETag"],
        }
    ]
}


@dataclass(frozen=True)
class Queue:
    """A queue's address and name on AWS."""

    url: str
    arn: str


@dataclass(frozen=True)
class Resources:
    """What the product stands on."""

    table: str
    bucket: str
    queues: Mapping[str, Queue]

    def queue(self, name: str) -> Queue | None:
        """The queue that a decorator means: `inlet-objects`, or an ARN that ends so."""
        role = name.rpartition(":")[2].rpartition("-")[2]
        return self.queues.get(role)


def ensure(backend: Backend, app: Path) -> Resources:
    """Create whatever is missing, and bring the settings of the rest up to date."""
    queues = {role: _ensure_queue(backend, role, hidden) for role, hidden in QUEUES.items()}
    _ensure_bucket(client(backend, "s3"), queues["objects"])
    _ensure_table(client(backend, "dynamodb"), app)
    return Resources(NAME, NAME, queues)


def client(backend: Backend, service: str) -> Any:
    """A boto3 client for the local AWS."""
    import boto3

    return boto3.client(
        service,
        endpoint_url=backend.endpoint,
        region_name=backend.environment["AWS_DEFAULT_REGION"],
        aws_access_key_id=backend.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=backend.environment["AWS_SECRET_ACCESS_KEY"],
    )


def _ensure_queue(backend: Backend, role: str, hidden: int) -> Queue:
    sqs = client(backend, "sqs")
    dead = _queue(backend, sqs, f"{NAME}-{role}-dead", {"MessageRetentionPeriod": str(RETENTION)})
    redrive = {"deadLetterTargetArn": dead.arn, "maxReceiveCount": MAX_RECEIVES}
    attributes = {"VisibilityTimeout": str(hidden), "RedrivePolicy": json.dumps(redrive)}
    return _queue(backend, sqs, f"{NAME}-{role}", attributes)


def _queue(backend: Backend, sqs: Any, name: str, attributes: dict[str, str]) -> Queue:
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
    # Kept queues remember the address of the run that made them.
    url = urlsplit(url)._replace(netloc=urlsplit(backend.endpoint).netloc).geturl()
    sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return Queue(url, arn["Attributes"]["QueueArn"])


def _ensure_bucket(s3: Any, objects: Queue) -> None:
    names = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    if NAME not in names:
        s3.create_bucket(Bucket=NAME)
    s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_cors(Bucket=NAME, CORSConfiguration=CORS)
    _ensure_notification(s3, objects)


def _ensure_notification(s3: Any, objects: Queue) -> None:
    """Send what lands in `inbox/` to the objects queue; only once, for each setting of it
    also sends an `s3:TestEvent`."""
    known = s3.get_bucket_notification_configuration(Bucket=NAME).get("QueueConfigurations", [])
    if any(entry["QueueArn"] == objects.arn for entry in known):
        return
    rules = [{"Name": "prefix", "Value": "inbox/"}]
    s3.put_bucket_notification_configuration(
        Bucket=NAME,
        NotificationConfiguration={
            "QueueConfigurations": [
                {
                    "QueueArn": objects.arn,
                    "Events": ["s3:ObjectCreated:*"],
                    "Filter": {"Key": {"FilterRules": rules}},
                }
            ]
        },
    )


def _ensure_table(dynamodb: Any, app: Path) -> None:
    if not product.create_table(app, NAME) and NAME not in dynamodb.list_tables()["TableNames"]:
        _create_plain_table(dynamodb)


def _create_plain_table(dynamodb: Any) -> None:
    """A table for applications that bring no definition of their own."""
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    dynamodb.create_table(
        TableName=NAME,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
    )
