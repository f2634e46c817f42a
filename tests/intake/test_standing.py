"""Where a lead stands: the same whatever order its words come in, and never back by itself."""

import random

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intake import fold
from chalicelib.intake.standing import NOWHERE, Placed, Standing, joined
from chalicelib.model import StageWord, Touch
from tests.store.people import touch

NAMES = ("new", "contacted", "qualified", "won")


def said(number: int, name: str, *, at: int | None = None, exact: bool = False) -> Touch:
    """A touch with a word on a stage."""
    word = StageWord(name, NAMES.index(name), exact)
    return touch(number, email="a@x.org", at=at, stage=word)


def stage(*touches: Touch) -> str:
    """Where these touches leave their lead."""
    return fold.fold(touches).standing.stage


@st.composite
def words(draw: st.DrawFn) -> list[Touch]:
    """Words of people and of other sources, some at the same time."""
    count = draw(st.integers(0, 7))
    drawn = [
        (draw(st.sampled_from(NAMES)), draw(st.integers(0, 4)), draw(st.booleans()))
        for _ in range(count)
    ]
    return [said(n + 1, name, at=at, exact=exact) for n, (name, at, exact) in enumerate(drawn)]


def ledger(touches: list[Touch]) -> Standing:
    """The ledger of some touches."""
    return fold.fold(touches).standing


def simply(touches: list[Touch]) -> str:
    """The rule as it is told: no state, all words at once."""
    people = [each for each in touches if each.stage and each.stage.exact]
    last = max(people, key=lambda each: each.time_key, default=None)
    since = [
        each
        for each in touches
        if each.stage and not each.stage.exact and (not last or each.time_key > last.time_key)
    ]
    best = max(since, key=lambda t: (t.stage.rank if t.stage else 0, t.time_key), default=None)
    if best and last and best.stage and last.stage and last.stage.rank >= best.stage.rank:
        best = last
    winner = best or last
    return winner.stage.name if winner and winner.stage else ""


def test_a_word_moves_on_and_never_back() -> None:
    """Forms and files move a lead on; a later word that is not as far changes nothing."""
    assert stage(said(1, "contacted"), said(2, "new")) == "contacted"
    assert stage(said(1, "contacted"), said(2, "qualified")) == "qualified"


def test_a_person_may_move_it_back() -> None:
    """What a person says holds against everything before it, and what comes later moves on."""
    back = (said(1, "won"), said(2, "contacted", exact=True))
    assert stage(*back) == "contacted"
    assert stage(*back, said(3, "new")) == "contacted"
    assert stage(*back, said(3, "qualified")) == "qualified"
    assert stage(*back, said(3, "new", exact=True)) == "new"


def test_what_turns_up_late_counts_by_its_time() -> None:
    """A file with an older time does not undo what a person said since."""
    assert stage(said(1, "new", at=5, exact=True), said(2, "won", at=3)) == "new"


def test_without_a_touch_its_stage_is_gone() -> None:
    """Taking back an import takes its stages back; what it had covered shows again."""
    rows = [said(1, "contacted"), said(2, "won")]
    assert stage(*rows[:1]) == "contacted"
    assert stage(touch(1, email="a@x.org")) == ""


@given(words(), st.randoms())
def test_any_order_gives_the_same_ledger(touches: list[Touch], chance: random.Random) -> None:
    """Word by word in any order: the same ledger, and the stage that the rule tells."""
    shuffled = list(touches)
    chance.shuffle(shuffled)
    view = fold.View()
    for each in shuffled:
        view = fold.add(view, each)
    assert view.standing == ledger(touches)
    assert view.standing.stage == simply(touches)


@given(words(), st.integers(0, 7), st.integers(0, 7))
def test_joins_commute_associate_and_are_idempotent(
    touches: list[Touch], first: int, second: int
) -> None:
    """Cut anywhere and joined in any way, repeated or overlapping, it is one ledger."""
    low, high = sorted((first, second))
    a, b, c = ledger(touches[:low]), ledger(touches[low:high]), ledger(touches[high:])
    whole = ledger(touches)
    assert joined(joined(a, b), c) == joined(a, joined(b, c)) == joined(c, joined(b, a)) == whole
    assert joined(whole, whole) == joined(whole, a) == joined(b, whole) == whole


@given(words())
def test_it_stays_small(touches: list[Touch]) -> None:
    """At most one word a stage is kept beside the person's."""
    held = ledger(touches)
    assert len(held.moved) <= len(NAMES)
    assert (held == NOWHERE) == (not touches)
    assert all(isinstance(each, Placed) for each in held.moved)
