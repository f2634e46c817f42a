"""Write units by AWS's size rules: a unit a kibibyte begun, and one for each index entry."""

from collections.abc import Iterable

from chalicelib.ports import Attribute, Item, Key

INDEXES = ("g1", "g2", "g3", "g4", "g5")


def write_units(items: Iterable[tuple[Key, Item]]) -> int:
    """The units of writing each of these items once, outside a transaction, as new."""
    return sum(item_units(key, item) + index_units(key, item) for key, item in items)


def item_units(key: Key, item: Item) -> int:
    """The units of one item: its size in names and values, by the begun kibibyte."""
    return -(-size({"pk": key.pk, "sk": key.sk, **item}) // 1024)


def index_units(key: Key, item: Item) -> int:
    """The units of its entries in the sparse keys-only indexes, each well under a kibibyte."""
    del key
    return sum(index in item for index in INDEXES)


def size(item: Item) -> int:
    """An item's size as AWS counts it: UTF-8 of names and texts, numbers by their digits."""
    return sum(len(name) + _value(value) for name, value in item.items())


def _value(value: Attribute) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, int):
        return len(str(value)) // 2 + 2
    return 3 + sum(_value(one) + 1 for one in value)
