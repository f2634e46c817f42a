"""What the pages of the console's shelf cost, with what lies behind their links."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any, cast
from unittest.mock import patch

from chalicelib.admin.console import desk, menu
from tests.admin.counted import CountedTable
from tests.admin.plenty import ACME, STAGE, ident, person
from tests.console.visitor import Visitor
from tests.road.town import Town
from tests.store.people import RING

# For each item that a page shows, and beside them all; requests for each call of the API.
PER_ITEM, BESIDE, REQUESTS = 6, 100, 12
# A pair of duplicates is two leads; how an endpoint fares is a query of its own.
PAIRS, ASKED_EACH = "duplicates", "endpoints"
# A lead's page looks through the latest 500 of its touches for words on consent; an account's asks
# for each that was merged into it.
MORE = {"leads": (2 * 500 + 50, 20), "accounts": (100, 16)}
FILTERED = (
    {"q": "ana"}, {"stage": STAGE.name}, {"tag": "vip"}, {"source": "fair"}, {"account": ACME},
)  # fmt: skip


def by_console(stage: Town) -> Iterator[str]:
    """The pages that cost more than what they show: each, the one behind it, and one of its things."""
    walk = _Walk(stage)
    behind = 0
    for name in menu.PAGES.names():
        views = menu.PAGES.get(name).PAGE.views
        at = "" if name == menu.HOME else f"/{name.replace('_', '-')}"
        if "GET" in views:
            yield from walk.seen(name, at)
            if more := after(walk.visitor.text):
                behind += 1
                yield from walk.seen(name, f"{at}?{more}")
        if "GET /{name}" in views:
            one, query = walk.things[name]
            # An export's address is that of its file.
            yield from walk.seen(
                name, f"{at}/{one}", query, status=404 if name == "exports" else 200
            )
    for query in FILTERED:
        yield from walk.seen("leads", "/leads", query)
    yield from walk.seen("opportunities", "/opportunities", {"view": "list"})
    assert behind > 10


class _Walk:
    """Somebody at the console, and what the table is asked meanwhile."""

    def __init__(self, stage: Town) -> None:
        self.table = cast("CountedTable", stage.table)
        self.visitor = Visitor.signed_in(cast("Any", stage), "admin")
        self.things = things(stage)

    def seen(
        self, name: str, at: str, query: Mapping[str, str] | None = None, status: int = 200
    ) -> Iterator[str]:
        """Look at one page; what is wrong with its cost."""
        shown: list[int] = []
        real: Any = vars(desk)["serve_to"]

        def told(*call: Any, **named: str) -> Any:
            made = real(*call, **named)
            content = made if isinstance(made, dict) else desk._got(made).content
            shown.append(len(content.get("items", ())))
            return made

        with patch.object(desk, "serve_to", told), self.table.counting() as cost:
            self.visitor.get(at, **(query or {}))
        place = f"/console{at[:60]} {query or ''}: {shown} for {cost}"
        assert self.visitor.last.status == status, place
        items, requests = MORE.get(name, (0, 0))
        if cost.items > (2 if name == PAIRS else 1) * PER_ITEM * sum(shown) + BESIDE + items:
            yield f"{place}: items"
        requests += cost.items // 100 + (sum(shown) if name == ASKED_EACH else 0)
        if cost.requests > REQUESTS * len(shown) + requests:
            yield f"{place}: requests"


def things(stage: Town) -> dict[str, tuple[str, dict[str, str]]]:
    """Of each page that shows one thing, one that has much to show, and how it is asked for."""
    often, lead = RING.lead_id(person(2).node, 0), RING.lead_id(person(0).node, 0)
    (pair,) = stage.get("/duplicates", query={"limit": "1"})["items"]
    left, right = (each["id"] for each in pair["leads"])
    (key,) = stage.get("/keys", query={"limit": "1"})["items"]
    return {
        "accounts": (ACME, {}),
        "bundles": (stage.post("/leads/{lead}/bundle", lead=lead)["bundle"], {}),
        "campaigns": ("spring", {}),
        "duplicates": (left, {"with": right}),
        "endpoints": ("often", {}),
        "erasures": (ident("erasure", 0), {}),
        "exports": (ident("export", 0), {}),
        "fields": ("own_often", {}),
        "forms": ("some000", {}),
        "imports": (ident("import", 0), {}),
        "keys": (key["id"], {}),
        "leads": (often, {}),
        "mappings": ("some000", {}),
        "opportunities": (ident("deal", 0), {}),
        "purges": (ident("purge", 0), {}),
        "sale": (often, {}),
        "submissions": (ident("touch", 0), {}),
    }


def after(page: str) -> str:
    """The query of the page behind one, as its link has it."""
    found = re.search(r'rel="next" href="\?([^"]+)"', page)
    return unescape(found[1]) if found else ""
