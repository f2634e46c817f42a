"""Who must not be contacted, by key: for now it is only read; what writes it comes later.

A suppression lies at `X#<key>` with `reasons`, a set of `unsubscribed`, `bounced`, `complained`
and `erased`, and `b`, JSON with what is known of each reason. It stands outside the fold and is
never derived from touches (law 6).
"""

from collections.abc import Iterable, Mapping

from chalicelib.ports import Key, Table


def suppression_key(key: str) -> Key:
    """Where the suppression of a key of the ring lies."""
    return Key(f"X#{key}", "X")


def reasons(table: Table, keys: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The reasons why each of some people must not be contacted, given their keys by lead id."""
    wanted = dict.fromkeys(key for held in keys.values() for key in held)
    found = table.get([suppression_key(key) for key in wanted]) if wanted else {}
    by_key: dict[str, set[str]] = {}
    for key in wanted:
        held = found.get(suppression_key(key), {}).get("reasons", set())
        by_key[key] = {str(reason) for reason in held} if isinstance(held, set) else set()
    return {
        lead: sorted({reason for key in held for reason in by_key[key]})
        for lead, held in keys.items()
    }
