"""What the queue and schedule handlers have in common: one message after the other, failures named."""

import json
import logging
from collections.abc import Callable
from typing import Any

from chalicelib.doors import spill
from chalicelib.wiring import Live

log = logging.getLogger(__name__)


def each(event: Any, handle: Callable[[str], object]) -> dict[str, list[dict[str, str]]]:
    """Handle every message of an SQS event; the answer names those that must come again."""
    failed = []
    for record in event.to_dict()["Records"]:
        try:
            handle(record["body"])
        except Exception as error:
            # The content may be personal data: the log gets the kind of failure and the place.
            log.exception("message %s failed: %s", record["messageId"], type(error).__name__)
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def split(live: Live) -> Callable[[str], None]:
    """Handles what S3 announces."""
    from chalicelib.imports import split as splitting

    def handle(body: str) -> None:
        for record in json.loads(body).get("Records", ()):
            splitting.split(record, live.outside)

    return handle


def work(live: Live) -> Callable[[str], None]:
    """Handles one chunk of an import."""
    from chalicelib.imports import work as working

    def handle(body: str) -> None:
        working.work(json.loads(body), live.outside, live.upsert)

    return handle


def replay(live: Live) -> Callable[[str], None]:
    """Handles an envelope from the spill queue."""

    def handle(body: str) -> None:
        spill.replay(body, live.outside, live.upsert)

    return handle


def sweep(live: Live, event: Any) -> dict[str, int]:
    """Announces again what was left unfinished; a local start passes no age."""
    from chalicelib.imports import sweep as sweeping

    del event
    return sweeping.sweep(live.outside, live.outside.now())
