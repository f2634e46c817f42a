"""Takes many submissions back, or gives them back: some leads a transaction, whatever they share.

Each transaction holds the submissions of a few leads, whole leads where they fit. Where more hangs
together than one transaction holds, halves are tried, down to a single submission; one that does
not fit even alone stays as it is, and is named.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from chalicelib import errors
from chalicelib.model import Fate, Touch
from chalicelib.store.revise import Change
from chalicelib.store.upsert import Upsert

# A transaction holds 100 writes: of each lead its item and homes, of each submission itself twice.
_ROOM = 80
V = TypeVar("V")


@dataclass
class Taken:
    """What became of it: the touches as they are now, those kept with the reason, by receipt.

    `otherwise` are remaining submissions that would be decided otherwise today.
    """

    touches: dict[str, Touch] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    otherwise: set[str] = field(default_factory=set)


def take_back(upsert: Upsert, touches: Sequence[Touch], by: str) -> Taken:
    """Undo effective submissions; each remembers what it was, and `by` whom it was taken back."""
    fates = {touch.id: Fate.UNDONE for touch in touches}
    return _all(upsert, touches, Change(fates=fates, by=by))


def give_back(upsert: Upsert, touches: Sequence[Touch]) -> Taken:
    """Make undone submissions what they were."""
    return _all(upsert, touches, Change(fates={t.id: what_it_was(t) for t in touches}))


def mute(upsert: Upsert, touches: Sequence[Touch], column: str, *, silent: bool) -> Taken:
    """Let one field of some submissions no longer count, or count again."""
    return _all(upsert, touches, Change(columns={t.id: (column, silent) for t in touches}))


def what_it_was(touch: Touch) -> Fate:
    """The fate that an undone submission had."""
    return Fate(touch.was.partition("@")[0] or Fate.MERGED)


def _all(upsert: Upsert, touches: Sequence[Touch], change: Change) -> Taken:
    taken = Taken()
    for group in _groups(touches):
        _turn(upsert, group, change, taken)
    taken.otherwise -= {touch.id for touch in touches} - set(taken.kept)
    return taken


def _groups(touches: Iterable[Touch]) -> Iterator[list[Touch]]:
    """The submissions by lead, so many leads together as one transaction should hold."""
    by_lead: dict[str, list[Touch]] = {}
    for touch in touches:
        by_lead.setdefault(touch.lead, []).append(touch)
    group: list[Touch] = []
    size = 0
    for own in by_lead.values():
        for touch in own:
            weight = 2 + len(touch.keys)
            if group and size + weight > _ROOM:
                yield group
                group, size = [], 0
            group.append(touch)
            size += weight
        size += 1
    if group:
        yield group


def _turn(upsert: Upsert, group: list[Touch], change: Change, taken: Taken) -> None:
    try:
        made = upsert.revised(_of(change, group))
    except errors.Conflict as conflict:
        if len(group) == 1:
            taken.kept[group[0].id] = conflict.code
            return
        half = len(group) // 2
        _turn(upsert, group[:half], change, taken)
        _turn(upsert, group[half:], change, taken)
        return
    taken.touches |= {touch.id: touch for touch in made.touches}
    taken.otherwise |= set(made.otherwise)


def _of(change: Change, group: Iterable[Touch]) -> Change:
    """The part of a change that is about some submissions."""
    ids = {touch.id for touch in group}

    def part(whole: Mapping[str, V]) -> dict[str, V]:
        return {receipt: value for receipt, value in whole.items() if receipt in ids}

    return replace(change, fates=part(change.fates), columns=part(change.columns))
