"""A lead is the fold of its touches (law 1).

Each touch carries the values it brought, each value a *stamp*: `(class, submitted_at, ordinal,
submission id)`. The fold takes, value by value, the greatest. `View` is the folded state; `add`
brings one more touch into it and `join` unites the views of two leads. Both commute, associate
and, for values, are idempotent, so the result depends on the set of touches alone.

Classes (law 2), greatest first: what a person gave; the same under a `fill` policy; what was
borrowed (bought, or a partner's); borrowed under `fill`. In a fill class the earliest wins,
elsewhere the latest. A blank is no value at all; `None` is the clear token, a value of its own.

A `create` value counts only where its touch is the lead's first. A touch that came to be first
because another was undone is marked `late`, and its `create` values stay without effect.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import NamedTuple, TypeVar

from chalicelib.intake import standing
from chalicelib.intake._memo import once_each
from chalicelib.intake.standing import NOWHERE, Standing, TimeKey
from chalicelib.model import Policy, Source, Touch, Value
from chalicelib.noun import noun

# Messages and notes append by submission, the same words once; the view keeps the latest of them
# up to a bound and the timeline keeps all.
NOTES = frozenset({"message", "notes"})
NOTES_BUDGET = 12_000

BORROWED_FILL, BORROWED, OWN_FILL, OWN = range(4)

V = TypeVar("V")


class Stamp(NamedTuple):
    """What ranks one value against another; `rank` is the class."""

    rank: int
    ms: int
    ordinal: int
    id: str

    @property
    def order(self) -> tuple[int, int, int, str]:
        """The sort key whose greatest wins: in a fill class the earliest, else the latest."""
        if self.rank in (BORROWED_FILL, OWN_FILL):
            return (self.rank, -self.ms, -self.ordinal, self.id)
        return (self.rank, self.ms, self.ordinal, self.id)


class End(NamedTuple):
    """The first or the last touch: its place in time and what the lead shows of its source."""

    time: TimeKey
    source: Mapping[str, object]


@noun
class View:
    """The folded state of a lead: what is stored on it beside its keys and version.

    `values`, `tags` and `notes` map a name (for notes: field and text) to a stamp and a value.
    `needs` are the fields that any of its forms calls essential, `standing` what was said of where
    it stands. `created` says that a value in it stands by a `create` policy, so that a touch
    earlier than the first one demands a fold from the start.
    """

    values: Mapping[str, tuple[Stamp, Value]] = field(default_factory=dict)
    tags: Mapping[str, tuple[Stamp, bool]] = field(default_factory=dict)
    notes: Mapping[tuple[str, str], Stamp] = field(default_factory=dict)
    first: End | None = None
    last: End | None = None
    touches: int = 0
    created_ms: int = 0
    created: bool = False
    needs: frozenset[str] = frozenset()
    standing: Standing = NOWHERE

    def visible(self) -> dict[str, object]:
        """What a person looking at the lead sees; two views that agree in it look the same."""
        values: dict[str, object] = {k: v for k, (_, v) in self.values.items() if v is not None}
        for name in NOTES:
            if texts := self.notes_of(name):
                values[name] = "\n\n".join(texts)
        tags = sorted(tag for tag, (_, yes) in self.tags.items() if yes)
        return {"values": values, "tags": tags, "stage": self.standing.stage}

    def notes_of(self, name: str) -> list[str]:
        """The texts of a field that appends, the latest last."""
        return [text for (key, text), _ in _latest_last(self.notes) if key == name]


class Refold(Exception):
    """The incremental fold cannot tell; fold the lead from its touches."""


def stamp_of(touch: Touch, policy: Policy = Policy.OVERWRITE) -> Stamp:
    """The stamp that a touch's value carries under a policy."""
    kept, filled = (BORROWED, BORROWED_FILL) if touch.borrowed else (OWN, OWN_FILL)
    rank = filled if policy is Policy.FILL else kept
    return Stamp(rank, touch.submitted_ms, touch.ordinal, touch.id)


def is_first(view: View, touch: Touch) -> bool:
    """The decision that a touch takes on arrival: is it its lead's first?"""
    return view.first is None or touch.time_key < view.first.time


def add(view: View, touch: Touch) -> View:
    """The view with one more touch; raises `Refold` where a `create` value would have to go."""
    first = is_first(view, touch)
    if first and view.created:
        raise Refold
    return _add(view, touch, with_create=first and not touch.late)


def join(left: View, right: View) -> View:
    """The view of two disjoint sets of touches together; may raise `Refold` as `add` does."""
    if left.first is None:
        return right
    if right.first is None:
        return left
    if left.created or right.created:
        raise Refold
    return _united(left, right)


