"""Mends what `looking` finds: references first, then whatever hangs together, a transaction each.

Only while no import is under way: a batch on its way looks like what is broken, and is not. What
takes more than one transaction, and a submission that nobody can read any more, is left and named.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from chalicelib import errors
from chalicelib.intake.identify import Keyring
from chalicelib.model import Touch
from chalicelib.ports import Item, Key, Table, Update
from chalicelib.store import items, lead_items
from chalicelib.store.commit import ATTEMPTS, MOST_WRITES, changes, filing, planned
from chalicelib.store.items import Lead
from chalicelib.store.looking import (
    HOME,
    LEAD,
    LISTED,
    SUBMISSION,
    UNLISTED,
    UNREADABLE,
    Looked,
    MendingWorld,
    Wrong,
    key_of,
    look,
    understood,
)
from chalicelib.store.rederive import rederive
from chalicelib.store.submission_items import submission_item
from chalicelib.store.world import Need, Stale

# What one mending uncovers the next one mends: a home without a lead, then the lead's index.
_ROUNDS = 4


def mend(table: Table, ring: Keyring, wrong: Iterable[Wrong], now_ms: int) -> list[Wrong]:
    """Mend some wrong items; what is still wrong with them then. Safe to repeat and to interrupt."""
    found = list(wrong)
    places = list(dict.fromkeys((one.kind, one.name) for one in found))
    for turn in range(_ROUNDS):
        looked = _look_again(table, ring, places, now_ms)
        if not looked.wrong:
            return []
        for kind in (SUBMISSION, HOME, LEAD):
            for one in looked.wrong:
                if one.kind == kind:
                    _mend(table, ring, looked, one, now_ms, last=turn > 0)
    return _look_again(table, ring, places, now_ms).wrong


def _look_again(
    table: Table, ring: Keyring, places: Sequence[tuple[str, str]], now_ms: int
) -> Looked:
    keys: list[Key] = [key_of(kind, name) for kind, name in places]
    found: dict[Key, Item] = table.get(keys)
    return look(table, ring, found.items(), now_ms)


def _mend(
    table: Table, ring: Keyring, looked: Looked, one: Wrong, now_ms: int, *, last: bool
) -> None:
    if one.what == UNREADABLE:
        if one.kind == LEAD and last:
            # None of the submissions led here: it stands for nobody.
            _bury(table, one.name)
        elif one.kind == HOME:
            _derive(table, ring, now_ms, nodes=[one.name], keys=[one.name])
        return
    if one.kind == SUBMISSION:
        _mend_submission(table, ring, looked.touches[one.name], now_ms)
    elif one.kind == HOME:
        home = looked.homes[one.name]
        _derive(table, ring, now_ms, nodes=[home.key, *home.claims], keys=[home.key])
    else:
        lead = looked.leads[one.name]
        _derive(table, ring, now_ms, nodes=lead.nodes, leads=[lead.id])
    if one.what == UNLISTED:
        _list_again(table, one, now_ms)


def _mend_submission(table: Table, ring: Keyring, touch: Touch, now_ms: int) -> None:
    if touch.fate.effective:
        table.transact([filing(touch)])
        _derive(table, ring, now_ms, nodes=[touch.node], keys=touch.keys)
    key = items.submission_key(touch.id)
    there = table.get([key])[key]
    home = table.get([items.home_key(touch.node)]) if touch.node else {}
    lead = "".join(str(item.get("lead", "")) for item in home.values())
    if touch.fate.effective and not touch.lead:
        made = submission_item(replace(touch, lead=lead))
        table.write([Update(key, made, items.integer(there["v"]))])


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


def _derive(
    table: Table,
    ring: Keyring,
    now_ms: int,
    **where: Iterable[str],
) -> bool:
    """Make what hangs together right, in one transaction; False where that takes more than one."""
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
            return True
        if len(writes) > MOST_WRITES:
            return False
        if table.transact(writes):
            return True
    raise errors.Contended("too many writers met on the same person")
