"""Where a lead stands in the sale: a ledger of its own, folded from the words of its touches.

A person's word is exact: it may move a lead on or back. A word that comes along with a form, an
import or an automatic step only moves on. So a lead stands at the furthest stage that anything
has moved it to since a person last said where it stands, or where that person put it, whichever is
further. Nothing but a person moves it back.

`Standing` keeps what that takes whatever comes later or turns up late: the latest word of a person,
and of the others since then those that none both later and as far makes needless. `joined` is the
least upper bound of two of them, so it commutes, associates and is idempotent, and taking touches
back is a fold without them.

How far a stage is (`rank`) is written with the word, as it was when the word was said: what is
configured anew moves nobody (docs/decisions/0031-stages.md).
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from chalicelib.model import Touch
from chalicelib.noun import noun

TimeKey = tuple[int, int, str]


class Placed(NamedTuple):
    """A word on a stage with its place in time."""

    time: TimeKey
    name: str
    rank: int


@noun
class Standing:
    """What a lead's touches say of its stage: `said` by a person, `moved` since, furthest first."""

    said: Placed | None = None
    moved: tuple[Placed, ...] = ()

    @property
    def word(self) -> Placed | None:
        """The word that counts; None where nobody ever said one."""
        first = self.moved[0] if self.moved else None
        if first is None or (self.said and self.said.rank >= first.rank):
            return self.said
        return first

    @property
    def stage(self) -> str:
        """The stage's name; empty where there is none."""
        return self.word.name if self.word else ""


NOWHERE = Standing()


def added(held: Standing, touch: Touch) -> Standing:
    """The ledger with one more touch."""
    return joined(held, _of(touch)) if touch.stage else held


def joined(left: Standing, right: Standing) -> Standing:
    """The ledger of two sets of touches together."""
    if left is right or right == NOWHERE:
        return left
    if left == NOWHERE:
        return right
    words = [placed for placed in (left.said, right.said) if placed]
    said = max(words, default=None)
    since = {placed for placed in (*left.moved, *right.moved) if not said or placed > said}
    return Standing(said, tuple(_needed(since)))


def _of(touch: Touch) -> Standing:
    word = touch.stage
    assert word is not None, "only a touch with a word is asked"
    placed = Placed(touch.time_key, word.name, word.rank)
    return Standing(said=placed) if word.exact else Standing(moved=(placed,))


def _needed(words: Iterable[Placed]) -> Iterator[Placed]:
    """Those that no other is both later and at least as far; the furthest first."""
    latest: Placed | None = None
    for placed in sorted(words, key=lambda each: (each.rank, each.time), reverse=True):
        if latest is None or placed.time > latest.time:
            latest = placed
            yield placed
