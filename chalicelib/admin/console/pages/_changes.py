"""What a touch changed: each value beside the one that stood there before it."""

from collections.abc import Mapping
from typing import Any


def before(
    touch: Mapping[str, Any], explained: Mapping[str, Mapping[str, Any]]
) -> dict[str, object]:
    """By field, what a touch's value took the place of, where the explanation knows of one.

    Of the values that were there by then the explanation's order says which one stood: a touch that
    did not win against that one changed nothing, and neither did one that said the same.
    """
    found: dict[str, object] = {}
    for name, held in touch["values"].items():
        told = explained.get(name)
        if told is None or "beside" in told:
            continue
        ranked = [told, *told["won_against"]]
        receipts = [each["submission"] for each in ranked]
        if touch["receipt"] not in receipts:
            continue
        own = receipts.index(touch["receipt"])
        there = [
            (place, each["value"])
            for place, each in enumerate(ranked)
            if place != own and each["time"] <= touch["submitted_at"]
        ]
        # The first is the greatest: what stood there when this one came.
        if there and there[0][0] > own and there[0][1] not in (held, None):
            found[name] = there[0][1]
    return found
