"""An endpoint that goes quiet or begins to fail is noticed, and counting costs next to nothing."""

import json
from collections import Counter
from typing import Any

import pytest

from chalicelib import errors, metrics
from chalicelib.store.health import HOUR_MS, Counts, Pulse, State, add, health, judged, survey
from tests.fakes import MemoryTable

NOW = 500_000 * HOUR_MS + 1000
HOUR = 500_000


def steady(hours: range, each: int = 2) -> Counts:
    """So many deliveries in each of some hours, counted back from now."""
    delivered = Counter({HOUR - back: each for back in hours})
    return Counts(delivered, {}, (HOUR - min(hours)) * HOUR_MS)


@pytest.mark.parametrize(
    ("counts", "state"),
    [
        (Counts(), State.NEW),
        (steady(range(5)), State.NEW),
        (steady(range(300)), State.OK),
        (steady(range(3, 300)), State.OK),
        (steady(range(5, 300)), State.QUIET),
        (steady(range(5, 100)), State.OK),
        (steady(range(13, 100)), State.QUIET),
        (steady(range(200, 400)), State.QUIET),
        (steady(range(0, 300, 24), each=1), State.OK),
        (steady(range(50, 300, 24), each=1), State.OK),
        (steady(range(150, 380, 24), each=1), State.QUIET),
    ],
)
def test_an_endpoint_is_held_against_its_own_usual(counts: Counts, state: State) -> None:
    """Silence counts by what would have come by now, not by a number of hours."""
    assert judged(counts, NOW).state is state


def test_nights_and_weekends_are_no_silence() -> None:
    """The same hours a week ago were silent too."""
    by_day = [back for back in range(400) if back % 24 >= 12]
    counts = Counts(Counter({HOUR - back: 9 for back in by_day}), {}, (HOUR - 12) * HOUR_MS)
    assert judged(counts, NOW).state is State.OK


def test_failures_beyond_deliveries_are_failing() -> None:
    """Three in two hours and more than what was taken; yesterday's are shown, but over."""
    counts = steady(range(300), each=1)
    counts.failed = {HOUR: Counter(unauthorised=3), HOUR - 20: Counter(no_key=7)}
    found = judged(counts, NOW)
    assert (found.state, found.failures) == (State.FAILING, {"no_key": 7, "unauthorised": 3})
    counts.failed = {HOUR: Counter(unauthorised=2), HOUR - 3: Counter(unauthorised=50)}
    assert judged(counts, NOW).state is State.OK


def test_rates_are_of_the_last_day_and_of_the_week_before() -> None:
    """An hour's deliveries, on average."""
    counts = steady(range(24, 300), each=4)
    counts.delivered[HOUR] = 12
    found = judged(counts, NOW)
    assert (found.per_hour, found.usual) == (0.5, 4.0)


class Clock:
    """A clock that the test winds."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_container_writes_at_most_once_a_minute() -> None:
    """A thousand refusals in a minute are two requests, whatever they say."""
    table, clock = MemoryTable(), Clock()
    told: list[tuple[str, int, int]] = []
    pulse = Pulse(table, lambda *news: told.append(news), clock)
    for number in range(1000):
        pulse.failed("shop", "tally", NOW, f"reason {number}")
    assert table.requests.total() == 2
    clock.seconds = 60.0
    pulse.delivered("shop", "tally", NOW)
    assert table.requests.total() == 4
    assert told == [("tally", 0, 1), ("tally", 1, 999)]
    found = health(table, "shop", NOW)
    assert sum(found.failures.values()) == 1000
    assert len(found.failures) <= 21
    assert len(table.items) == 1


def test_an_endpoint_that_seldom_delivers_is_counted_at_once() -> None:
    """Nothing waits for a minute that no delivery follows."""
    table, clock = MemoryTable(), Clock()
    pulse = Pulse(table, monotonic=clock)
    for hour in range(3):
        clock.seconds = hour * 3600.0
        pulse.delivered("shop", "tally", NOW + hour * HOUR_MS)
        assert health(table, "shop", NOW + hour * HOUR_MS).last_ms == NOW + hour * HOUR_MS


def test_what_cannot_be_written_is_told_later_and_stops_nobody() -> None:
    """A table that does not answer costs no delivery and no count."""
    table, clock = MemoryTable(), Clock()
    pulse = Pulse(table, monotonic=clock)

    def down(_name: str) -> None:
        raise errors.Unavailable("the table does not answer")

    table.before = down
    pulse.delivered("shop", "tally", NOW)
    table.before = lambda _name: None
    clock.seconds = 60.0
    pulse.delivered("shop", "tally", NOW)
    assert health(table, "shop", NOW).per_hour == 2.0


def test_two_containers_lose_nothing() -> None:
    """Whoever finds the item changed adds to what it says now."""
    table = MemoryTable()
    add(table, "shop", Counts(Counter({HOUR: 1}), {}, NOW))
    written = 0

    def meanwhile(name: str) -> None:
        nonlocal written
        if name == "BatchExecuteStatement" and not written:
            written = 1
            add(table, "shop", Counts(Counter({HOUR: 5}), {}, NOW))

    table.before = meanwhile
    add(table, "shop", Counts(Counter({HOUR: 3}), {HOUR - 24: Counter(no_key=1)}, NOW))
    assert health(table, "shop", NOW).failures == {}
    assert sum(_delivered(table).values()) == 9


def _delivered(table: MemoryTable) -> Counter[str]:
    total: Counter[str] = Counter()
    for item in table.items.values():
        total.update(json.loads(str(item["b"]))["d"])
    return total


def test_a_survey_counts_the_endpoints_by_state() -> None:
    """An alarm hears how many are unwell."""
    from chalicelib.store.config import Configuration, Kind

    table = MemoryTable()
    configuration = Configuration(table, lambda: NOW)
    for name in ("a", "b"):
        configuration.put(Kind.ENDPOINT, name, {"provider": "generic"})
    add(table, "a", steady(range(5, 300)))
    assert survey(table, NOW) == {State.QUIET: 1, State.NEW: 1}


def test_a_metric_is_one_line_that_cloudwatch_reads(capsys: Any) -> None:
    """The embedded metric format, with nothing before it."""
    metrics.emit({"WebhooksFailed": 3}, {"Table": "t", "Provider": "tally"})
    (line,) = capsys.readouterr().out.splitlines()
    body = json.loads(line)
    (about,) = body["_aws"]["CloudWatchMetrics"]
    assert about["Dimensions"] == [["Table", "Provider"]]
    assert (body["Table"], body["Provider"], body["WebhooksFailed"]) == ("t", "tally", 3)
