"""What many touches say together, once they were condensed into one (docs/decisions/0033).

A base stands where they stood: it brings the values, tags and notes that any of them could still win
with, each under its own stamp, and claims what they claimed, each with its own rank. So every fold
and every partition is what it was, whatever comes, goes, is merged or parted afterwards.
"""

from collections.abc import Iterable

from chalicelib.intake import fold, identify
from chalicelib.intake.identify import Rank
from chalicelib.model import Base, Policy, Touch


def condensable(touch: Touch) -> bool:
    """Whether nothing about a touch is needed but what it says.

    What a `create` policy brought hangs on who is first, a consent is a proof, a word on a stage is a
    ledger's, and a column that was taken back alone can be given back: these stay as they are.
    """
    if touch.base:
        return True
    apart = touch.muted or touch.late or touch.stage or Policy.CREATE in touch.policies.values()
    return touch.fate.effective and not apart and "consent" not in touch.values


def base_of(touches: Iterable[Touch]) -> Base:
    """One base for some condensable touches of one node, another base among them perhaps."""
    every = list(touches)
    ranks: dict[str, Rank] = {}
    for key, claims in _ranks(every).items():
        ranks[key] = min(claims)
    took = [receipt for t in every for receipt in (t.base.took if t.base else (t.id,))]
    return Base(fold.fold(every), ranks, tuple(took))


def _ranks(touches: Iterable[Touch]) -> dict[str, list[Rank]]:
    """The rank that each touch gives each of its keys, e-mails too, on which nobody's claim counts."""
    found: dict[str, list[Rank]] = {}
    for touch in touches:
        for key in touch.keys:
            found.setdefault(key, []).append(identify.claim(touch, key))
    return found
