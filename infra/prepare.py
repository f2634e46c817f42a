"""Prepares a deployed stage's table with the caller's credentials, through the product's own code."""

import os
from collections.abc import Mapping

import boto3

from chalicelib import wiring


def environment(stage: str, outputs: Mapping[str, str]) -> dict[str, str]:
    """What a function of the stage finds in its environment."""
    secrets = boto3.client("secretsmanager")
    secret: str = secrets.get_secret_value(SecretId=outputs["SecretArn"])["SecretString"]
    return {
        "INLET_STAGE": stage,
        "INLET_TABLE": outputs["TableName"],
        "INLET_BUCKET": outputs["BucketName"],
        "INLET_OBJECTS_QUEUE_URL": outputs["ObjectsQueueUrl"],
        "INLET_CHUNKS_QUEUE_URL": outputs["ChunksQueueUrl"],
        "INLET_SPILL_QUEUE_URL": outputs["SpillQueueUrl"],
        "INLET_LOOKUPS_QUEUE_URL": outputs["LookupsQueueUrl"],
        "INLET_MAIL_QUEUE_URL": outputs["MailQueueUrl"],
        "INLET_URL": outputs["EndpointURL"].rstrip("/"),
        "INLET_SECRET": secret,
    }


def prepare(stage: str, outputs: Mapping[str, str]) -> str:
    """Seed the demo form and make an admin key, which is returned."""
    os.environ.update(environment(stage, outputs))
    return wiring.prepare()
