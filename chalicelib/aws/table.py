"""The one table on DynamoDB: its schema, and `ports.Table` on it.

PynamoDB declares and creates the table; reads and writes go through the same botocore client that
PynamoDB uses, because it has neither PartiQL nor conditional batches, and saves one item a call.
The item format is `docs/decisions/0004-items-and-indexes.md`.
"""

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Unpack

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib import errors
from chalicelib.ports import (
    Attribute,
    Ensure,
    Insert,
    Item,
    Key,
    Page,
    Part,
    Put,
    Remove,
    Update,
    Write,
)

READ_BATCH, WRITE_BATCH = 100, 25
TRIES = 8
REFUSED = {"ConditionalCheckFailed", "DuplicateItem", "TransactionConflict"}
BUSY = {
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "ThrottlingError",
    "ThrottlingException",
    "InternalServerError",
}
# A transaction that another one met: nothing was written, and the reader of it decides anew.
CANCELLED = {"TransactionCanceledException", "TransactionConflictException"}


class DynamoTable:
    """`ports.Table` on DynamoDB, by way of one botocore client."""

    def __init__(self, name: str, client: Any) -> None:
        self.name, self._client = name, client

    def get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Read by full key, strongly consistent, 100 keys a request."""
        found: dict[Key, Item] = {}
        for start in range(0, len(keys), READ_BATCH):
            wanted = [_key(key) for key in keys[start : start + READ_BATCH]]
            for tries in range(TRIES):
                _pause(tries)
                request = {self.name: {"Keys": wanted, "ConsistentRead": True}}
                answer = self._call("batch_get_item", RequestItems=request)
                for packed in answer["Responses"].get(self.name, ()):
                    key = Key(packed["pk"]["S"], packed["sk"]["S"])
                    found[key] = _without_key(packed)
                wanted = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
                if not wanted:
                    break
            else:
                raise errors.Unavailable("the table is too busy to be read")
        return found

    def transact(self, writes: Sequence[Write]) -> bool:
        """Write all or nothing; False where a condition or another transaction refused."""
        items = [self._transaction(write) for write in writes]
        try:
            self._call("transact_write_items", TransactItems=items)
        except ClientError as error:
            if error.response["Error"]["Code"] in CANCELLED:
                _raise_for_good(error)
                return False
            raise _refusal("a transaction", error) from error
        return True

    def write(self, writes: Sequence[Insert | Update]) -> list[bool]:
        """Write each by itself, 25 conditional PartiQL statements a request."""
        took: list[bool] = []
        for start in range(0, len(writes), WRITE_BATCH):
            took += self._write(writes[start : start + WRITE_BATCH])
        return took

    def _write(self, writes: Sequence[Insert | Update]) -> list[bool]:
        took: dict[int, bool] = {}
        for tries in range(TRIES):
            _pause(tries)
            left = [number for number in range(len(writes)) if number not in took]
            statements = [self._statement(writes[number]) for number in left]
            answer = self._call("batch_execute_statement", Statements=statements)
            for number, response in zip(left, answer["Responses"], strict=True):
                code = response.get("Error", {}).get("Code", "")
                if not code or code in REFUSED:
                    took[number] = not code
                elif code not in BUSY:
                    message = response["Error"].get("Message", "")
                    raise _refused("a statement", code, message)
            if len(took) == len(writes):
                return [took[number] for number in range(len(writes))]
        raise errors.Unavailable("the table is too busy to be written")

    def add(self, key: Key, attribute: str, amount: int | set[str] | set[int]) -> Item | None:
        """Add to a number or a set of an item that is there; what it is then, or None."""
        try:
            answer = self._client_call(
                "update_item",
                TableName=self.name,
                Key=_key(key),
                UpdateExpression="ADD #a :a",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeNames={"#a": attribute},
                ExpressionAttributeValues={":a": _pack_value(amount)},
                ReturnValues="ALL_NEW",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return None
            raise errors.Unavailable("the table refused an update") from error
        return _without_key(answer["Attributes"])

    def take(self, key: Key, *, most: int, now: int, seconds: int) -> int:
        """Take a place: one request, and another where a window has ended and a new one begins."""
        place = {"TableName": self.name, "Key": _key(key)}
        for tries in range(TRIES):
            _pause(tries)
            try:
                self._client_call("update_item", **place, **_taking(most, now, seconds))
            except ClientError as error:
                ends = _window_end(error)
                if ends > now:
                    return ends - now
            else:
                return 0
            try:
                self._client_call("put_item", **_opening(self.name, key, ends, now, seconds))
            except ClientError as error:
                # Another one opened the window before us: take a place in that.
                _window_end(error)
            else:
                return 0
        raise errors.Unavailable("the table is too busy to count")

    def put(self, key: Key, item: Mapping[str, Attribute]) -> None:
        """Write an item whatever is there."""
        self._call("put_item", TableName=self.name, Item=_packed(key, item))

    def delete(self, key: Key) -> None:
        """Remove an item if it is there."""
        self._call("delete_item", TableName=self.name, Key=_key(key))

    def query(self, partition: str, **part: Unpack[Part]) -> Page:
        """Read one partition of the table or of an index in key order."""
        index, after = part.get("index", ""), part.get("after")
        expression, values = _range(
            part.get("begins", ""), part.get("low", ""), part.get("high", "")
        )
        pk, sk = (index, index + "s") if index else ("pk", "sk")
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "#p = :p" + expression,
            "ExpressionAttributeNames": {"#p": pk} | ({"#s": sk} if expression else {}),
            "ExpressionAttributeValues": {":p": {"S": partition}} | values,
            "ScanIndexForward": not part.get("newest_first", False),
            "Limit": part.get("limit", 100),
        }
        request |= {"IndexName": f"by_{index}"} if index else {"ConsistentRead": True}
        if after:
            request["ExclusiveStartKey"] = {name: {"S": text} for name, text in after.items()}
        answer = self._call("query", **request)
        last = answer.get("LastEvaluatedKey")
        return Page(
            [unpack(packed) for packed in answer["Items"]],
            {name: value["S"] for name, value in last.items()} if last else None,
        )

    def walk(self, after: Key | None, most: int) -> tuple[list[tuple[Key, Item]], Key | None]:
        """A part of the table by a scan: for the audit, never on a path of a request."""
        more = {"ExclusiveStartKey": _key(after)} if after else {}
        request = {"TableName": self.name, "ConsistentRead": True, "Limit": most, **more}
        answer = self._call("scan", **request)
        last = answer.get("LastEvaluatedKey")
        page = [
            (Key(packed["pk"]["S"], packed["sk"]["S"]), _without_key(packed))
            for packed in answer["Items"]
        ]
        return page, Key(last["pk"]["S"], last["sk"]["S"]) if last else None

    def dump(self) -> Iterator[tuple[Key, Item]]:
        """Every item, by a scan: for `inlet verify` and backups, never on a path of a request."""
        after: Any = None
        while True:
            more = {"ExclusiveStartKey": after} if after else {}
            answer = self._call("scan", TableName=self.name, ConsistentRead=True, **more)
            for packed in answer["Items"]:
                yield Key(packed["pk"]["S"], packed["sk"]["S"]), _without_key(packed)
            after = answer.get("LastEvaluatedKey")
            if not after:
                return

    def _call(self, operation: str, **request: Any) -> Any:
        try:
            return self._client_call(operation, **request)
        except ClientError as error:
            if operation == "transact_write_items":
                raise
            raise _refusal(operation, error) from error

    def _client_call(self, operation: str, **request: Any) -> Any:
        try:
            return getattr(self._client, operation)(**request)
        except BotoCoreError as error:
            raise errors.Unavailable("the table does not answer", retry_after=5) from error

    def _transaction(self, write: Write) -> dict[str, Any]:
        if isinstance(write, Insert | Put):
            put = {"TableName": self.name, "Item": _packed(write.key, write.item)}
            if isinstance(write, Insert):
                put["ConditionExpression"] = "attribute_not_exists(pk)"
            return {"Put": put}
        table = {"TableName": self.name}
        if isinstance(write, Update):
            return {"Update": table | _update(write)}
        if isinstance(write, Ensure):
            return {"Update": table | _ensuring(write)}
        if isinstance(write, Remove):
            return {"Delete": table | _removal(write)}
        check: dict[str, Any] = {"Key": _key(write.key), "ConditionExpression": "v = :v"}
        if write.version:
            check["ExpressionAttributeValues"] = {":v": {"N": str(write.version)}}
        else:
            check["ConditionExpression"] = "attribute_not_exists(pk)"
        return {"ConditionCheck": table | check}

    def _statement(self, write: Insert | Update) -> dict[str, Any]:
        if isinstance(write, Insert):
            values = [
                {"S": value} if isinstance(value, str) else _pack_value(value)
                for value in (*write.key, *write.item.values())
            ]
            return {"Statement": _insertion(self.name, *write.item), "Parameters": values}
        kept = {name: value for name, value in write.changes.items() if value is not None}
        gone = [name for name, value in write.changes.items() if value is None]
        kept["v"] = write.version + 1
        clauses = "".join(f' SET "{name}"=?' for name in kept)
        clauses += "".join(f' REMOVE "{name}"' for name in gone)
        where = [{"S": write.key.pk}, {"S": write.key.sk}, {"N": str(write.version)}]
        return {
            "Statement": f'UPDATE "{self.name}"{clauses} WHERE pk=? AND sk=? AND v=?',
            "Parameters": [*map(_pack_value, kept.values()), *where],
        }


@lru_cache(maxsize=256)
def _insertion(table: str, *names: str) -> str:
    """The statement that inserts an item of these attributes; a file's rows have the same few."""
    values = ",".join(f"'{name}':?" for name in ("pk", "sk", *names))
    return f"INSERT INTO \"{table}\" VALUE {{{values},'v':1}}"


