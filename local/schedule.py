"""Schedules: when a `rate(…)` or `cron(…)` fires next, and the timer that fires it.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from local.backend import REGION
from local.pump import say
from local.workers import CallFailed, Worker

_RATE = re.compile(r"rate\((\d+) (second|minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
# A child that waits longer than this for its next call costs more than it saves.
_KEEP_WARM = 120.0

Next = Callable[[datetime], datetime]


class Schedule:
    """A handler with its timer. Runs never overlap; those missed meanwhile are left out."""

    def __init__(self, expression: str, worker: Worker, stop: threading.Event) -> None:
        self._next = parse(expression)
        self._worker = worker
        self._stop = stop
        self._now = threading.Event()
        self.handler = worker.handler
        self.thread = threading.Thread(target=self._run, name=worker.handler, daemon=True)

    def fire(self) -> None:
        """Run at once, beside the schedule; or notice at once that it is time to stop."""
        self._now.set()

    def _run(self) -> None:
        due = self._next(datetime.now(UTC))
        while True:
            asked = self._now.wait(max(0.0, (due - datetime.now(UTC)).total_seconds()))
            self._now.clear()
            if self._stop.is_set():
                return
            self._call()
            now = datetime.now(UTC)
            if not asked or due <= now:
                due = self._next(now)
            if (due - now).total_seconds() > _KEEP_WARM:
                self._worker.kill()

    def _call(self) -> None:
        try:
            self._worker.call(event(self.handler))
        except CallFailed as failure:
            say(str(failure))


def event(handler: str) -> dict[str, Any]:
    """What EventBridge sends when a schedule fires."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:000000000000:rule/{handler}"],
        "detail": {},
    }


def parse(expression: str) -> Next:
    """A function from a time to the next one, in UTC; `ValueError` if it is not understood.

    Of cron: `*`, `?`, numbers, names, lists, ranges and steps; not `L`, `W` and `#`.
    """
    if rate := _RATE.fullmatch(expression):
        interval = timedelta(**{f"{rate[2]}s": int(rate[1])})
        return lambda after: after + interval
    if cron := _CRON.fullmatch(expression):
        return _cron(cron.groups())
    raise ValueError(f"not a schedule: {expression}")


def _cron(fields: Sequence[str]) -> Next:
    minute, hour, day, month, weekday, year = fields
    minutes, hours = _numbers(minute, 0, 59), _numbers(hour, 0, 23)
    days, months = _numbers(day, 1, 31), _numbers(month, 1, 12, _MONTHS)
    weekdays, years = _numbers(weekday, 1, 7, _DAYS), _numbers(year, 1970, 2199)

    def fits(date: datetime) -> bool:
        sunday_first = date.isoweekday() % 7 + 1
        return (
            date.year in years
            and date.month in months
            and date.day in days
            and sunday_first in weekdays
        )

    def following(after: datetime) -> datetime:
        moment = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
        # Eight years hold a 29th of February on every second weekday at least.
        for _ in range(8 * 366):
            if fits(moment):
                for candidate in _times(moment, sorted(hours), sorted(minutes)):
                    return candidate
            moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
        return datetime.max.replace(tzinfo=UTC)

    return following


def _times(start: datetime, hours: list[int], minutes: list[int]) -> list[datetime]:
    """The times of day, from `start` on."""
    times = [start.replace(hour=hour, minute=minute) for hour in hours for minute in minutes]
    return [time for time in times if time >= start]


def _numbers(field: str, low: int, high: int, names: list[str] | None = None) -> set[int]:
    numbers: set[int] = set()
    for part in field.upper().split(","):
        span, _, step = part.partition("/")
        if span in {"*", "?"}:
            first, last = low, high
        else:
            start, _, end = span.partition("-")
            first = _number(start, names)
            last = _number(end, names) if end else (high if step else first)
        if not low <= first <= last <= high:
            raise ValueError(f"not a part of a schedule: {field}")
        numbers |= set(range(first, last + 1, int(step or 1)))
    return numbers


def _number(text: str, names: list[str] | None) -> int:
    if names and text in names:
        return names.index(text) + 1
    return int(text)
