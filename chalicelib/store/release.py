"""Letting a held submission through: what was quarantined, spam or rejected is judged again."""

from dataclasses import replace

from chalicelib import errors
from chalicelib.model import Fate, Touch
from chalicelib.store.upsert import Upsert

HELD = (Fate.QUARANTINED, Fate.SPAM, Fate.REJECTED)


class _Releasing(Upsert):
    """An upsert for which a submission that is held is no repetition of itself."""

    def again(self, touch: Touch, there: Touch) -> Touch | None:  # noqa: ARG002
        # Somebody else released it in between: theirs is the outcome, and nothing is counted.
        return None if there.fate in HELD else there


def release(upsert: Upsert, held: Touch, actor: str) -> Touch:
    """Store a held submission as one that went through; it comes back with its fate and lead.

    Its time stays that of its arrival. `Conflict` where it is not held, or where nothing in it
    says who it is of: to release that would make nobody.
    """
    if held.fate not in HELD:
        raise errors.Conflict(f"this submission is {held.fate}", code="not_held")
    keys = upsert.ring.keys(held.values, held.external_ids)
    if not keys:
        raise errors.Conflict("it has neither e-mail, phone nor external id", code="no_key")
    through = replace(
        held,
        node=keys[0],
        keys=keys,
        fate=Fate.PENDING,
        reason="released",
        actor=actor,
    )
    releasing = _Releasing(upsert.table, upsert.ring, upsert.pause, upsert.now_ms)
    releasing.marks = upsert.marks
    return releasing.one(through)
