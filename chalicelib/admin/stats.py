"""Figures: what came in by the day, how good it was, and how the endpoints fare.

A day is one item, kept right by the counting run (docs/decisions/0029-stats.md); no view here reads
a lead or a submission, and none can tell of a single person.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.admin.auth import ADMIN
from chalicelib.admin.call import Call, invalid
from chalicelib.model import rfc3339
from chalicelib.stats import audit, base, counts, days, endpoints
from chalicelib.stats.counts import NAMELESS, OTHER, Counts

MOST_DAYS, USUAL_DAYS = 400, 30
_EPOCH = date(1970, 1, 1)
# What a page of figures says for the rest, and for those that have no name.
_NAMES = {OTHER: "(other)", NAMELESS: "(none)"}


def get_stats(call: Call) -> dict[str, Any]:
    """Figures by day, their sum, and how the endpoints fare; `counted_at` says how fresh they are."""
    first, last = _range(call)
    table = call.outside.table
    found = days.load_days(table, range(first, last + 1))
    state = days.load_state(table)
    return {
        "from": _date(first),
        "to": _date(last),
        "counted_at": _time(state.at_ms),
        "days": [{"date": _date(day.day), **_figures(day.counts)} for day in found],
        "total": _figures(counts.total(day.counts for day in found)),
        "base": _base(audit.load(table)),
        "endpoints": _endpoints(call),
    }


def _range(call: Call) -> tuple[int, int]:
    today = datetime.fromtimestamp(call.now_ms / 1000, UTC).date()
    last = _day(call, "to") or today
    first = _day(call, "from") or last - timedelta(days=USUAL_DAYS - 1)
    if not date(1970, 1, 1) <= first <= last:
        raise invalid("from", "date_invalid", "the first day is after the last one, or before 1970")
    if (last - first).days >= MOST_DAYS:
        raise invalid("from", "too_long", f"at most {MOST_DAYS} days")
    return (first - _EPOCH).days, (last - _EPOCH).days


def _day(call: Call, name: str) -> date | None:
    text = call.query(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(name, "date_invalid", "expected a date, such as 2026-01-31") from None


def _date(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()


def _time(ms: int) -> str | None:
    return rfc3339(ms) if ms else None


def _figures(held: Counts) -> dict[str, Any]:
    by_door: dict[str, dict[str, int]] = {}
    for name, number in sorted(held[counts.FATES].items()):
        door, _, fate = name.partition("/")
        by_door.setdefault(door, {})[fate] = number
    new = held[counts.COMPLETE].total()
    return {
        "submissions": by_door,
        "new_leads": {
            "count": new,
            "channel": _ranked(held[counts.CHANNEL]),
            "acquisition": _ranked(held[counts.ACQUISITION]),
            "campaign": _ranked(held[counts.CAMPAIGN]),
            "source": _sources(held),
        },
        "quality": {
            "complete": held[counts.COMPLETE]["complete"],
            "incomplete": held[counts.COMPLETE]["incomplete"],
            "score": _mean(held[counts.SOURCE_SCORES].total(), new),
            "scores": {band: held[counts.SCORES][band] for band in counts.BANDS},
            "reasons": _ranked(held[counts.REASONS]),
        },
        "problems": _ranked(held[counts.PROBLEMS]),
        "imports": _ranked(held[counts.IMPORTS]),
        "suppressed": _ranked(held[counts.SUPPRESSED]),
    }


def get_audit(call: Call) -> dict[str, Any]:
    """What the last self-audit found, and how far the one under way is."""
    state = audit.load(call.outside.table)
    return {"last": _report(state.last), "now": _report(state.now)}


def _report(report: audit.Report | None) -> dict[str, Any] | None:
    if report is None:
        return None
    return {
        "began_at": rfc3339(report.began_ms),
        "finished_at": _time(report.finished_ms),
        "looked": report.looked,
        "wrong": report.wrong,
        "problems": list(report.listed),
    }


def _base(state: audit.State) -> dict[str, Any] | None:
    """What the whole base is like, by the last audit that was finished; None before the first."""
    held, last = state.base, state.last
    if held is None or last is None:
        return None
    figures = _figures(held)
    return {
        "at": rfc3339(last.finished_ms),
        "leads": held.get(base.LEADS, Counter())["leads"],
        "stage": _ranked(held.get(base.STAGE, {})),
        **{name: figures["new_leads"][name] for name in ("channel", "acquisition", "source")},
        "quality": figures["quality"],
        "suppressed": figures["suppressed"],
    }


def _sources(held: Counts) -> dict[str, dict[str, Any]]:
    return {
        _NAMES.get(name, name): {
            "count": number,
            "complete": held[counts.SOURCE_COMPLETE][name],
            "score": _mean(held[counts.SOURCE_SCORES][name], number),
        }
        for name, number in _by_size(held[counts.SOURCE])
    }


def _ranked(numbers: Mapping[str, int]) -> dict[str, int]:
    return {_NAMES.get(name, name): number for name, number in _by_size(numbers)}


def _by_size(numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    """The greatest first, and what stands for the rest last."""
    return sorted(numbers.items(), key=lambda each: (each[0] == OTHER, -each[1], each[0]))


def _mean(total: int, number: int) -> int | None:
    return round(total / number) if number else None


def _endpoints(call: Call) -> dict[str, Any]:
    at, seen = endpoints.load(call.outside.table)
    states: dict[str, int] = {}
    for one in seen:
        states[one.state] = states.get(one.state, 0) + 1
    # An endpoint's id may be all that keeps strangers out: administrators alone read it.
    whole = call.caller.role in ADMIN
    return {
        "looked_at": _time(at),
        "states": states,
        "items": [
            {
                "endpoint": one.endpoint if whole else None,
                "provider": one.provider,
                "state": one.state,
                "last_at": _time(one.last_ms),
                "per_hour": one.per_hour,
                "usual_per_hour": one.usual,
                "failures": one.failures,
            }
            for one in seen
        ],
    }
