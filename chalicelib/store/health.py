"""How an endpoint fares: what it delivered by the hour, what failed and why, and what that means.

One small item for each endpoint and day it was heard of, written at most once a minute by each
container (`Pulse`): deliveries cost nothing more, and whoever floods an address heats and grows
nothing. Counts that a container has not written when it ends are lost, a minute's worth at most.
"""

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib import errors
from chalicelib.noun import noun
from chalicelib.ports import Insert, Item, Key, Table, Update
from chalicelib.store.config import Configuration, Kind
from chalicelib.store.items import dump, integer

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
WEEK = 7 * 24
# Written so often at most, by each container and for each endpoint.
EVERY_SECONDS = 60.0
# How many days with any news are looked at: a week to compare with, and the one before it.
DAYS = 16
_KEPT_DAYS = 400
_MOST_REASONS = 20
_ATTEMPTS = 5
_MOST_PAGES = 10
# What says that an endpoint went quiet: this many deliveries were to be expected by now, by its own
# rate and by the same hours a week ago; by its rate alone, where there is no such week.
EXPECTED, EXPECTED_ALONE = 5, 20
# What says that it fails: so many failures in these last two hours, and more than deliveries.
FAILED = 3


class State(StrEnum):
    """How an endpoint fares now."""

    OK = "ok"
    QUIET = "quiet"
    FAILING = "failing"
    NEW = "new"


