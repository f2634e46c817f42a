"""The table's schema as PynamoDB declares it: for the local AWS and the tests.

On AWS the template creates it (`infra/template.yaml`); a test holds the two against each other.
"""

import time
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection
from pynamodb.models import Model

from chalicelib.aws import clients

_LOOK_AGAIN_SECONDS = 0.2
INDEXES = ("g1", "g2", "g3", "g4", "g5")


def _index(name: str) -> GlobalSecondaryIndex[Any]:
    meta = type("Meta", (), {"index_name": f"by_{name}", "projection": KeysOnlyProjection()})
    attributes = {
        name: UnicodeAttribute(hash_key=True, attr_name=name),
        f"{name}s": UnicodeAttribute(range_key=True, attr_name=f"{name}s"),
    }
    made = type(f"Index{name}", (GlobalSecondaryIndex,), {"Meta": meta, **attributes})
    index: GlobalSecondaryIndex[Any] = made()
    return index


def model(table: str) -> type[Model]:
    """The PynamoDB model of the table: primary key, five sparse keys-only indexes, a time to live."""
    meta = type("Meta", (), {"table_name": table, "billing_mode": "PAY_PER_REQUEST"})
    fields: dict[str, Any] = {
        "Meta": meta,
        "pk": UnicodeAttribute(hash_key=True),
        "sk": UnicodeAttribute(range_key=True),
        "ttl": NumberAttribute(null=True),
    }
    fields |= {f"by_{name}": _index(name) for name in INDEXES}
    made: type[Model] = type("Stored", (Model,), fields)
    return made


def create_table(table: str) -> None:
    """Create the table where there is none yet, and the indexes that one from before lacks.

    At the endpoint that the environment names. AWS makes one index at a time, and fills it itself.
    """
    stored = model(table)
    if not stored.exists():
        stored.create_table(wait=True)
        return
    client = clients.client("dynamodb")
    there = _described(client, table)
    for name in INDEXES:
        if f"by_{name}" not in there:
            client.update_table(TableName=table, **_addition(name))
            while _described(client, table).get(f"by_{name}") != "ACTIVE":
                time.sleep(_LOOK_AGAIN_SECONDS)


def _described(client: Any, table: str) -> dict[str, str]:
    """The indexes that a table has, each with its state."""
    found = client.describe_table(TableName=table)["Table"].get("GlobalSecondaryIndexes", ())
    return {index["IndexName"]: index["IndexStatus"] for index in found}


def _addition(name: str) -> dict[str, Any]:
    keys = [(name, "HASH"), (f"{name}s", "RANGE")]
    index = {
        "IndexName": f"by_{name}",
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }
    return {
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        "GlobalSecondaryIndexUpdates": [{"Create": index}],
    }
