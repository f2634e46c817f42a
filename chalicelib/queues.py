"""What the queue and schedule handlers have in common: one message after the other, failures named."""

import json
import logging
from collections.abc import Callable
from typing import Any

from chalicelib.doors import spill
from chalicelib.model import to_ms
from chalicelib.wiring import Live

log = logging.getLogger(__name__)
# A run that counts ends so long before its function's time does: a step takes a second or two.
_SPARE_SECONDS = 30.0
# What the messages say that are about what the law asks for (`chalicelib.privacy`).
PRIVATE = frozenset({"erasure", "bundle", "retention", "purge"})


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


def split(live: Live, event: Any) -> Callable[[str], None]:
    """Handles what S3 announces, within the time that the event's function has left."""
    from chalicelib.imports.notification import notifications
    from chalicelib.imports.split import split as split_one

    def left() -> float:
        return float(event.context.get_remaining_time_in_millis()) / 1000

    def handle(body: str) -> None:
        for notification in notifications(json.loads(body)):
            split_one(notification, live.outside, {"region": live.settings.region}, left)

    return handle


def work(live: Live) -> Callable[[str], None]:
    """Handles one chunk of an import, one part of an export, one step of what the law asks for."""
    from chalicelib.imports import work as working

    def handle(body: str) -> None:
        message = json.loads(body)
        if "export" in message:
            from chalicelib.exports.run import run

            run(message, live.outside)
            return
        if PRIVATE.intersection(message):
            from chalicelib.privacy import steps

            steps.step(message, live.outside, live.upsert, live.settings.raw_days)
            return
        working.work(message, live.outside, live.upsert)

    return handle


def replay(live: Live) -> Callable[[str], None]:
    """Handles an envelope from the spill queue."""

    def handle(body: str) -> None:
        stored = spill.replay(body, live.outside, live.upsert)
        if stored.mail:
            from chalicelib.mail import outbox

            outbox.announce(
                live.outside, live.catalogue.form(stored.source.form), stored.id, stored.fate
            )

    return handle


def mail(live: Live) -> Callable[[str], None]:
    """Handles one mail that is due."""
    from chalicelib.mail.deliver import Delivery

    settings = live.settings
    delivery = Delivery(live.outside, live.catalogue, live.mailer, settings.mail_from, settings.url)

    def handle(body: str) -> None:
        delivery.deliver(body)

    return handle


def look_up(live: Live) -> Callable[[str], None]:
    """Handles mail domains that nobody knows yet."""
    from chalicelib.lookups import look_up as looking
    from chalicelib.lookups.resolver import Resolver
    from chalicelib.verifiers import verifier

    settings, outside = live.settings, live.outside
    # A new one for each event: how sound a resolver was a while ago says nothing about now.
    find = Resolver(settings.resolver).find if settings.resolver else None
    asks = None
    if settings.verifier:
        asks = verifier(settings.verifier, settings.verifier_key, outside.send)

    def handle(body: str) -> None:
        if find:
            looking.look_up(json.loads(body), outside, live.ring, find, asks)

    return handle


def sweep(live: Live) -> dict[str, int]:
    """Announces again what was left unfinished; how many objects and imports that were.

    The first sweep of a local run is its start: nothing is under way then, so nothing is waited
    for.
    """
    from chalicelib.imports.sweep import AT_A_START, Patience
    from chalicelib.imports.sweep import sweep as sweep_all
    from chalicelib.mail import outbox
    from chalicelib.privacy import steps

    first = live.settings.local and not live.swept
    live.swept = True
    patience = AT_A_START if first else Patience()
    look(live)
    swept = sweep_all(live.outside, live.outside.now(), live.settings.bucket, patience)
    mails = outbox.sweep(live.outside, live.outside.now())
    private = steps.sweep(live.outside, live.upsert, live.settings.raw_days)
    return {"objects": swept.objects, "imports": swept.imports, "mails": mails, **private}


def count(live: Live, event: Any) -> dict[str, int]:
    """Counts what is due, then goes on with the audit, within the time that the function has left."""
    from chalicelib.stats import audit, endpoints
    from chalicelib.stats.count import Sweep

    def left() -> float:
        return float(event.context.get_remaining_time_in_millis()) / 1000 - _SPARE_SECONDS

    outside = live.outside
    hours = Sweep(outside.table, outside.now, left).run()
    endpoints.look(outside.table, to_ms(outside.now()))
    try:
        report = audit.Audit(outside.table, live.ring, live.walk, outside.now, left).run()
    except audit.Elsewhere:
        report = None
    if report and not live.settings.local:
        from chalicelib import metrics

        numbers = {"AuditLooked": report.looked, "AuditWrong": report.wrong}
        metrics.emit(numbers, {"Table": live.settings.table})
    return {"hours": hours, "audited": report.looked if report else 0}


def look(live: Live) -> None:
    """Tell the metrics, once an hour, how many endpoints went quiet or fail: an alarm hears it."""
    from chalicelib import metrics
    from chalicelib.store.health import State, survey

    # The schedule comes every five minutes: one of them is the hour's first.
    if live.settings.local or live.outside.now().minute >= 5:
        return
    found = survey(live.outside.table, to_ms(live.outside.now()))
    quiet, failing = found[State.QUIET], found[State.FAILING]
    numbers = {"EndpointsQuiet": quiet, "EndpointsFailing": failing}
    metrics.emit({**numbers, "EndpointsUnwell": quiet + failing}, {"Table": live.settings.table})
