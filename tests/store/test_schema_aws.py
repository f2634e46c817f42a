"""A table from before an index was thought of gets it, and keeps what it holds."""

import pytest

from chalicelib.aws import clients, schema
from chalicelib.aws.table import DynamoTable
from chalicelib.ports import Insert, Key
from tests.aws_local import LocalAws

pytestmark = pytest.mark.aws


def test_a_table_that_lacks_an_index_gets_it(
    local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written after that is listed; made again, nothing changes."""
    for name, value in local_aws.environment.items():
        monkeypatch.setenv(name, value)
    with monkeypatch.context() as before:
        before.setattr(schema, "INDEXES", ("g1", "g2", "g3", "g4"))
        schema.create_table("inlet-older")
    table = DynamoTable("inlet-older", clients.client("dynamodb"))
    table.write([Insert(Key("L#1", "L"), {"g1": "LEAD#1", "g1s": "1"})])
    for _ in range(2):
        schema.create_table("inlet-older")
    table.write([Insert(Key("L#2", "L"), {"g5": "ACCOUNT#1#1", "g5s": "2"})])
    assert [item["pk"] for item in table.query("ACCOUNT#1#1", index="g5").items] == ["L#2"]
    assert [item["pk"] for item in table.query("LEAD#1", index="g1").items] == ["L#1"]
    local_aws.reset()
