"""A purge's items in the table: what it looks for, how far it is, who it is about.

PURGE#{id}  P         the purge
PURGE#{id}  L#{lead}  one lead that it is about: why, since when, what came of it
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

from chalicelib.noun import noun
from chalicelib.ports import Attribute, Insert, Item, Key, Table, Update
from chalicelib.store.items import dump, integer
from chalicelib.store.jobs import Jobs
from chalicelib.store.listing import Listing, cut

ERASE, ARCHIVE = "erase", "archive"
LEADS = "L#"
_MOST_COUNTED = 100_000


class Status(StrEnum):
    """How far a purge is; one that is in review waits for a person."""

    FINDING = "finding"
    REVIEW = "review"
    COMMITTING = "committing"
    DONE = "done"
    CANCELLED = "cancelled"


@noun
class Purge:
    """One purge. `rule` is the retention rule that proposed it, empty where a person asked.

    `reachable`: whoever can still be reached another way is left alone. `step` and `position` say
    how far the work is; `counts` what became of its leads.
    """

    id: str
    asked_ms: int
    actor: str = ""
    rule: str = ""
    reasons: tuple[str, ...] = ()
    after_days: int = 0
    reachable: bool = True
    action: str = ERASE
    status: str = Status.FINDING
    step: int = 0
    position: str = ""
    found: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    committed_by: str = ""
    finished_ms: int = 0
    next_ms: int = 0


class Candidate(NamedTuple):
    """One lead of a purge: why it is in it, the time of its last touch then, what came of it."""

    lead: str
    why: str
    last_ms: int
    since_ms: int
    outcome: str = ""
    version: int = 0


def propose(table: Table, purge: str, found: Sequence[Candidate]) -> None:
    """Add leads to a purge; who is in it already stays as noted."""
    inserts = {_place(purge, one.lead): one for one in found}
    if inserts:
        table.write([Insert(key, {"b": _body(one)}) for key, one in inserts.items()])


def candidates(
    table: Table, purge: str, limit: int, position: str = ""
) -> tuple[list[Candidate], str]:
    """A page of a purge's leads, by id, and the position to go on after."""
    listing = Listing((_key(purge).pk,), low=LEADS, high=f"{LEADS}~")
    entries, last = cut(table, listing, limit, position)
    there = table.get([entry.key for entry in entries]) if entries else {}
    return [_candidate(there[e.key], e.key.sk) for e in entries if e.key in there], last


def settle(table: Table, purge: str, one: Candidate, outcome: str) -> bool:
    """Note what came of a lead; False where somebody noted it meanwhile."""
    made = Update(_place(purge, one.lead), {"b": _body(one._replace(outcome=outcome))}, one.version)
    return table.write([made])[0]


def leave_out(table: Table, purge: str, lead: str) -> bool:
    """Take a lead out of a purge; False where it is not in it."""
    key = _place(purge, lead)
    if key not in table.get([key]):
        return False
    table.delete(key)
    return True


def count(table: Table, purge: str) -> int:
    """How many leads a purge is about."""
    return sum(1 for _, _ in zip(_keys(table, purge), range(_MOST_COUNTED), strict=False))


def _keys(table: Table, purge: str) -> Iterator[str]:
    after: Mapping[str, str] | None = None
    while True:
        page = table.query(_key(purge).pk, begins=LEADS, limit=1000, after=after)
        yield from (str(item["sk"]) for item in page.items)
        if (after := page.after) is None:
            return


def _key(purge: str) -> Key:
    return Key(f"PURGE#{purge}", "P")


def _place(purge: str, lead: str) -> Key:
    return Key(f"PURGE#{purge}", f"{LEADS}{lead}")


def _body(one: Candidate) -> str:
    return dump([one.why, one.last_ms, one.since_ms, one.outcome])


def _candidate(item: Item, sort: str) -> Candidate:
    why, last_ms, since_ms, outcome = json.loads(str(item["b"]))
    lead = sort.removeprefix(LEADS)
    return Candidate(lead, why, last_ms, since_ms, outcome, integer(item["v"]))


def _item(made: Purge) -> dict[str, Attribute | None]:
    content = {n: value for n, value in asdict(made).items() if value or n == "reachable"}
    when = f"{made.asked_ms:013d}#{made.id}"
    at_work = made.status in (Status.FINDING, Status.COMMITTING)
    return {
        "b": dump(content),
        "g1": "PURGES",
        "g1s": when,
        "g4": "PURGING" if at_work else None,
        "g4s": when if at_work else None,
    }


def _read(item: Item) -> Purge:
    body: dict[str, Any] = json.loads(str(item["b"]))
    made = Purge(**body)
    return replace(made, reasons=tuple(made.reasons))


JOBS = Jobs(_key, _item, _read, "PURGES", "PURGING")
load, change, listed, unfinished = JOBS.load, JOBS.changed, JOBS.listed, JOBS.unfinished


def insert(table: Table, made: Purge) -> bool:
    """Write a new one; False where it is there already."""
    return JOBS.insert(table, made.id, made)
