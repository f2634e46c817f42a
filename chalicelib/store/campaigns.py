"""What belongs to a campaign, without an index of its own that a submission would have to pay for.

Leads are found through the index of their sources: a campaign says in which it runs, and its page
is narrowed to the leads whose first touch names it. What our own people did for it (a call, a
meeting) is listed by an entry that only such touches have.
"""

from collections.abc import Collection

from chalicelib.ports import Table
from chalicelib.store.history import TouchPage, submissions_by_id
from chalicelib.store.listing import Listing, cut, sharded
from chalicelib.store.read import LeadPage, leads_by_id
from chalicelib.store.submission_items import campaign_index


def leads_of(
    table: Table, sources: Collection[str], names: Collection[str], limit: int, position: str
) -> LeadPage:
    """A page of leads of some sources whose first touch names one of some campaigns.

    It may come back short with a position to go on after, as every narrowed page.
    """
    partitions = tuple(part for source in sources for part in sharded(f"SOURCE#{source}"))
    entries, last = cut(table, Listing(partitions, "g2", newest_first=True), limit, position)
    found = leads_by_id(table, [entry.key.pk.partition("#")[2] for entry in entries])
    return LeadPage(
        [
            lead
            for lead in found.values()
            if lead.alive and lead.view.first and lead.view.first.source.get("campaign") in names
        ],
        last,
    )


def touches_of(table: Table, names: Collection[str], limit: int, position: str) -> TouchPage:
    """A page of what was done for some campaigns."""
    partitions = tuple(campaign_index(name) for name in names)
    entries, last = cut(table, Listing(partitions, "g3", newest_first=True), limit, position)
    found = submissions_by_id(table, [entry.key.pk.partition("#")[2] for entry in entries])
    return TouchPage([touch for touch in found.values() if touch.fate.effective], last)