@noun
class Health:
    """`per_hour` is the rate of the last day, `usual` that of the week before it.

    `failures` are those of the last day by their code. `last_ms` 0: nothing was ever delivered.
    """

    state: State = State.NEW
    last_ms: int = 0
    per_hour: float = 0.0
    usual: float = 0.0
    failures: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Counts:
    """What happened in some hours (since the epoch): deliveries, and failures by reason."""

    delivered: Counter[int] = field(default_factory=Counter)
    failed: dict[int, Counter[str]] = field(default_factory=dict)
    last_ms: int = 0

    def note(self, now_ms: int, reason: str = "") -> None:
        """Count one that was taken, or, with a reason, one that failed."""
        if reason:
            self.take(Counts(failed={now_ms // HOUR_MS: Counter({reason: 1})}))
        else:
            self.delivered[now_ms // HOUR_MS] += 1
            self.last_ms = max(self.last_ms, now_ms)

    def take(self, other: "Counts") -> None:
        """Add what others counted."""
        for hour, number in other.delivered.items():
            self.delivered[hour] += number
        for hour, reasons in other.failed.items():
            own = self.failed.setdefault(hour, Counter())
            for reason, number in reasons.items():
                known = reason in own or len(own) < _MOST_REASONS
                own[reason if known else "other"] += number
        self.last_ms = max(self.last_ms, other.last_ms)

    @property
    def failures(self) -> int:
        """All failures."""
        return sum(reasons.total() for reasons in self.failed.values())


@dataclass
class Pulse:
    """Counts in memory, written at the first news and then once a minute at most; never raises.

    `tell` hears how many were delivered and failed whenever they are written: for metrics.
    """

    table: Table
    tell: Callable[[str, int, int], None] = lambda _provider, _delivered, _failed: None
    monotonic: Callable[[], float] = time.monotonic
    _counts: defaultdict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    _written: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def delivered(self, endpoint: str, provider: str, now_ms: int) -> None:
        """Note a delivery that was taken."""
        self._note(endpoint, provider, now_ms)

    def failed(self, endpoint: str, provider: str, now_ms: int, reason: str) -> None:
        """Note a delivery that was refused, or brought nothing of use, with the code of the reason."""
        self._note(endpoint, provider, now_ms, reason[:60])

    def _note(self, endpoint: str, provider: str, now_ms: int, reason: str = "") -> None:
        with self._lock:
            self._counts[endpoint].note(now_ms, reason)
            now = self.monotonic()
            if now - self._written.get(endpoint, now - EVERY_SECONDS) < EVERY_SECONDS:
                return
            self._written[endpoint] = now
            counts = self._counts.pop(endpoint)
        try:
            add(self.table, endpoint, counts)
        except errors.InletError:
            # Told again with the next: nothing that is only counted may cost a delivery.
            with self._lock:
                self._counts[endpoint].take(counts)
            return
        self.tell(provider, counts.delivered.total(), counts.failures)


def add(table: Table, endpoint: str, counts: Counts) -> None:
    """Add counts to the items of their days; `Contended` where too many write at once."""
    for day in sorted({hour // 24 for hour in (*counts.delivered, *counts.failed)}):
        key = _key(endpoint, day)
        for _ in range(_ATTEMPTS):
            item = table.get([key]).get(key)
            whole = _read(item) if item else Counts()
            whole.take(_of_day(counts, day))
            made = _item(whole, day)
            write = Update(key, made, integer(item["v"])) if item else Insert(key, made)
            if table.write([write])[0]:
                break
        else:
            raise errors.Contended("too many count at once")


def health(table: Table, endpoint: str, now_ms: int) -> Health:
    """How an endpoint fares; one query of a few small items."""
    page = table.query(f"HEALTH#{endpoint}", begins="D#", newest_first=True, limit=DAYS)
    counts = Counts()
    for item in page.items:
        counts.take(_read(item))
    return judged(counts, now_ms)


def survey(table: Table, now_ms: int) -> Counter[State]:
    """How many endpoints are in each state; a query for each, up to a bound."""
    configuration, found, position = Configuration(table, lambda: now_ms), Counter[State](), ""
    for _ in range(_MOST_PAGES):
        documents, position = configuration.list(Kind.ENDPOINT, 100, position)
        found.update(health(table, document.name, now_ms).state for document in documents)
        if not position:
            break
    return found


def judged(counts: Counts, now_ms: int) -> Health:
    """What counts mean at a moment."""
    now = now_ms // HOUR_MS
    if not counts.delivered and not counts.failed:
        return Health()
    first = min([*counts.delivered, *counts.failed])
    failures: Counter[str] = Counter()
    for hour in range(now - 23, now + 1):
        failures += counts.failed.get(hour, Counter())
    return Health(
        _state(counts, first, now),
        counts.last_ms,
        _rate(counts, max(first, now - 23), now),
        _rate(counts, max(first, now - 23 - WEEK), now - 24),
        dict(sorted(failures.items())),
    )


def _state(counts: Counts, first: int, now: int) -> State:
    bad = sum(counts.failed.get(hour, Counter()).total() for hour in (now - 1, now))
    if bad >= FAILED and bad > counts.delivered[now - 1] + counts.delivered[now]:
        return State.FAILING
    if not counts.delivered or now - first < 24:
        return State.NEW
    return State.QUIET if _quiet(counts, first, now) else State.OK


def _quiet(counts: Counts, first: int, now: int) -> bool:
    last = counts.last_ms // HOUR_MS
    # The hours that are over and brought nothing; what they would have, at the rate before.
    silent = now - 1 - last
    expected = _rate(counts, max(first, last - WEEK + 1), last) * silent
    if silent >= WEEK or first > last + 1 - WEEK:
        return expected >= EXPECTED_ALONE
    then = sum(counts.delivered[hour - WEEK] for hour in range(last + 1, now))
    return expected >= EXPECTED and then >= EXPECTED


def _rate(counts: Counts, since: int, until: int) -> float:
    """Deliveries an hour, both hours included; 0 for no hours."""
    if until < since:
        return 0.0
    total = sum(counts.delivered[hour] for hour in range(since, until + 1))
    return round(total / (until - since + 1), 3)


def _key(endpoint: str, day: int) -> Key:
    return Key(f"HEALTH#{endpoint}", f"D#{day:06d}")


def _of_day(counts: Counts, day: int) -> Counts:
    return Counts(
        Counter({hour: n for hour, n in counts.delivered.items() if hour // 24 == day}),
        {hour: reasons for hour, reasons in counts.failed.items() if hour // 24 == day},
        counts.last_ms if counts.last_ms // DAY_MS == day else 0,
    )


def _item(counts: Counts, day: int) -> Item:
    body = {"d": counts.delivered, "f": counts.failed, "l": counts.last_ms}
    return {"b": dump(body), "ttl": (day + _KEPT_DAYS) * DAY_MS // 1000}


def _read(item: Item) -> Counts:
    body = json.loads(str(item["b"]))
    return Counts(
        Counter({int(hour): n for hour, n in body["d"].items()}),
        {int(hour): Counter(reasons) for hour, reasons in body["f"].items()},
        body["l"],
    )
