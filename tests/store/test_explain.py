"""Why a lead says what it says."""

from hypothesis import given, settings

from chalicelib.intake import fold
from chalicelib.model import Acquisition, Policy, Touch
from chalicelib.store.explain import explain
from tests.store.people import crowds, touch


@settings(max_examples=100)
@given(crowds())
def test_the_winner_is_what_the_lead_shows_and_beats_all_others(crowd: list[Touch]) -> None:
    """Every field of a view is explained, by the greatest of the values that were brought."""
    view = fold.fold(crowd)
    fields = explain(view, crowd)
    tags = {f"tags.{tag}": held for tag, held in view.tags.items()}
    stage = {"stage"} if view.standing.word else set()
    assert set(fields) == {*view.values, *(name for name, _ in view.notes), *tags, *stage}
    if view.standing.word:
        assert fields["stage"].winner.value == view.standing.stage
    for name, (stamp, value) in {**view.values, **tags}.items():
        field = fields[name]
        assert (field.winner.stamp, field.winner.value) == (stamp, value)
        orders = [field.winner.stamp.order, *(rival.stamp.order for rival in field.over)]
        assert orders == sorted(orders, reverse=True)


def test_the_classes_rank_as_the_law_says() -> None:
    """What was given beats a fill, which beats what was borrowed, whatever came last."""
    fill = {"company": Policy.FILL}
    borrowed = Acquisition.PARTNER
    touches = [
        touch(1, email="a@x.org", company="given"),
        touch(2, email="a@x.org", company="filled", policies=fill),
        touch(3, email="a@x.org", company="bought", acquisition=borrowed),
        touch(4, email="a@x.org", company="topped", acquisition=borrowed, policies=fill),
    ]
    field = explain(fold.fold(touches), touches)["company"]
    told = [(one.value, one.kind) for one in (field.winner, *field.over)]
    assert told == [
        ("given", "own"),
        ("filled", "own_fill"),
        ("bought", "borrowed"),
        ("topped", "borrowed_fill"),
    ]


def test_what_never_competed_did_not_lose() -> None:
    """A `create` value on a later touch, or one under `ignore`, is no rival."""
    touches = [
        touch(1, email="a@x.org", company="first"),
        touch(2, email="a@x.org", company="late", policies={"company": Policy.CREATE}),
        touch(3, email="a@x.org", company="never", policies={"company": Policy.IGNORE}),
    ]
    assert explain(fold.fold(touches), touches)["company"].over == ()


def test_notes_stand_beside_one_another() -> None:
    """Messages append: the latest first, and none of them loses."""
    touches = [touch(n, email="a@x.org", message=f"word {n}") for n in (1, 2, 3)]
    field = explain(fold.fold(touches), touches)["message"]
    assert field.winner.value == "word 3"
    assert [one.value for one in field.beside] == ["word 2", "word 1"]
    assert field.over == ()