# An ended window's item is good for nothing: the time to live takes it away an hour later.
_KEPT_AFTER = 3600


def _taking(most: int, now: int, seconds: int) -> dict[str, Any]:
    """An update that adds one where the window is new, or open with a place left."""
    return {
        "UpdateExpression": "ADD n :one SET #e = if_not_exists(#e, :e), #t = if_not_exists(#t, :t)",
        "ConditionExpression": "attribute_not_exists(n) OR (#e > :now AND n < :most)",
        "ExpressionAttributeNames": {"#e": "ends", "#t": "ttl"},
        "ExpressionAttributeValues": {
            ":one": {"N": "1"},
            ":most": {"N": str(most)},
            ":now": {"N": str(now)},
            ":e": {"N": str(now + seconds)},
            ":t": {"N": str(now + seconds + _KEPT_AFTER)},
        },
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _opening(table: str, key: Key, ended: int, now: int, seconds: int) -> dict[str, Any]:
    """A put of a new window in the place of exactly the one that has ended."""
    ends = now + seconds
    return {
        "TableName": table,
        "Item": _key(key)
        | {n: _pack_value(v) for n, v in (("n", 1), ("ends", ends), ("ttl", ends + _KEPT_AFTER))},
        "ConditionExpression": "#e = :e",
        "ExpressionAttributeNames": {"#e": "ends"},
        "ExpressionAttributeValues": {":e": {"N": str(ended)}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _removal(write: Remove) -> dict[str, Any]:
    where = {
        "ConditionExpression": "v = :v",
        "ExpressionAttributeValues": {":v": {"N": str(write.version)}},
    }
    return {"Key": _key(write.key)} | (where if write.version else {})


def _ensuring(write: Ensure) -> dict[str, Any]:
    """An update that gives an item what it does not have: all of it, where there is none."""
    attributes = {**write.item, "v": 1}
    clauses = [f"#{n} = if_not_exists(#{n}, :{n})" for n, _ in enumerate(attributes)]
    return {
        "Key": _key(write.key),
        "UpdateExpression": "SET " + ", ".join(clauses),
        "ExpressionAttributeNames": {f"#{n}": name for n, name in enumerate(attributes)},
        "ExpressionAttributeValues": {
            f":{n}": _pack_value(value) for n, value in enumerate(attributes.values())
        },
    }


def _window_end(error: ClientError) -> int:
    """When the window that refused us ends or ended; other errors are no refusal."""
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise _refusal("a count", error) from error
    there = error.response.get("Item") or {}
    return int(there.get("ends", {}).get("N", 0))


def _refusal(what: str, error: ClientError) -> errors.InletError:
    told = error.response["Error"]
    return _refused(what, told["Code"], told.get("Message", ""))


def _raise_for_good(error: ClientError) -> None:
    """Raise where a transaction was cancelled for what it holds, not for whom it met."""
    for reason in error.response.get("CancellationReasons", ()):
        if reason.get("Code") == "ValidationError":
            raise _refused("a transaction", "Validation", reason.get("Message", "")) from error


def _refused(what: str, code: str, message: str) -> errors.InletError:
    """What the table says no to for good is no outage: trying it again would not help."""
    if code.startswith("Validation") and "size" in message.lower():
        return errors.TooLarge("more than one item can hold")
    return errors.Unavailable(f"the table refused {what}: {code}")


def _pause(tries: int) -> None:
    if tries:
        time.sleep(random.uniform(0.5, 1) * min(0.05 * 2**tries, 2))  # noqa: S311 - jitter


def _range(begins: str, low: str, high: str) -> tuple[str, dict[str, Any]]:
    if begins:
        return " AND begins_with(#s, :s)", {":s": {"S": begins}}
    if low and high:
        return " AND #s BETWEEN :l AND :h", {":l": {"S": low}, ":h": {"S": high}}
    if low:
        return " AND #s >= :l", {":l": {"S": low}}
    return (" AND #s <= :h", {":h": {"S": high}}) if high else ("", {})


def _update(write: Update) -> dict[str, Any]:
    names = {f"#{number}": name for number, name in enumerate(write.changes)}
    values: dict[str, Any] = {":v": {"N": str(write.version)}, ":w": {"N": str(write.version + 1)}}
    sets, gone = ["v = :w"], []
    for number, value in enumerate(write.changes.values()):
        if value is None:
            gone.append(f"#{number}")
        else:
            sets.append(f"#{number} = :{number}")
            values[f":{number}"] = _pack_value(value)
    expression = "SET " + ", ".join(sets) + (" REMOVE " + ", ".join(gone) if gone else "")
    request: dict[str, Any] = {
        "Key": _key(write.key),
        "UpdateExpression": expression,
        "ConditionExpression": "v = :v",
        "ExpressionAttributeValues": values,
    }
    return request | ({"ExpressionAttributeNames": names} if names else {})


def _key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def _packed(key: Key, item: Mapping[str, Attribute]) -> dict[str, Any]:
    """An item of the first version."""
    packed = _key(key)
    for name, value in item.items():
        packed[name] = {"S": value} if isinstance(value, str) else _pack_value(value)
    packed["v"] = {"N": "1"}
    return packed


def _pack_value(value: Attribute) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int):
        return {"N": str(int(value))}
    some = next(iter(value))
    kind = "SS" if isinstance(some, str) else "NS"
    return {kind: [str(one) for one in value]}


def unpack(packed: Mapping[str, Any]) -> Item:
    """An item's attributes as ours: texts, whole numbers, sets."""
    return {name: _unpack_value(value) for name, value in packed.items()}


def _unpack_value(value: Mapping[str, Any]) -> Attribute:
    ((kind, held),) = value.items()
    if kind == "S":
        return str(held)
    if kind == "N":
        return int(held)
    return {int(one) for one in held} if kind == "NS" else set(held)


def _without_key(packed: Mapping[str, Any]) -> Item:
    return {name: value for name, value in unpack(packed).items() if name not in ("pk", "sk")}
