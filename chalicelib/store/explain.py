"""Why a lead says what it says: for every field the value that won, and what it won against."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from chalicelib.intake.fold import NOTES, OWN, Stamp, View, stamp_of
from chalicelib.model import Policy, Touch, Value
from chalicelib.noun import noun

# The classes of law 2 by the rank in a stamp.
CLASSES = ("borrowed_fill", "borrowed", "own_fill", "own")
# A stage is no value, but stands there for a reason too: our own word, not the person's.
STAGE = "stage"


@noun
class Candidate:
    """A value that a touch brought for a field, with the stamp that ranks it."""

    value: Value | bool
    stamp: Stamp

    @property
    def kind(self) -> str:
        """Its class: `own`, `own_fill`, `borrowed` or `borrowed_fill`."""
        return CLASSES[self.stamp.rank]


@noun
class Explained:
    """What one field says and why; a `value` of None was cleared.

    Messages and notes append: the latest of them stands as the winner, all others that the lead
    shows in `beside`, and nothing loses.
    """

    winner: Candidate
    over: tuple[Candidate, ...] = ()
    beside: tuple[Candidate, ...] = ()


def explain(view: View, touches: Iterable[Touch]) -> dict[str, Explained]:
    """Every field, tag (as `tags.<tag>`) and stage of a view, held against what its touches brought.

    A value that never competed is not listed: under `ignore`, or under `create` on a touch that
    was not the lead's first.
    """
    rivals: dict[str, list[Candidate]] = {}
    for touch in touches:
        first = view.first is not None and touch.time_key == view.first.time
        for name, candidate in _brought(touch, with_create=first and not touch.late):
            rivals.setdefault(name, []).append(candidate)
    found = {
        name: _explained(Candidate(value, stamp), rivals.get(name, ()))
        for name, (stamp, value) in _held(view).items()
    }
    return found | _notes(view)


def _held(view: View) -> Mapping[str, tuple[Stamp, Value | bool]]:
    tags = {f"tags.{tag}": held for tag, held in view.tags.items()}
    word = view.standing.word
    stage = {STAGE: (Stamp(OWN, *word.time), word.name or None)} if word else {}
    return {**view.values, **tags, **stage}


def _brought(touch: Touch, *, with_create: bool) -> Iterator[tuple[str, Candidate]]:
    if touch.base:
        for name, (stamp, held) in _held(touch.base.view).items():
            yield name, Candidate(held, stamp)
    for name, value in touch.values.items():
        policy = touch.policies.get(name, Policy.OVERWRITE)
        if policy is not Policy.IGNORE and (policy is not Policy.CREATE or with_create):
            yield name, Candidate(value, stamp_of(touch, policy))
    for scope, known_as in touch.external_ids.items():
        yield f"external_ids.{scope}", Candidate(known_as, stamp_of(touch))
    for tag, yes in touch.tags.items():
        yield f"tags.{tag}", Candidate(yes, stamp_of(touch))
    if touch.stage:
        yield STAGE, Candidate(touch.stage.name or None, Stamp(OWN, *touch.time_key))


def _explained(winner: Candidate, rivals: Iterable[Candidate]) -> Explained:
    beaten = (rival for rival in rivals if rival.stamp.id != winner.stamp.id)
    ranked = sorted(beaten, key=lambda rival: rival.stamp.order, reverse=True)
    return Explained(winner, tuple(ranked))


def _notes(view: View) -> dict[str, Explained]:
    found: dict[str, Explained] = {}
    for name in NOTES:
        texts = [
            Candidate(text, stamp) for (field, text), stamp in view.notes.items() if field == name
        ]
        texts.sort(key=lambda one: (one.stamp.ms, one.stamp.ordinal, one.stamp.id), reverse=True)
        if texts:
            found[name] = replace(Explained(texts[0]), beside=tuple(texts[1:]))
    return found