def _united(left: View, right: View) -> View:
    """Two views as one, whatever stands in them by a `create` policy."""
    if left.first is None or right.first is None:
        return right if left.first is None else left
    assert left.last is not None
    assert right.last is not None
    return View(
        values=_greatest(left.values, right.values),
        tags=_greatest(left.tags, right.tags),
        notes=_trim(_latest(left.notes, right.notes)),
        first=min(left.first, right.first, key=lambda end: end.time),
        last=max(left.last, right.last, key=lambda end: end.time),
        touches=left.touches + right.touches,
        created_ms=min(left.created_ms, right.created_ms),
        created=left.created or right.created,
        needs=left.needs | right.needs,
        standing=standing.joined(left.standing, right.standing),
    )


def fold(touches: Iterable[Touch]) -> View:
    """The view of a set of touches, from nothing. Each must appear once."""
    ordered = sorted(touches, key=lambda touch: touch.time_key)
    view = View()
    for place, touch in enumerate(ordered):
        if touch.base is not None:
            view = _united(view, touch.base.view)
        else:
            view = _add(view, touch, with_create=place == 0 and not touch.late)
    return view


def _add(view: View, touch: Touch, *, with_create: bool) -> View:
    values = dict(view.values)
    notes = dict(view.notes)
    tags = dict(view.tags)
    created = view.created
    usual = stamp_of(touch)
    for name, value in touch.values.items():
        policy = touch.policies.get(name, Policy.OVERWRITE)
        if policy is Policy.IGNORE or (policy is Policy.CREATE and not with_create):
            continue
        created = created or policy is Policy.CREATE
        stamp = usual if policy is Policy.OVERWRITE else stamp_of(touch, policy)
        if name in NOTES and isinstance(value, str):
            notes[name, value] = max(stamp, notes.get((name, value), stamp), key=_moment)
        else:
            _raise_to(values, name, stamp, value)
    for tag, yes in touch.tags.items():
        _raise_to(tags, tag, usual, yes)
    for scope, known_as in touch.external_ids.items():
        _raise_to(values, f"external_ids.{scope}", usual, known_as)
    end = End(touch.time_key, compact_source(touch.source))
    origin = touch.first_source
    start = End(touch.time_key, compact_source(origin)) if origin else end
    return View(
        values=values,
        tags=tags,
        notes=_trim(notes),
        first=start if view.first is None or start.time < view.first.time else view.first,
        last=end if view.last is None or end.time > view.last.time else view.last,
        touches=view.touches + 1,
        created_ms=min(view.created_ms or touch.received_ms, touch.received_ms),
        created=created,
        needs=view.needs.union(touch.needs),
        standing=standing.added(view.standing, touch),
    )


@once_each
def compact_source(source: Source) -> dict[str, object]:
    """The source as a lead carries it: no empty parts and no long addresses (those stay put)."""
    parts: dict[str, object] = {
        "door": source.door,
        "name": source.name,
        "acquisition": str(source.acquisition),
        "channel": source.channel,
        "utm_source": source.utm_source,
        "medium": source.medium,
        "campaign": source.campaign,
        "form": source.form,
        "endpoint": source.endpoint,
        "import_id": source.import_id,
    }
    return {name: value[:100] for name, value in parts.items() if isinstance(value, str) and value}


def _raise_to(held: dict[str, tuple[Stamp, V]], name: str, stamp: Stamp, value: V) -> None:
    there = held.get(name)
    if there is None or stamp.order > there[0].order:
        held[name] = (stamp, value)


def _greatest(
    left: Mapping[str, tuple[Stamp, V]], right: Mapping[str, tuple[Stamp, V]]
) -> dict[str, tuple[Stamp, V]]:
    held = dict(left)
    for name, (stamp, value) in right.items():
        _raise_to(held, name, stamp, value)
    return held


Notes = Mapping[tuple[str, str], Stamp]


def _latest(left: Notes, right: Notes) -> dict[tuple[str, str], Stamp]:
    held = dict(left)
    for name, stamp in right.items():
        held[name] = max(stamp, held.get(name, stamp), key=_moment)
    return held


def _moment(stamp: Stamp) -> TimeKey:
    return (stamp.ms, stamp.ordinal, stamp.id)


def _latest_last(notes: Notes) -> list[tuple[tuple[str, str], Stamp]]:
    return sorted(notes.items(), key=lambda note: (_moment(note[1]), note[0]))


def _trim(notes: dict[tuple[str, str], Stamp]) -> dict[tuple[str, str], Stamp]:
    """Keep the latest notes up to the budget: a prefix of one order, so joins stay associative."""
    if not notes or sum(len(text) for _, text in notes) <= NOTES_BUDGET:
        return notes
    kept: dict[tuple[str, str], Stamp] = {}
    room = NOTES_BUDGET
    for name, stamp in reversed(_latest_last(notes)):
        room -= len(name[1])
        if room < 0 and kept:
            break
        kept[name] = stamp
    return kept
