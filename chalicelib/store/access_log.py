"""Who saw and changed whose data: one small item a call, by day, by caller and by lead.

An entry lies in its day's partition (over shards, so that a busy hour heats none), is listed under
its caller by an index, and lies once more under each lead that the call was about. All of it goes
out in one request. Entries hold ids, never values, and go by their time to live
(docs/decisions/0032-access-log.md).
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from chalicelib.model import from_ms, to_ms
from chalicelib.noun import noun
from chalicelib.ports import Insert, Item, Key, Table, Update
from chalicelib.store import items
from chalicelib.store.listing import Listing, cut, sharded
from chalicelib.store.read import moments

DAY_MS = 86_400_000
# So many leads of one call get an entry of their own: with the day's, the day itself and a key's
# last use, these are 23 statements of the 25 that one request carries.
MOST_FILED = 20
# So many days that have entries does one page look through; it comes back short where they have few.
DAYS_A_PAGE = 7
_DAYS = "ACCESS#DAYS"
# Per container: the day that is known to be listed.
_day_listed: WeakKeyDictionary[Table, str] = WeakKeyDictionary()


@noun
class Entry:
    """One call: who (`key:…`), what, whose data, and how it ended.

    `route` is a method and a pattern, never the address as it was called. `leads` are all that the
    answer showed or the call changed; `about` names what else the route's pattern named.
    `address` is a keyed hash of the caller's.
    """

    ms: int
    who: str
    label: str
    route: str
    status: int
    leads: tuple[str, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    masked: bool = False
    id: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def sort(self) -> str:
        """Where it stands among the others: by time."""
        return f"{self.ms:013d}#{self.id}"


class Asked(NamedTuple):
    """Which entries: a range of times (both ends belong to it), a caller, a lead."""

    from_ms: int
    to_ms: int
    who: str = ""
    lead: str = ""


class EntryPage(NamedTuple):
    """A page of entries, the newest first, and the position to go on after; empty at the end."""

    entries: list[Entry]
    last: str


def write(
    table: Table,
    entry: Entry,
    filed: Sequence[str],
    days: int,
    beside: Sequence[Insert | Update] = (),
) -> None:
    """Note a call, and once more under the `filed` of its leads, for so many days.

    One request. What else is due at a call (`beside`) goes out with it; its conditions may refuse
    it without a word.
    """
    ttl = entry.ms // 1000 + days * 86_400
    item: Item = {"b": _body(entry, with_leads=True), "ttl": ttl}
    under = [lead for lead in dict.fromkeys(filed) if lead in entry.leads][:MOST_FILED]
    short: Item = {"b": _body(entry, with_leads=False), "ttl": ttl}
    day = _date(entry.ms)
    # The day is listed by its first entry in each container; that it is there already is no matter.
    first = [Insert(Key(_DAYS, day), {"ttl": ttl + 86_400})]
    table.write(
        [
            Insert(_place(entry), {**item, "g1": _caller(entry.who), "g1s": entry.sort}),
            *(Insert(Key(_seen(lead), entry.sort), short) for lead in under),
            *(first if _day_listed.get(table) != day else ()),
            *beside,
        ]
    )
    _day_listed[table] = day


def listed(table: Table, asked: Asked, limit: int, position: str = "") -> EntryPage:
    """A page of entries: by lead, else by caller, else by day; whatever is left narrows it.

    By lead it lists the calls that were about that lead; the lists that showed it among many are
    found by day.
    """
    if asked.lead:
        entries, last = _of_lead(table, asked, limit, position)
    elif asked.who:
        entries, last = _of_caller(table, asked, limit, position)
    else:
        entries, last = _of_days(table, asked, limit, position)
    return EntryPage([e for e in entries if not asked.who or e.who == asked.who], last)


def _of_lead(table: Table, asked: Asked, limit: int, position: str) -> EntryPage:
    bounds = moments(asked.from_ms, asked.to_ms)
    found, last = cut(table, Listing((_seen(asked.lead),), "", *bounds, True), limit, position)
    return EntryPage([_read(each.sort, each.item, asked.lead) for each in found], last)


def _of_caller(table: Table, asked: Asked, limit: int, position: str) -> EntryPage:
    bounds = moments(asked.from_ms, asked.to_ms)
    found, last = cut(table, Listing((_caller(asked.who),), "g1", *bounds, True), limit, position)
    held = table.get([each.key for each in found]) if found else {}
    return EntryPage([_read(e.sort, held[e.key]) for e in found if e.key in held], last)


def _of_days(table: Table, asked: Asked, limit: int, position: str) -> EntryPage:
    newest = min(asked.to_ms, int(position.partition("#")[0])) if position else asked.to_ms
    noted = _days_noted(table, asked.from_ms, newest)
    entries: list[Entry] = []
    for number, day in enumerate(noted[:DAYS_A_PAGE], 1):
        low, high = moments(asked.from_ms, asked.to_ms)
        listing = Listing(sharded(f"ACCESS#{day}"), "", low, high, newest_first=True)
        found, last = cut(table, listing, limit - len(entries), position)
        entries += [_read(each.sort, each.item) for each in found]
        if last or number == len(noted):
            return EntryPage(entries, last)
        # Nothing of the days behind has been looked at yet: from the last moment before this one.
        position = f"{_first_ms(day) - 1:013d}#~"
        if len(entries) == limit:
            break
    return EntryPage(entries, position if noted else "")


def _days_noted(table: Table, from_ms: int, to_ms: int) -> list[str]:
    """The days of a range that have entries, the latest first, and one more than a page takes."""
    low, high = _date(from_ms), _date(to_ms)
    if low > high:
        return []
    wanted = DAYS_A_PAGE + 1
    page = table.query(_DAYS, low=low, high=high, newest_first=True, limit=wanted)
    return [str(item["sk"]) for item in page.items]


def _first_ms(day: str) -> int:
    return to_ms(datetime.combine(date.fromisoformat(day), time.min, UTC))


def _date(ms: int) -> str:
    return from_ms(ms).date().isoformat()


def _caller(who: str) -> str:
    return f"ACCESS#{who}"


def _seen(lead: str) -> str:
    return f"SEEN#{lead}"


def _place(entry: Entry) -> Key:
    return Key(f"ACCESS#{_date(entry.ms)}#{items.shard(entry.id)}", entry.sort)


def _body(entry: Entry, *, with_leads: bool) -> str:
    body: dict[str, Any] = {"w": entry.who, "r": entry.route, "s": entry.status}
    more = {
        "n": entry.label,
        "l": " ".join(entry.leads) if with_leads else "",
        "o": dict(entry.about),
        "a": entry.address,
        "m": int(entry.masked),
    }
    return items.dump(body | {name: held for name, held in more.items() if held})


def _read(sort: str, item: Item, lead: str = "") -> Entry:
    body = json.loads(str(item["b"]))
    ms, _, name = sort.partition("#")
    return Entry(
        ms=int(ms),
        who=body["w"],
        label=body.get("n", ""),
        route=body["r"],
        status=body["s"],
        leads=tuple(body.get("l", lead).split()),
        about=body.get("o", {}),
        address=body.get("a", ""),
        masked=bool(body.get("m")),
        id=name,
    )
