"""The store's tests on DynamoDB's own words: a table on the local AWS server, one a test."""

from collections.abc import Iterator

import pytest

from chalicelib.aws import clients, schema
from chalicelib.aws.table import DynamoTable
from tests.aws_local import LocalAws, local_aws

__all__ = ["local_aws"]


@pytest.fixture
def dynamo(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoTable]:
    """An empty table of the product's schema on the local AWS server."""
    for name, value in local_aws.environment.items():
        monkeypatch.setenv(name, value)
    schema.create_table("inlet-test")
    yield DynamoTable("inlet-test", clients.client("dynamodb"))
    local_aws.reset()
