"""Sweep: what was dropped but never announced, and what began but never ended, goes on.

Both announce again what can be announced any number of times. Nothing here decides anything.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from chalicelib.imports import records, runs
from chalicelib.imports.notification import Notification, announcement
from chalicelib.imports.options import INBOX
from chalicelib.imports.records import Import, Status, Stop
from chalicelib.model import to_ms
from chalicelib.ports import FileStat, Outside

_LONGEST_WAIT = 8  # doublings
# Clocks of a bucket and of a worker differ a little.
_SKEW_MS = 5000
_MARGIN_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take before they are announced again.

    An object is looked at while its age is between `young` and `old`; an import after `idle`
    without a chunk more. All zero, with `old` None: now, as at a local start.
    """

    young: timedelta = timedelta(minutes=2)
    old: timedelta | None = timedelta(days=2)
    idle: timedelta = timedelta(minutes=5)
    objects: int = 100_000


AT_A_START = Patience(young=timedelta(0), old=None, idle=timedelta(0))


@dataclass(frozen=True, slots=True)
class Swept:
    """How many objects and imports were announced again."""

    objects: int = 0
    imports: int = 0


def sweep(outside: Outside, now: datetime, bucket: str, patience: Patience = Patience()) -> Swept:
    """Announce again what is overdue; `bucket` is the name of the one that `files` reads."""
    missed = [announcement(n) for n in _unannounced(outside, now, bucket, patience)]
    if missed:
        outside.objects.send(missed)
    idle = [imp for imp in _active(outside) if _idle(outside, imp, now, patience)]
    for imp in idle:
        _announce(outside, imp)
    return Swept(len(missed), len(idle))


def _unannounced(
    outside: Outside, now: datetime, bucket: str, patience: Patience
) -> Iterator[Notification]:
    """The objects of the right age that no import is about."""
    since = now - patience.old if patience.old is not None else datetime.fromtimestamp(0, UTC)
    listed = islice(outside.files.list(INBOX), patience.objects)
    due = [stat for stat in listed if since <= stat.modified <= now - patience.young]
    known = _known(outside, since) if due else {}
    for stat in due:
        if to_ms(stat.modified) > known.get((stat.key, stat.etag), 0) + _SKEW_MS:
            notification = _notification(bucket, outside.files.stat(stat.key) or stat)
            if notification.wanted:
                yield notification


def _known(outside: Outside, since: datetime) -> dict[tuple[str, str], int]:
    """When each content of each key was last announced, of the imports begun since.

    One query and one batched read a hundred imports, however many objects there are.
    """
    found: dict[tuple[str, str], int] = {}
    after: Mapping[str, str] | None = None
    low = f"{max(to_ms(since) - _MARGIN_MS, 0):013d}"
    while True:
        imports, after = records.page(outside.table, "g1", "IMPORT", low=low, after=after)
        for imp in imports:
            content = (imp.key, imp.etag)
            found[content] = max(imp.event_ms, found.get(content, 0))
        if after is None:
            return found


def _notification(bucket: str, stat: FileStat) -> Notification:
    modified = to_ms(stat.modified)
    sequencer = "" if stat.version else f"swept-{modified}"
    return Notification(bucket, stat.key, stat.etag, stat.version, sequencer, modified, stat.size)


def _active(outside: Outside) -> Iterator[Import]:
    imports, _ = records.page(outside.table, "g4", "ACTIVE", limit=100)
    return (imp for imp in imports if imp.status.active and imp.stop != Stop.PAUSE)


def _idle(outside: Outside, imp: Import, now: datetime, patience: Patience) -> bool:
    """Whether no chunk was done since the last look, for as long as it should not take.

    Notes what was seen; each time in vain doubles the wait, so that a chunk which can never be
    worked does not go round for ever at the same pace.
    """
    count = len(records.done(outside.table, imp.id, imp.run))
    seen, since = imp.watch.get("done", 0), imp.watch.get("ms", imp.started_ms)
    tries = imp.watch.get("tries", 0) if count == seen else 0
    wait = patience.idle * 2 ** min(tries, _LONGEST_WAIT)
    waited = timedelta(milliseconds=to_ms(now) - since)
    overdue = waited >= wait and (count == seen or not patience.idle)
    if overdue or count != seen:
        watch = {"done": count, "ms": to_ms(now), "tries": tries + 1 if overdue else 0}
        records.change(outside.table, imp.id, lambda i: replace(i, watch=watch))
    return overdue


def _announce(outside: Outside, imp: Import) -> None:
    if imp.status is Status.SPLITTING or not imp.chunks:
        again = Notification(
            imp.bucket, imp.key, imp.etag, imp.version, imp.sequencer, imp.event_ms, imp.size
        )
        outside.objects.send([announcement(again)])
        return
    # Once it is cancelled only what somebody began with is due. Nothing left and yet active: the
    # message about that leads somebody to its end.
    outside.chunks.send([runs.run_message(imp.id, imp.run)])
