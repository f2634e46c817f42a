"""The dashboard without a browser: what it says of what came in."""

import re
from dataclasses import replace

import pytest

from chalicelib.admin.console.pictures import Part, bar, ceiling, columns
from chalicelib.model import Door, Fate, Problem, to_ms
from chalicelib.stats import endpoints
from chalicelib.stats.audit import Audit
from chalicelib.stats.count import Sweep
from tests.console.visitor import Visitor
from tests.live import Stage
from tests.store.people import touch


def came_in(stage: Stage) -> None:
    """Three people, one bot, one that nobody can write to; all of it counted and audited."""
    outside = stage.live.outside
    now = to_ms(outside.now())
    bad = (Problem("email", "email_invalid"),)
    for number, (name, channel, fate) in enumerate(
        [
            ("contact", "Organic Search", Fate.PENDING),
            ("contact", "Email", Fate.PENDING),
            ("<b>fair</b>", "Event", Fate.PENDING),
            ("contact", "Email", Fate.SPAM),
            ("contact", "Email", Fate.REJECTED),
        ]
    ):
        made = touch(number + 1, email=f"p{number}@x.org", first_name="Ana", door=Door.FORM)
        source = replace(made.source, name=name, channel=channel)
        problems = bad if fate is Fate.REJECTED else ()
        made = replace(made, received_ms=now, submitted_ms=now, source=source, problems=problems)
        stage.live.upsert.one(replace(made, fate=fate))
    Sweep(stage.table, outside.now, lambda: 60.0).run()
    endpoints.look(stage.table, now)
    Audit(stage.table, stage.live.ring, stage.table.walk, outside.now, lambda: 60.0).run()


def test_figures_are_shown_as_numbers_pictures_and_tables(stage: Stage, admin: Visitor) -> None:
    """Each picture has its numbers beside it; names are text whatever they are."""
    came_in(stage)
    admin.get("")
    for words in ("New leads 3", "Submissions 5", "Complete 100%", "Spam and rejected 2"):
        assert words in admin.words, words
    assert "Organic Search 1" in admin.words
    assert "Invalid e-mail address" in admin.words
    assert "<b>fair" not in admin.text
    assert "&lt;b&gt;fair&lt;/b&gt;" in admin.text
    assert "The whole base" in admin.words
    assert admin.text.count('<rect class="c-') >= 3
    # A picture says nothing to who does not see it: the table behind it does.
    pictures = re.findall(r"<svg[^>]*>", admin.text)
    assert [each for each in pictures if "aria-hidden" not in each] == []


@pytest.mark.parametrize("days", ["7", "30", "90", "365"])
def test_a_span_of_days_is_chosen(stage: Stage, admin: Visitor, days: str) -> None:
    """A year is told by the week, and has nothing beside it."""
    came_in(stage)
    admin.get(f"?days={days}")
    assert re.search(rf'href="\?days={days}" aria-current="true"', admin.text)
    assert ("by week" in admin.words) == (days == "365")
    assert ("Before that" in admin.words) == (days != "365")


def test_what_is_no_span_is_thirty_days(stage: Stage, admin: Visitor) -> None:
    """Whatever stands in the address."""
    came_in(stage)
    assert 'href="?days=30" aria-current' in admin.get("?days=9999999999")


def test_before_anything_came_it_says_so(admin: Visitor) -> None:
    """No empty axes."""
    admin.get("")
    assert "Nothing came in" in admin.words
    assert "over-days" not in admin.text


def test_figures_in_persian_have_persian_digits(stage: Stage, admin: Visitor) -> None:
    """And a picture mirrored: the last day stands on the left."""
    came_in(stage)
    english = re.findall(r'<svg class="columns".*?</svg>', admin.get("?lang=en"))
    persian = re.findall(r'<svg class="columns".*?</svg>', admin.get("?lang=fa"))
    assert "۳" in admin.text
    assert _left(english[0]) > 900
    assert _left(persian[0]) < 100


def _left(svg: str) -> float:
    return min(float(x) for x in re.findall(r' x="([\d.]+)"', svg))


def test_who_only_brings_leads_sees_no_figures(stage: Stage) -> None:
    """The page is there all the same."""
    came_in(stage)
    visitor = Visitor.signed_in(stage, "ingest")
    visitor.get("")
    assert visitor.last.status == 200
    assert "tiles" not in visitor.text


def test_bars_are_as_long_as_their_numbers() -> None:
    """Parts add up; mirrored they begin at the other end."""
    assert 'x="0.00" y="0.00" width="25.00"' in bar([("a", 1), ("b", 3)], 4)
    assert 'x="75.00" y="0.00" width="25.00"' in bar([("a", 1)], 4, mirrored=True)
    stacked = columns([Part("a", [1, 0]), Part("b", [1, 2])], 2)
    assert stacked.count("<rect") == 3
    assert 'y="100.00"' in stacked
    assert "<rect" not in columns([], 2)


@pytest.mark.parametrize(("most", "top"), [(0, 2), (2, 2), (3, 4), (5, 6), (7, 10), (101, 200)])
def test_an_axis_ends_at_a_round_number(most: int, top: int) -> None:
    """One with a whole half, and no more than it must be."""
    assert ceiling(most) == top
