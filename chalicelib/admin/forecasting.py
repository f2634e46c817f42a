"""The forecast: what opportunities come to by month and currency, read off their counters."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from chalicelib.admin.call import Call, invalid
from chalicelib.admin.opportunities import money
from chalicelib.fields._currencies import CODES
from chalicelib.store.forecast import (
    DIMENSIONS,
    ENDS,
    NO_MONTH,
    NOTHING,
    Place,
    Sum,
    Sums,
    counters,
)
from chalicelib.store.opportunity import monthly

RANGE = ("month_from", "month_to", "currency")
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_MOST_MONTHS, _USUAL_MONTHS = 120, 12


def forecast(call: Call) -> dict[str, Any]:
    """By month and currency: open opportunities by stage, and what was won and lost.

    Open ones that nobody expects in any month stand at the end, under null.
    """
    first, last = _range(call)
    currency = call.query("currency").upper()
    if currency and currency not in CODES:
        raise invalid("currency", "choice_unknown", "expected a code of ISO 4217, such as EUR")
    order = [stage.name for stage in call.live.catalogue.stages().stages]
    table = call.outside.table
    found = [*counters(table, first, last), *counters(table, NO_MONTH, NO_MONTH)]
    items = [
        _month(place, sums, order)
        for place, sums in found
        if sums and currency in ("", place.currency)
    ]
    return {"from": first, "to": last, "items": items}


def _range(call: Call) -> tuple[str, str]:
    """Two months, both included: this one and the eleven that follow unless said otherwise."""
    now = call.outside.now()
    first = _asked(call, "month_from") or f"{now:%Y-%m}"
    last = _asked(call, "month_to") or _after(first, _USUAL_MONTHS - 1)
    if not first <= last < _after(first, _MOST_MONTHS):
        raise invalid("month_to", "date_invalid", f"at most {_MOST_MONTHS} months, in their order")
    return first, last


def _asked(call: Call, name: str) -> str:
    text = call.query(name)
    if text and not _MONTH.fullmatch(text):
        raise invalid(name, "date_invalid", "expected a month, such as 2026-01")
    return text


def _after(month: str, count: int) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + count, 12)
    return f"{min(year, 9999):04d}-{number + 1:02d}"


def _month(place: Place, sums: Sums, order: list[str]) -> dict[str, Any]:
    currency = "" if place.currency == "-" else place.currency
    stages = {path.partition("/")[2]: held for path, held in sums.items() if path[:5] == "open/"}
    listed = sorted(stages, key=lambda name: (order.index(name) if name in order else 99, name))
    total = NOTHING
    for held in stages.values():
        total = total.plus(held)
    return {
        "month": None if place.month == NO_MONTH else place.month,
        "currency": currency or None,
        "open": _sum(total, currency),
        "stages": [{"stage": name, **_sum(stages[name], currency)} for name in listed],
        "won": _sum(sums.get("won", NOTHING), currency),
        "lost": _sum(sums.get("lost", NOTHING), currency),
        "won_by": {
            f"{end}_touch": {each: _shares(sums, f"{end}/{each}/", currency) for each in DIMENSIONS}
            for end in ENDS
        },
    }


def _shares(sums: Sums, prefix: str, currency: str) -> list[dict[str, Any]]:
    """What was won by each value, the most first; `share` is of the number of deals."""
    won = sums.get("won", NOTHING).deals
    found: Mapping[str, Sum] = {
        p.removeprefix(prefix): s for p, s in sums.items() if prefix in p[: len(prefix)]
    }
    ranked = sorted(found, key=lambda value: (-found[value].deals, value))
    return [
        {
            "value": value,
            "count": found[value].deals,
            "amount": money(found[value].amount, currency),
            "arr": money(found[value].arr, currency),
            "share": str((Decimal(found[value].deals) / won).quantize(Decimal("0.0001"))),
        }
        for value in ranked
    ]


def _sum(held: Sum, currency: str) -> dict[str, Any]:
    return {
        "count": held.deals,
        "amount": money(held.amount, currency),
        "weighted": money(held.weighted, currency),
        "mrr": money(monthly(held.arr, currency), currency),
        "arr": money(held.arr, currency),
        "weighted_mrr": money(monthly(held.weighted_arr, currency), currency),
        "weighted_arr": money(held.weighted_arr, currency),
    }
