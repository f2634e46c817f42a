"""With ten thousand leads, every page of every list costs reads by its items, not by the table.

What a page costs is counted at the table: requests, items read (index entries, keys that were asked
for in vain and the call's own key, window and log among them). The lists are those of the table of
routes, and the pages of the console those of its shelf, so that none can come without being counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from chalicelib.admin.routes import ROUTES
from chalicelib.admin.schemas import SCHEMAS
from tests.admin.console_costs import by_console
from tests.admin.counted import CountedTable
from tests.admin.plenty import ACME, CALLER, FAMILY, SHARED, STAGE, ident, person, town
from tests.road.town import Town
from tests.store.people import RING

# A page of so many, the one after it, and a large one.
SMALL, LARGE = 20, 100
# An index entry, the item, and for a lead its suppressions by key, its checks and its company; the
# shards of an index give a quarter and some each, and one that runs dry is asked again.
PER_ITEM, BESIDE, REQUESTS = 6, 30, 12
SOME_DAYS = {"created_from": "2026-02-01", "created_to": "2026-02-04"}


@dataclass(frozen=True)
class Ask:
    """One list with its filters.

    `there` is how many it has, where that is less than a page. `short`: no index answers all of the
    filters, so that a page may come back short; it costs what it looked through. `items` and
    `requests` are what it may cost beside the usual, `each` the requests for each item.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, str] = field(default_factory=dict)
    there: int = LARGE
    short: bool = False
    items: int = 0
    per_item: int = PER_ITEM
    requests: int = 0
    each: int = 0


def lead(number: int) -> dict[str, str]:
    """The path's part for one of the ten thousand."""
    return {"lead": RING.lead_id(person(number).node, 0)}


# What no index answers is looked for in so many entries, with as many submissions: ten slices, each
# over four shards.
SLICES: dict[str, Any] = {"short": True, "items": 2500, "requests": 48}
# So many leads are looked at for a page; whom each resembles is a query of names over four shards
# and a batch of addresses (docs/decisions/0014-candidates.md).
LIKE: dict[str, Any] = {"there": 1, "short": True, "items": 1500, "requests": 24}
OFTEN = ("form", "mapping", "endpoint", "segment", "campaign")

ASKED = (
    Ask("/leads"),
    Ask("/leads", SOME_DAYS),
    Ask("/leads", {"email": "p3@gmail.com"}, there=1),
    Ask("/leads", {"external_id": "hubspot:77"}, there=1),
    # A home holds 64 claims at most: all of them are read to know whose is the next.
    Ask("/leads", {"phone": SHARED}, there=FAMILY, items=64),
    Ask("/leads", {"source": "fair"}),
    Ask("/leads", {"source": "fair", **SOME_DAYS}),
    Ask("/leads", {"stage": STAGE.name}),
    Ask("/leads", {"stage": STAGE.name, **SOME_DAYS}),
    Ask("/leads", {"name": "ana"}),
    Ask("/leads", {"name": "zoe lane1"}),
    # Each account that was merged into it is a partition more, over four shards.
    Ask("/leads", {"account": ACME}, items=40, requests=16),
    Ask("/leads", {"tag": "vip"}),
    Ask("/leads", {"tag": "vip", **SOME_DAYS}),
    Ask("/leads", {"segment": "some001"}),
    Ask("/leads", {"campaign": "spring"}),
    Ask("/leads", {"acquisition": "opted_in"}),
    Ask("/leads", {"channel": "nobody's"}, short=True),
    Ask("/leads", {"source": "fair", "campaign": "nobody's"}, short=True),
    Ask("/leads/{lead}/timeline", named=lead(2)),
    Ask("/leads/{lead}/timeline", {"order": "oldest"}, lead(2)),
    # A pair is two leads.
    Ask("/duplicates", per_item=2 * PER_ITEM),
    Ask("/duplicates", lead(2), **LIKE),
    Ask("/submissions"),
    Ask("/submissions", {"from": "2026-02-01", "to": "2026-02-04"}),
    *(Ask("/submissions", {"fate": f}) for f in ("quarantined", "spam", "rejected", "ignored")),
    Ask("/submissions", {"fate": "spam", "from": "2026-01-01", "to": "2026-01-30"}),
    *(Ask("/submissions", {"fate": f}, **SLICES) for f in ("created", "merged", "unchanged")),
    *(Ask("/submissions", {"door": door}, **SLICES) for door in ("file", "form", "webhook")),
    Ask("/submissions", {"fate": "spam", "door": "form"}, **SLICES),
    Ask("/imports"),
    Ask("/imports", {"key": "inbox/again.csv"}),
    # The first page has the sums of the run: each import of it is read once.
    Ask("/imports", {"run": "fair"}, items=2 * 120 + 10, requests=4),
    Ask("/exports"),
    *(Ask(f"/{place}") for place in ("forms", "fields", "mappings", "segments", "campaigns")),
    # How an endpoint fares is a query each, of nine small items at most.
    Ask("/endpoints", each=1),
    *(Ask(f"/{name}s/{{{name}}}/versions", named={name: "often"}) for name in OFTEN),
    Ask("/fields/{field}/versions", named={"field": "own_often"}),
    Ask("/stages/versions"),
    Ask("/retention/versions"),
    Ask("/retention/runs", there=1),
    Ask("/opportunities"),
    *(Ask("/opportunities", {"status": status}) for status in ("open", "won", "lost")),
    Ask("/opportunities", {"account": ACME}),
    Ask("/opportunities", lead(0)),
    Ask("/opportunities", {"stage": STAGE.name}),
    Ask("/opportunities", {"stage": STAGE.name, "status": "lost"}, short=True),
    # A counter for each month and currency of the range, and one beside: whatever they count.
    Ask("/forecast", {"month_from": "2026-01", "month_to": "2026-12", "currency": "EUR"}, there=12),
    Ask("/accounts", short=True),
    Ask("/accounts", {"name": "firm"}, short=True),
    Ask("/accounts", {"domain": "acme.es"}, there=1),
    Ask("/accounts", {"status": "customer"}),
    Ask("/accounts", {"status": "prospect"}, short=True),
    Ask("/accounts/{account}/leads", named={"account": ACME}, items=40, requests=16),
    Ask("/accounts/{account}/leads", SOME_DAYS, {"account": ACME}, items=40, requests=16),
    Ask("/campaigns/{campaign}/leads", named={"campaign": "spring"}),
    Ask("/campaigns/{campaign}/touches", named={"campaign": "spring"}),
    Ask("/suppressions"),
    Ask("/suppressions", {"email": "p7@gmail.com"}, there=1),
    Ask("/suppressions", {"phone": SHARED}, there=0),
    # Five pages of the ledger are looked through for one of a reason.
    Ask("/suppressions", {"reason": "bounced"}, short=True, items=1100, requests=24),
    Ask("/suppressions", {"reason": "unsubscribed"}, short=True, items=1100, requests=24),
    Ask("/purges"),
    Ask("/purges/{purge}/leads", named={"purge": ident("purge", 0)}, per_item=PER_ITEM + 1),
    Ask("/erasures"),
    Ask("/keys"),
    # Seven days are looked through for a page, each over four shards.
    Ask("/access", items=60, requests=28),
    Ask("/access", {"from": "2026-01-10", "to": "2026-01-20"}, items=60, requests=28),
    Ask("/access", {"key": CALLER}),
    Ask("/access", {"lead": ident("seen")}),
    Ask("/access", {"lead": ident("seen"), "key": CALLER}, short=True),
)


