"""The figures of a day are exactly what is stored, whatever happened and whoever died."""

import random
import re
from collections import Counter
from pathlib import Path

import pytest

from chalicelib.model import Door, Fate
from chalicelib.stats import counts, days
from chalicelib.stats.count import STEP
from chalicelib.store.marks import HOUR_MS, MARKS, MINUTE_MS
from chalicelib.store.takeback import take_back
from chalicelib.store.verify import verify
from tests.stats.stage import DAY_MS, START_MS, Chance, Killed, Stage, told_time


def today(stage: Stage) -> counts.Counts:
    """Today's figures."""
    return days.load_days(stage.table, [stage.now_ms // DAY_MS])[0].counts


def test_a_post_is_counted_by_the_next_run() -> None:
    """By door and fate, and as a new lead by where it came from and how good it is."""
    stage = Stage()
    stage.post(email="ana@x.org", first_name="Ana", name="shop", channel="Email", campaign="spring")
    stage.post(email="ana@x.org", name="blog")
    stage.post(email="bot@x.org", fate=Fate.SPAM, reason="trap")
    stage.sweep()
    told = today(stage)
    assert told[counts.FATES] == {"form/created": 1, "form/unchanged": 1, "form/spam": 1}
    assert told[counts.SOURCE] == {"shop": 1}
    assert told[counts.CHANNEL] == {"Email": 1}
    assert told[counts.CAMPAIGN] == {"spring": 1}
    assert told[counts.COMPLETE] == {"complete": 1}
    assert told[counts.SCORES] == {"75-100": 1}
    assert told[counts.REASONS] == {"phone_missing": 1}


@pytest.mark.parametrize("seed", range(25))
def test_figures_equal_a_recount_after_anything(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Posts, files, undo and redo, erasure, release, repeats, suppressions, imports, and deaths."""
    stage, chance = Stage(), random.Random(seed)
    told_time(stage, monkeypatch)
    monkeypatch.setattr("chalicelib.stats.count.STEP", 3)
    happening = Chance(stage, chance)
    stage.sweep()
    deaths = 0
    for _ in range(60):
        if chance.random() < 0.3:
            _die_at(stage, chance.randint(1, 40))
        try:
            stage.sweep() if chance.random() < 0.3 else happening.step()
        except Killed:
            deaths += 1
        stage.table.before = lambda _name: None
        happening.redeliver()
    stage.settle()
    assert stage.figures() == stage.recount()
    assert verify(stage.table.items.items()) == []
    assert deaths
    assert len(stage.figures()) > 1


def _die_at(stage: Stage, request: int) -> None:
    """Let whoever makes the n-th request from now on die before it."""
    left = [request]

    def before(_name: str) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed

    stage.table.before = before


def test_an_hour_of_many_is_counted_in_steps_that_survive() -> None:
    """Each run goes on where the last one ended, and the next looks at what came meanwhile."""
    stage = Stage()
    rows = [stage.touch(START_MS, Door.FILE, email=f"p{n}@x.org") for n in range(3 * STEP)]
    stage.drop(rows)
    stage.now_ms += 40 * MINUTE_MS
    turns = 0
    while stage.figures() != stage.recount():
        seconds = [0.0, 0.0, -1.0]
        stage.sweep(lambda left=seconds: left.pop(0))  # type: ignore[misc]
        turns += 1
        assert turns < 10
    assert turns > 1
    assert stage.figures()[START_MS // DAY_MS][counts.FATES] == {"file/created": 3 * STEP}


def test_what_is_taken_back_no_longer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days later an undo moves the figures of the day it came in, at the next run."""
    stage = Stage()
    told_time(stage, monkeypatch)
    done = stage.drop([stage.touch(START_MS, Door.FILE, email=f"p{n}@x.org") for n in range(5)])
    stage.settle()
    stage.now_ms += 3 * DAY_MS
    stage.sweep()
    take_back(stage.upsert, done[:2], "somebody")
    stage.now_ms += MINUTE_MS
    stage.sweep()
    told = stage.figures()[START_MS // DAY_MS]
    assert told[counts.FATES] == {"file/created": 3, "file/undone": 2}
    assert told[counts.SOURCE] == {"test": 3}


def test_what_was_there_before_counting_began_is_counted() -> None:
    """The first run of all begins with the earliest submission."""
    stage = Stage()
    stage.post(START_MS - 300 * DAY_MS, email="old@x.org")
    stage.post(START_MS - 20 * DAY_MS, email="mid@x.org")
    stage.post(email="new@x.org")
    stage.table.items = {k: i for k, i in stage.table.items.items() if k.pk != "MARKS"}
    stage.sweep()
    assert stage.figures() == stage.recount()
    assert len(stage.figures()) == 3


def test_refused_ones_that_pass_away_stay_counted() -> None:
    """Spam lives for 90 days; an old day that is counted again does not forget it."""
    stage = Stage()
    spam = stage.post(email="bot@x.org", fate=Fate.SPAM, reason="trap")
    lead = stage.post(email="ana@x.org")
    stage.settle()
    stage.now_ms += 120 * DAY_MS
    stage.table.items = {k: i for k, i in stage.table.items.items() if k.pk != f"S#{spam.id}"}
    take_back(stage.upsert, [lead], "somebody")
    stage.now_ms += MINUTE_MS
    stage.sweep()
    told = stage.figures()[START_MS // DAY_MS]
    assert told[counts.FATES] == {"form/spam": 1, "form/undone": 1}


def test_rare_names_are_bounded() -> None:
    """Whoever posts a thousand campaigns makes forty lines and one for the rest; the sum holds."""
    made = counts.empty()
    made[counts.CAMPAIGN] = Counter({f"c{n}": 1 + n for n in range(1000)})
    made[counts.SOURCE] = Counter({f"s{n}": 2 for n in range(100)})
    made[counts.SOURCE_COMPLETE] = Counter({f"s{n}": 1 for n in range(100)})
    told = counts.total([made, made])
    assert len(told[counts.CAMPAIGN]) == counts.MOST_NAMES + 1
    assert told[counts.CAMPAIGN].total() == made[counts.CAMPAIGN].total() * 2
    assert set(told[counts.SOURCE_COMPLETE]) == set(told[counts.SOURCE])
    assert told[counts.SOURCE_COMPLETE].total() == 200


def test_quiet_costs_little_and_a_look_costs_one_item_a_day() -> None:
    """A run with nothing new is a few dozen requests; 400 days are four."""
    stage = Stage()
    for number in range(30):
        stage.post(email=f"p{number}@x.org")
    stage.settle()
    stage.table.requests.clear()
    stage.now_ms += 5 * MINUTE_MS
    stage.sweep()
    assert sum(stage.table.requests.values()) <= 50, stage.table.requests
    stage.table.requests.clear()
    days.load_days(stage.table, range(20000, 20400))
    assert dict(stage.table.requests) == {"BatchGetItem": 4}


def test_a_submission_on_time_marks_nothing_and_a_chunk_marks_once() -> None:
    """A form's post pays nothing for being counted; old rows one write a minute and process."""
    stage = Stage()
    stage.post(email="ana@x.org")
    assert "BatchExecuteStatement" not in stage.table.requests
    rows = [stage.touch(START_MS - HOUR_MS, Door.FILE, email=f"p{n}@x.org") for n in range(50)]
    stage.drop(rows[:25])
    stage.drop(rows[25:], "imp#2")
    assert sum(key.pk == MARKS for key in stage.table.items) == 1


def test_whoever_writes_a_submission_marks_its_hour() -> None:
    """Nobody lays a submission down but those who do; another one joins this list, and marks."""
    writers = {
        path.name
        for path in Path("chalicelib").rglob("*.py")
        if re.search(r"\b(submission_item|sealing|turned|sealed)\(", path.read_text())
    }
    # `looking` compares, `mend` writes what a submission says anyway.
    assert writers - {"submission_items.py", "looking.py", "mend.py"} == {
        "batch.py",
        "commit.py",
        "condense.py",
        "erase.py",
        "retaining.py",
        "upsert.py",
    }
