"""What people call the standard fields above their columns, in five languages."""

import json
from functools import cache
from importlib.resources import files
from typing import cast

from chalicelib.fields._field import fold

# A whole name, or a first name where the last name has a column of its own.
WHOLE_NAME = "name"
_WHEN = """
Occurred at, Date, Time, Date and time, Timestamp, When, Purchase date, Order date, Call date
Event date, Created at, Fecha, Fecha y hora, Fecha de compra, Fecha del pedido, Fecha de llamada
Data, Data e hora, Data da compra, Data do pedido, Data da ligação
تاریخ, تاریخ خرید, تاریخ سفارش, تاریخ تماس, 日期, 时间, 日期时间, 购买日期, 下单时间, 订单日期, 通话时间
"""


def header_key(header: str) -> str:
    """What two headers that mean the same have in common: no case, accents, marks or spaces.

    Persian and Arabic forms of one letter are one; full-width letters are plain ones.
    """
    return fold(header).replace(" ", "")


def alias(header: str) -> str:
    """The standard field, `external_id`, or `WHOLE_NAME` that a header names, else nothing."""
    return aliases().get(header_key(header), "")


@cache
def when_headers() -> frozenset[str]:
    """The keys of headers that say, in a file of what happened, when each row did."""
    return frozenset(map(header_key, _WHEN.strip().replace("\n", ",").split(",")))


@cache
def aliases() -> dict[str, str]:
    """From every known header's key to its field; a header listed under two fails in a test."""
    text = files("chalicelib.presets").joinpath("_aliases.json").read_text(encoding="utf-8")
    lists = cast("dict[str, dict[str, list[str]]]", json.loads(text))
    found: dict[str, str] = {}
    for field, languages in lists.items():
        for header in (field, *(h for headers in languages.values() for h in headers)):
            found.setdefault(header_key(header), field)
    return found
