"""What came in: submissions by fate, door and time, and the timeline of one lead."""

from collections.abc import Iterable
from typing import NamedTuple

from chalicelib.model import Door, Fate, Touch
from chalicelib.noun import noun
from chalicelib.ports import Table
from chalicelib.store import items, submission_items
from chalicelib.store.items import Lead
from chalicelib.store.listing import Listing, cut, sharded
from chalicelib.store.read import LATEST_MS, homes_by_key, moments


@noun
class SubmissionQuery:
    """Which submissions: by fate, door and endpoint, and received within a range, both ends included."""

    fate: Fate | None = None
    door: Door | None = None
    from_ms: int = 0
    to_ms: int = LATEST_MS
    endpoint: str = ""


class TouchPage(NamedTuple):
    """A page of submissions, and the position to go on after; empty at the end."""

    touches: list[Touch]
    last: str


# How far a narrowed list looks for matches in one go: so many entries, so often.
SLICE, MOST_SLICES = 100, 10


def submission(table: Table, receipt: str) -> Touch | None:
    """One submission as it is stored, or None."""
    return submissions_by_id(table, [receipt]).get(receipt)


def submissions_by_id(table: Table, receipts: Iterable[str]) -> dict[str, Touch]:
    """Some submissions in the order asked for; those that are not there are left out."""
    keys = {receipt: items.submission_key(receipt) for receipt in dict.fromkeys(receipts)}
    found = table.get(list(keys.values())) if keys else {}
    return {
        receipt: submission_items.read_submission(found[key])
        for receipt, key in keys.items()
        if key in found
    }


def list_submissions(
    table: Table, query: SubmissionQuery, limit: int, position: str = ""
) -> TouchPage:
    """A page of submissions, newest first.

    What does not match is passed over, up to a bound, so a page may come back short. What waits or was
    refused has an index of its own by fate; touches are listed among all. As much as was asked for
    is looked at first: where most of it matches, a page costs no more than it shows.
    """
    low, high = moments(query.from_ms, query.to_ms)
    if query.fate is None or query.fate.effective:
        listing = Listing(sharded("SUB"), "g1", low, high, newest_first=True)
    else:
        listing = Listing((f"FATE#{query.fate}",), "g2", low, high, newest_first=True)
    last = position
    taken: dict[str, Touch] = {}
    for number in range(MOST_SLICES):
        entries, position = cut(table, listing, SLICE if number else limit, position)
        sorts = {items.filed_id(entry.sort): entry.sort for entry in entries}
        found = submissions_by_id(table, sorts)
        for receipt, touch in found.items():
            if not _matches(touch, query):
                continue
            if len(taken) == limit:
                return TouchPage(list(taken.values()), last)
            taken[receipt], last = touch, sorts[receipt]
        if not position or len(taken) == limit:
            break
    return TouchPage(list(taken.values()), position)


def _matches(touch: Touch, query: SubmissionQuery) -> bool:
    if not query.from_ms <= touch.received_ms <= query.to_ms:
        return False
    if query.endpoint and touch.source.endpoint != query.endpoint:
        return False
    return query.fate in (None, touch.fate) and query.door in (None, touch.door)


def timeline(
    table: Table, lead: Lead, limit: int, position: str = "", *, newest_first: bool = True
) -> TouchPage:
    """A page of a lead's touches by the time they happened, over all nodes united in it.

    Touches that were taken back are left out, so a page may come back short.
    """
    partitions = tuple(items.home_key(node).pk for node in lead.nodes)
    listing = Listing(partitions, low="T#", high="T#~", newest_first=newest_first)
    entries, last = cut(table, listing, limit, position)
    found = submissions_by_id(table, [items.filed_id(entry.sort) for entry in entries])
    own = set(lead.nodes)
    return TouchPage([t for t in found.values() if t.fate.effective and t.node in own], last)


def touches_of(table: Table, lead: Lead, most: int) -> list[Touch]:
    """The touches of a lead, newest first, up to a bound."""
    touches: list[Touch] = []
    position = ""
    while len(touches) < most:
        page = timeline(table, lead, 100, position)
        touches += page.touches
        position = page.last
        if not position:
            break
    return touches[:most]


def leads_now(table: Table, touches: Iterable[Touch]) -> dict[str, str]:
    """The lead that each submission belongs to today, by receipt; empty for those of nobody.

    A submission notes the lead it went to. What people merged and parted since is known by the
    home of the key under which it is filed.
    """
    effective = {touch.id: touch for touch in touches if touch.fate.effective}
    homes = homes_by_key(table, (touch.node for touch in effective.values()))
    return {receipt: homes[touch.node].lead or touch.lead for receipt, touch in effective.items()}
