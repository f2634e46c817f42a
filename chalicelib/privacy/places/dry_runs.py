"""Shadows of dry runs: what an import would write, beside what is there, for two weeks.

A dry run stored nothing, so the person's submissions do not lead to it. The rehearsed imports are
looked at one by one: their shadows by the person's keys, and, for as long as chunks are kept, what
the rehearsal noted of each row. Rows that it refused are found by their shadows alone.

A lead's shadow is the whole lead as it was then. Whoever was parted from it since is in it too: so a
rehearsal notes under each key of a lead of several (`R#{import}#K#{key}  L#{lead}`) where it lies.
"""

from collections.abc import Iterator, Mapping, Sequence

from chalicelib import errors
from chalicelib.imports import records
from chalicelib.imports.records import Import
from chalicelib.imports.rehearse import read_fates
from chalicelib.model import Touch, to_ms
from chalicelib.ports import Item, Key
from chalicelib.privacy.places._place import Desk, Did, Done, Held, Place, Task, Who
from chalicelib.store import items
from chalicelib.store.rehearsal import read_shadow
from chalicelib.store.submission_items import read_submission

# Chunks are kept for 90 days, and in the bucket's earlier versions for 30 more.
_DAYS = 120
_DAY_MS = 86_400_000
_IN_FILES = ("chunks", "reports", "dropped_files")


class DryRuns(Place):
    """`R#{import}#…`."""

    def whole(self, who: Who, desk: Desk) -> list[Task]:
        """The shadows in each import, and the rows of the files that cast them."""
        made: list[Task] = []
        for imp in _rehearsed(desk):
            places, touches = _shadows(imp, who, desk)
            if places:
                made.append({"place": "dry_runs", "items": [list(key) for key in places]})
            planned = [] if imp.checked else list(_planned(imp, who, desk))
            chunks = {chunk for _, chunk in planned} | {_chunk(touch) for touch in touches}
            rows = {row for row, _ in planned} | {touch.ordinal for touch in touches}
            if rows:
                found = {"import": imp.id, "rows": sorted(rows), "chunks": sorted(chunks)}
                made += [{**found, "place": name} for name in _IN_FILES]
        return made

    def erase(self, task: Task, who: Who, desk: Desk) -> Done:
        """Delete the shadows: a commit needs them no more."""
        del who
        for pk, sk in task["items"]:
            desk.outside.table.delete(Key(pk, sk))
        return Done(Did.ERASED, len(task["items"]))

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """What dry runs that wait for a decision would bring."""
        del touches
        for imp in _rehearsed(desk):
            _, found = _shadows(imp, who, desk)
            if found:
                rows = [
                    {"import": imp.id, "row": t.ordinal, "values": dict(t.values)} for t in found
                ]
                yield Held(rows)


def _planned(imp: Import, who: Who, desk: Desk) -> Iterator[tuple[int, int]]:
    """Row and chunk of each row that a rehearsal noted under one of the person's keys."""
    wanted = set(who.keys)
    for number in range(1, imp.chunks + 1):
        try:
            rows = read_fates(desk.outside, imp.id, number)["rows"]
        except errors.Missing:
            continue  # its time was over, or it is still to be rehearsed
        yield from ((row, number) for row, _, _, keys in rows if wanted.intersection(keys))


def _chunk(touch: Touch) -> int:
    return int(touch.chunk.rpartition("#")[2])


def _rehearsed(desk: Desk) -> Iterator[Import]:
    low = f"{to_ms(desk.outside.now()) - _DAYS * _DAY_MS:013d}"
    after: Mapping[str, str] | None = None
    while True:
        page, after = records.page(desk.outside.table, "g1", "IMPORT", low=low, after=after)
        yield from (imp for imp in page if imp.rehearsed)
        if after is None:
            return


def _shadows(imp: Import, who: Who, desk: Desk) -> tuple[list[Key], list[Touch]]:
    """Where a person's shadows of one import lie, and the submissions among them."""
    table, start = desk.outside.table, f"R#{imp.id}#"
    places: list[Key] = []
    receipts: list[str] = []
    leads = {who.lead} - {""}
    for key in who.keys:
        for item in _partition(desk, f"{start}K#{key}"):
            sort = str(item["sk"])
            places.append(Key(f"{start}K#{key}", sort))
            if sort == "H":
                leads.add(str(read_shadow(item).item.get("lead", "")))
            elif sort.startswith("L#"):
                leads.add(sort.removeprefix("L#"))
            else:
                receipts.append(items.filed_id(sort))
    asked = [Key(f"{start}S#{receipt}", "S") for receipt in dict.fromkeys(receipts)]
    found = table.get(asked) if asked else {}
    touches = [read_submission(read_shadow(item).item) for item in found.values()]
    leads |= {touch.lead for touch in touches}
    asked = [Key(f"{start}L#{lead}", "L") for lead in sorted(leads - {""})]
    return [*places, *found, *(table.get(asked) if asked else ())], touches


def _partition(desk: Desk, partition: str) -> Iterator[Item]:
    after: Mapping[str, str] | None = None
    while True:
        page = desk.outside.table.query(partition, after=after)
        yield from page.items
        if (after := page.after) is None:
            return


PLACE = DryRuns()
