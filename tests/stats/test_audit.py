"""The self-audit walks the whole table in slices, once a day, and says only what stays wrong."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.imports import records
from chalicelib.imports.records import Import, Status
from chalicelib.model import Door
from chalicelib.stats import audit
from chalicelib.stats.audit import Audit, Elsewhere, Report
from chalicelib.store.marks import HOUR_MS, MINUTE_MS
from chalicelib.store.suppression import Reason, Word
from tests.stats.stage import Killed, Stage
from tests.store.people import RING


def run(stage: Stage, pages: int = 1000) -> Report | None:
    """One slice of so many pages."""
    left = [pages]

    def seconds() -> float:
        left[0] -= 1
        return float(left[0] + 1)

    moment = datetime.fromtimestamp(stage.now_ms / 1000, UTC)
    return Audit(stage.table, RING, stage.table.walk, lambda: moment, seconds).run()


def peopled(monkeypatch: pytest.MonkeyPatch, count: int = 60) -> Stage:
    """A stage of some people, audited four items a page."""
    monkeypatch.setattr(audit, "PAGE", 4)
    stage = Stage()
    for number in range(count):
        stage.post(email=f"p{number}@x.org", first_name="Ana", name="shop", channel="Email")
    word = Word(stage.now_ms, Door.WEBHOOK, "", "")
    stage.ledger.suppress(RING.keys({"email": "p1@x.org"}, {})[0], Reason.BOUNCED, word)
    return stage


def test_a_sound_table_is_walked_whole_and_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every lead, home, submission and account once, and the figures of the base on the way."""
    stage = peopled(monkeypatch)
    report = run(stage)
    assert report is not None
    kinds = Counter(key.pk[0] for key in stage.table.items if key.sk in ("L", "H", "S", "A"))
    assert (report.looked, report.wrong) == (kinds.total(), 0)
    base = audit.load(stage.table).base
    assert base is not None
    assert base["leads"] == {"leads": 60}
    assert base["source"] == {"shop": 60}
    assert base["complete"] == {"complete": 60}
    assert base["suppressed"] == {"bounced": 1}


def test_it_begins_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs in between do nothing."""
    stage = peopled(monkeypatch, 3)
    assert run(stage)
    stage.table.requests.clear()
    stage.now_ms += 23 * HOUR_MS
    assert run(stage) is None
    assert dict(stage.table.requests) == {"BatchGetItem": 1}
    stage.now_ms += 2 * HOUR_MS
    assert run(stage)


@pytest.mark.parametrize("seed", range(10))
def test_slices_that_die_lose_and_double_nothing(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each writes what it found and where to go on at once."""
    stage, chance = peopled(monkeypatch), random.Random(seed)
    report, deaths = None, 0
    while report is None:
        left = [chance.randint(3, 60)]

        def before(_name: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise Killed

        stage.table.before = before
        try:
            report = run(stage, chance.randint(1, 9))
        except Killed:
            deaths += 1
        stage.table.before = lambda _name: None
        stage.now_ms += 5 * MINUTE_MS
    base = audit.load(stage.table).base
    assert base is not None
    assert base["leads"] == {"leads": 60}
    assert (report.wrong, deaths > 0) == (0, True)


def test_what_stays_wrong_is_a_finding_and_what_does_not_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody in the middle of writing looks broken for a moment; who is broken stays so."""
    stage = peopled(monkeypatch)
    broken, passing = sorted(key for key in stage.table.items if key.sk == "L")[:2]
    held = dict(stage.table.items[passing])
    stage.table.items[broken]["b"] = "{"
    del stage.table.items[passing]
    assert run(stage) is None
    stage.table.items[passing] = held
    stage.now_ms += MINUTE_MS
    assert run(stage) is None
    stage.now_ms += 30 * MINUTE_MS
    report = run(stage)
    assert report is not None
    # The lead itself, its submission, and its home: one death, three that say so.
    assert report.wrong >= 1
    assert all(
        broken.pk[2:] in line or "submission" in line or "home" in line for line in report.listed
    )
    assert passing.pk[2:] not in " ".join(report.listed)


def test_an_import_under_way_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """What its batches have half written is nobody's fault, for some hours."""
    stage = peopled(monkeypatch, 5)
    made = Import("imp", "inbox/a.csv", started_ms=stage.now_ms)
    records.insert(stage.table, made)
    lead = next(key for key in stage.table.items if key.sk == "L")
    held = stage.table.items.pop(lead)
    assert run(stage) is None
    stage.now_ms += HOUR_MS
    assert run(stage) is None
    stage.table.items[lead] = held
    records.change(stage.table, "imp", lambda imp: replace(imp, status=Status.DONE))
    report = run(stage)
    assert report is not None
    assert report.wrong == 0


def test_two_slices_at_once_do_not_both_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one is refused and leaves it alone."""
    stage = peopled(monkeypatch)
    run(stage, 2)
    calls: list[str] = []

    def before(name: str) -> None:
        if name == "Scan" and not calls:
            calls.append(name)
            run(stage, 1)

    stage.table.before = before
    with pytest.raises(Elsewhere):
        run(stage)
    assert calls
