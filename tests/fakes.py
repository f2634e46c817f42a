"""Small real stand-ins for the ports: they hold what they are given and refuse what AWS refuses."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Unpack

from chalicelib.ports import (
    Attribute,
    Check,
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


class MemoryTable:
    """A `ports.Table` in memory: atomic transactions, conditional writes, sorted partitions.

    `requests` counts what would have been a request each. `before`, where set, is called ahead of
    every request with its name: a test raises there to kill a worker between two writes.
    """

    def __init__(self) -> None:
        self.items: dict[Key, Item] = {}
        self.requests: Counter[str] = Counter()
        self.before: Callable[[str], None] = lambda _name: None
        self._lock = threading.RLock()

    def _request(self, name: str) -> None:
        self.before(name)
        self.requests[name] += 1

    def get(self, keys: Sequence[Key]) -> dict[Key, Item]:
        assert len(set(keys)) == len(keys), "AWS refuses a key named twice"
        found: dict[Key, Item] = {}
        for start in range(0, len(keys), 100):
            self._request("BatchGetItem")
            with self._lock:
                some = keys[start : start + 100]
                found |= {key: _copy(self.items[key]) for key in some if key in self.items}
        return found

    def transact(self, writes: Sequence[Write]) -> bool:
        assert len(writes) <= 100
        assert len({write.key for write in writes}) == len(writes), "a key twice in a transaction"
        self._request("TransactWriteItems")
        with self._lock:
            if not all(self._holds(write) for write in writes):
                return False
            for write in writes:
                self._apply(write)
        return True

    def write(self, writes: Sequence[Insert | Update]) -> list[bool]:
        assert len({write.key for write in writes}) == len(writes), "a key twice in a batch"
        took: list[bool] = []
        for start in range(0, len(writes), 25):
            self._request("BatchExecuteStatement")
            for write in writes[start : start + 25]:
                with self._lock:
                    took.append(self._holds(write))
                    if took[-1]:
                        self._apply(write)
        return took

    def add(self, key: Key, attribute: str, amount: int | set[str] | set[int]) -> Item | None:
        self._request("UpdateItem")
        with self._lock:
            item = self.items.get(key)
            if item is None:
                return None
            there = item.get(attribute)
            if isinstance(amount, int):
                item[attribute] = amount + (there if isinstance(there, int) else 0)
            else:
                item[attribute] = (there if isinstance(there, set) else set()) | amount  # type: ignore[operator]
            return _copy(item)

    def take(self, key: Key, *, most: int, now: int, seconds: int) -> int:
        self._request("UpdateItem")
        with self._lock:
            window = self.items.get(key)
            if window is None or int(str(window["ends"])) <= now:
                if window is not None:
                    self._request("PutItem")
                self.items[key] = {"n": 1, "ends": now + seconds, "ttl": now + seconds + 3600}
                return 0
            taken = int(str(window["n"]))
            if taken >= most:
                return int(str(window["ends"])) - now
            window["n"] = taken + 1
            return 0

    def put(self, key: Key, item: Mapping[str, Attribute]) -> None:
        self._request("PutItem")
        with self._lock:
            self.items[key] = {**item, "v": 1}

    def delete(self, key: Key) -> None:
        self._request("DeleteItem")
        with self._lock:
            self.items.pop(key, None)

    def query(self, partition: str, **part: Unpack[Part]) -> Page:
        self._request("Query")
        index, after, limit = part.get("index", ""), part.get("after"), part.get("limit", 100)
        begins, low, high = part.get("begins", ""), part.get("low", ""), part.get("high", "")
        newest_first = part.get("newest_first", False)
        with self._lock:
            rows = sorted(self._partition(partition, index), reverse=newest_first)
        rows = [
            row
            for row in rows
            if row[0].startswith(begins) and row[0] >= low and (not high or row[0] <= high)
        ]
        if after is not None:
            place = (after["sort"], Key(after["pk"], after["sk"]))
            rows = [r for r in rows if (r[:2] < place if newest_first else r[:2] > place)]
        page = [{**self.items[key], "pk": key.pk, "sk": key.sk} for _, key in rows[:limit]]
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(page, {"sort": last[0], "pk": last[1].pk, "sk": last[1].sk} if last else None)

    def walk(self, after: Key | None, most: int) -> tuple[list[tuple[Key, Item]], Key | None]:
        """A part of the table in the order of keys, as a scan gives it."""
        self._request("Scan")
        with self._lock:
            keys = sorted(key for key in self.items if after is None or key > after)
            page = [(key, _copy(self.items[key])) for key in keys[:most]]
        return page, page[-1][0] if len(keys) > most else None

    def _partition(self, partition: str, index: str) -> list[tuple[str, Key]]:
        if not index:
            return [(key.sk, key) for key in self.items if key.pk == partition]
        return [
            (str(item[index + "s"]), key)
            for key, item in self.items.items()
            if item.get(index) == partition
        ]

    def _holds(self, write: Write) -> bool:
        there = self.items.get(write.key)
        if isinstance(write, Insert):
            return there is None
        if isinstance(write, Put | Ensure):
            return True
        if isinstance(write, Remove) and not write.version:
            return True
        return (there["v"] if there else 0) == write.version

    def _apply(self, write: Write) -> None:
        if isinstance(write, Check):
            return
        if isinstance(write, Remove):
            self.items.pop(write.key, None)
            return
        if isinstance(write, Ensure):
            self.items[write.key] = {**write.item, "v": 1, **self.items.get(write.key, {})}
            return
        if isinstance(write, Insert | Put):
            self.items[write.key] = {**write.item, "v": 1}
            return
        item = self.items[write.key]
        for name, value in write.changes.items():
            if value is None:
                item.pop(name, None)
            else:
                item[name] = value
        item["v"] = write.version + 1


def _copy(item: Item) -> Item:
    return {name: set(value) if isinstance(value, set) else value for name, value in item.items()}  # type: ignore[misc]
