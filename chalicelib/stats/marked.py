"""The marks that writers place (`chalicelib.store.marks`), as whoever counts reads them."""

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from chalicelib.ports import Table
from chalicelib.store.marks import GOOD_FOR_MS, MARKS, MINUTE_MS


class Mark(NamedTuple):
    """That an hour (since the epoch) may change until a time, in minutes since the epoch."""

    until: int
    hour: int

    @property
    def until_ms(self) -> int:
        """The time until which its writer may write."""
        return self.until * MINUTE_MS

    @property
    def placed_ms(self) -> int:
        """The latest time at which it was placed."""
        return self.until_ms - GOOD_FOR_MS


def marks(table: Table, since: int) -> Iterator[Mark]:
    """The marks that are good until a minute or later, in order of that."""
    after: Mapping[str, str] | None = None
    while True:
        page = table.query(MARKS, low=f"{since:010d}", limit=500, after=after)
        yield from (Mark(*json.loads(str(item["b"]))) for item in page.items)
        after = page.after
        if after is None:
            return
