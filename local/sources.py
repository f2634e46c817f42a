"""Reads from a Chalice application which events its handlers want."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

from local import product
from local.options import Options
from local.pump import QueuePoller, QueueSource, say
from local.resources import Resources
from local.schedule import Schedule
from local.workers import Staff

DEFAULT_CONCURRENCY = 2
_STOP_STEP = 0.1


class Pump:
    """Every queue and schedule of the application, each in threads of its own."""

    def __init__(
        self,
        application: Any,
        options: Options,
        resources: Resources,
        staff: Staff,
        sqs: Callable[[], Any],
    ) -> None:
        self._stop = threading.Event()
        self._staff = staff
        self._pollers: list[QueuePoller] = []
        self._schedules: list[Schedule] = []
        for config in application.event_sources:
            timeout = options.timeout(config.name)
            if hasattr(config, "queue_arn"):
                source = _queue_source(config, resources)
                self._pollers += [
                    QueuePoller(source, sqs(), staff.hire(config.name, timeout), self._stop)
                    for _ in range(source.concurrency)
                ]
            elif hasattr(config, "schedule_expression"):
                worker = staff.hire(config.name, timeout)
                self._schedules.append(Schedule(_expression(config), worker, self._stop))
            else:
                say(f"{config.name}: {type(config).__name__} is not served locally")

    def start(self) -> None:
        """Begin to bring events."""
        for thread in self._threads():
            thread.start()

    def fire(self, handler: str) -> None:
        """Run a scheduled handler now, if the application has it."""
        for schedule in self._schedules:
            if schedule.handler == handler:
                schedule.fire()

    def stop(self, waiting: Callable[[], bool]) -> None:
        """Bring no more events; let handlers end for as long as `waiting()`; kill the rest."""
        self._stop.set()
        for schedule in self._schedules:
            schedule.fire()
        for thread in self._threads():
            while thread.is_alive() and waiting():
                thread.join(_STOP_STEP)
        self._staff.dismiss()

    def _threads(self) -> list[threading.Thread]:
        return [
            *(poller.thread for poller in self._pollers),
            *(schedule.thread for schedule in self._schedules),
        ]


def _queue_source(config: Any, resources: Resources) -> QueueSource:
    name = config.queue or config.queue_arn
    queue = resources.queue(name)
    if queue is None:
        raise ValueError(f"{config.name} reads the queue {name}, which local.resources lacks")
    return QueueSource(
        handler=config.name,
        queue=queue,
        batch_size=config.batch_size,
        window=config.maximum_batching_window_in_seconds or 0,
        # More processes than cores would only cost memory here.
        concurrency=min(config.maximum_concurrency or DEFAULT_CONCURRENCY, _most()),
    )


def _most() -> int:
    return max(DEFAULT_CONCURRENCY, os.cpu_count() or 1)


def _expression(config: Any) -> str:
    expression = product.OFTEN.get(config.name, config.schedule_expression)
    return expression if isinstance(expression, str) else str(expression.to_string())
