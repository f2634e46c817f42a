"""Mends what `looking` finds: references first, then whatever hangs together, a transaction each.

Only while no import is under way: a batch on its way looks like what is broken, and is not. What
takes more than one transaction, and a submission that nobody can read any more, is left and named
with the reason.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from chalicelib import errors
from chalicelib.intake.identify import Keyring
from chalicelib.model import Touch
from chalicelib.ports import Table, Update
from chalicelib.store import forecast, items, lead_items, recount
from chalicelib.store.commit import (
    ATTEMPTS,
    MOST_WRITES,
    changes,
    filing,
    held_due,
    holding,
    planned,
)
from chalicelib.store.items import Lead
from chalicelib.store.kinds import (
    ACCOUNT,
    COUNTER,
    HOME,
    LEAD,
    LISTED,
    OPPORTUNITY,
    SUBMISSION,
    key_of,
)
from chalicelib.store.looking import (
    UNLISTED,
    UNREADABLE,
    Looked,
    MendingWorld,
    Wrong,
    look_again,
    understood,
)
from chalicelib.store.rederive import rederive
from chalicelib.store.submission_items import submission_item
from chalicelib.store.world import Need, Stale

# What one mending uncovers the next one mends: a home without a lead, then the lead's index.
_ROUNDS = 4
_ORDER = (SUBMISSION, HOME, LEAD, ACCOUNT, OPPORTUNITY, COUNTER)
# Why something is left: nobody can read what it was, more hangs together than a transaction holds,
# it moved too lately to be counted, or it is (again) wrong for no reason that was met.
LOST, TOO_MUCH, MOVED, OPEN = "unreadable", "too_much", "moved_lately", "open"
WHY = (LOST, TOO_MUCH, MOVED, OPEN)


def mend(table: Table, ring: Keyring, wrong: Iterable[Wrong], now_ms: int) -> list[Wrong]:
    """Mend some wrong items; what is still wrong with them then. Safe to repeat and to interrupt."""
    places = list(dict.fromkeys((one.kind, one.name) for one in wrong))
    why: dict[tuple[str, str], str] = {}
    for turn in range(_ROUNDS):
        looked = look_again(table, ring, places, now_ms)
        if not looked.wrong:
            return []
        for kind in _ORDER:
            for one in looked.wrong:
                if one.kind == kind:
                    reason = _mend(table, ring, looked, one, now_ms, last=turn > 0)
                    why[one.kind, one.name] = reason or OPEN
    left = look_again(table, ring, places, now_ms).wrong
    return [replace(one, why=why.get((one.kind, one.name), OPEN)) for one in left]


def _mend(
    table: Table, ring: Keyring, looked: Looked, one: Wrong, now_ms: int, *, last: bool
) -> str:
    """Mend one; why it could not be, where that is known."""
    if one.what == UNREADABLE:
        return _mend_unreadable(table, ring, one, now_ms, last=last)
    why = _mend_readable(table, ring, looked, one, now_ms)
    if one.what == UNLISTED:
        _list_again(table, one, now_ms)
        if one.kind == OPPORTUNITY:
            place = forecast.place_of(looked.opportunities[one.name])
            recount.count_again(table, "#".join(place), now_ms, [one.name])
    return why


def _mend_unreadable(table: Table, ring: Keyring, one: Wrong, now_ms: int, *, last: bool) -> str:
    if one.kind == LEAD:
        # None of the submissions led here: it stands for nobody.
        if last:
            _bury(table, one.name)
        return ""
    if one.kind == HOME:
        return _derived(table, ring, now_ms, nodes=[one.name], keys=[one.name])
    if one.kind == COUNTER:
        return _counted(table, one, now_ms)
    return LOST


def _mend_readable(table: Table, ring: Keyring, looked: Looked, one: Wrong, now_ms: int) -> str:
    if one.kind == SUBMISSION:
        return _mend_submission(table, ring, looked.touches[one.name], now_ms)
    if one.kind == HOME:
        home = looked.homes[one.name]
        return _derived(table, ring, now_ms, nodes=[home.key, *home.claims], keys=[home.key])
    if one.kind == LEAD:
        lead = looked.leads[one.name]
        return _derived(table, ring, now_ms, nodes=lead.nodes, leads=[lead.id])
    return _counted(table, one, now_ms) if one.kind == COUNTER else ""


def _counted(table: Table, one: Wrong, now_ms: int) -> str:
    return "" if recount.count_again(table, one.name, now_ms) else MOVED


def _mend_submission(table: Table, ring: Keyring, touch: Touch, now_ms: int) -> str:
    why = ""
    if touch.fate.effective:
        table.transact([filing(touch)])
        why = _derived(table, ring, now_ms, nodes=[touch.node], keys=touch.keys)
    elif held_due(touch, ring, now_ms):
        table.transact(holding(touch, ring))
    key = items.submission_key(touch.id)
    there = table.get([key])[key]
    home = table.get([items.home_key(touch.node)]) if touch.node else {}
    lead = "".join(str(item.get("lead", "")) for item in home.values())
    if touch.fate.effective and not touch.lead:
        made = submission_item(replace(touch, lead=lead))
        table.write([Update(key, made, items.integer(there["v"]))])
    return why


def _list_again(table: Table, one: Wrong, now_ms: int) -> None:
    """Write an item's index attributes as they follow from the rest of it; a lead's lists too."""
    if one.kind == LEAD:
        world = MendingWorld(table)
        world.load(Need(leads=[one.name]))
        world.set_lead(world.read_lead(one.name))
        world.anew = True
        table.transact(changes(world, now_ms, 0))
        return
    key = key_of(one.kind, one.name)
    there = table.get([key])[key]
    should = understood(Looked(), one.kind, one.name, there)
    listed = {name: should.get(name) for name in LISTED[one.kind]}
    table.write([Update(key, listed, items.integer(there["v"]))])


def _bury(table: Table, name: str) -> None:
    key = items.lead_key(name)
    there = table.get([key]).get(key)
    if there is not None:
        table.write([Update(key, lead_items.lead_item(Lead(name)), items.integer(there["v"]))])


def _derived(table: Table, ring: Keyring, now_ms: int, **where: Iterable[str]) -> str:
    """Make what hangs together right, in one transaction; why not, where that takes more than one."""
    for _ in range(ATTEMPTS):
        world = MendingWorld(table)
        try:
            planned(world, partial(rederive, world, ring, now_ms, wait=False, **where))
        except Stale:
            continue
        # Whatever lists a lead that is written is written with it.
        world.anew = True
        writes = changes(world, now_ms, 0)
        if not world.new_homes and not world.new_leads:
            return ""
        if len(writes) > MOST_WRITES:
            return TOO_MUCH
        if table.transact(writes):
            return ""
    raise errors.Contended("too many writers met on the same person")