def lists() -> dict[str, frozenset[str]]:
    """Every route that answers `items`, with the parameters that choose among them."""
    found = {}
    for route in ROUTES:
        answer = SCHEMAS.get(route.answers.get(200, ""), {})
        if route.method == "GET" and "items" in answer.get("properties", {}):
            found[route.path] = frozenset(route.query) - {"limit", "cursor"}
    return found


def test_every_list_and_every_filter_is_counted() -> None:
    """A route that is new, or a filter of it, has no row here and is told."""
    counted: dict[str, frozenset[str]] = {}
    for ask in ASKED:
        counted[ask.path] = counted.get(ask.path, frozenset()) | ask.query.keys()
    # Whether it is in it, a version of it: these name one document.
    assert counted == {path: names - {"version"} for path, names in lists().items()}


@pytest.mark.slow
def test_every_page_costs_reads_by_its_items() -> None:
    """Of the API and of the console, the first page and those behind it; one store for all."""
    stage = town()
    assert sum(key.pk.startswith("L#") for key in stage.table.items) > 10_000
    dear = [*by_api(stage), *of_likeness(stage), *by_console(stage)]
    assert dear == []


def by_api(stage: Town) -> Iterator[str]:
    """The pages of the API that cost more than they may, or come back short though they need not."""
    for ask in ASKED:
        first, told = asked(stage, ask, SMALL, "")
        yield from told
        cursor = first.get("next") or ""
        assert cursor or ask.there <= SMALL, ask
        if cursor:
            yield from asked(stage, ask, SMALL, cursor)[1]
        yield from asked(stage, ask, LARGE, "")[1]


def asked(stage: Town, ask: Ask, limit: int, cursor: str) -> tuple[dict[str, Any], list[str]]:
    """One page, and what is wrong with its cost."""
    paged = "limit" in next(r.query for r in ROUTES if (r.method, r.path) == ("GET", ask.path))
    query = {**ask.query} | ({"limit": str(limit)} if paged else {})
    query |= {"cursor": cursor} if cursor else {}
    with table(stage).counting() as cost:
        page = stage.get(ask.path, query=query, **ask.named)
    shown = len(page["items"])
    place = f"{ask.path} {query}: {shown} of {limit} for {cost}"
    assert cost.items >= shown, place
    wanted = min(limit, ask.there if not cursor else max(0, ask.there - SMALL))
    told = [] if ask.short or shown >= wanted else [f"{place}: short"]
    if cost.items > ask.per_item * limit + BESIDE + ask.items:
        told.append(f"{place}: items")
    # A request holds a hundred keys.
    batches = REQUESTS + cost.items // LARGE
    if cost.requests > batches + ask.requests + ask.each * limit:
        told.append(f"{place}: requests")
    return page, told


def of_likeness(stage: Town) -> Iterator[str]:
    """Behind the pairs that share a key: pages of whom the newest leads resemble."""
    ask, cursor, pages = Ask("/duplicates", per_item=2 * PER_ITEM), "", 0
    like = Ask("/duplicates", short=True, items=2000, requests=120)
    while pages < 6:
        page, told = asked(stage, ask if pages == 0 else like, LARGE, cursor)
        yield from told
        cursor, pages = page["next"], pages + 1
        assert cursor, "ten thousand leads are looked at twenty a page"


def table(stage: Town) -> CountedTable:
    """The stage's table."""
    return cast("CountedTable", stage.table)
