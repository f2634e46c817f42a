"""What the dashboard shows of the figures: a span of days, in columns, beside the span before it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.pictures import Part, bar, ceiling, columns

SPANS = (7, 30, 90, 365)
USUAL = 30
# More days than this are shown by the week.
_BY_THE_DAY = 92
# So many kinds have a colour of their own; what the API adds up as the rest, and all others, has none.
_COLOURS, _REST = 5, "c-rest"
OTHER = "(other)"
FATES = (
    "created", "merged", "unchanged", "repeated", "ignored", "undone", "pending", "quarantined",
    "rejected", "spam",
)  # fmt: skip
_REFUSED = ("spam", "rejected")
# So many lines of a list are shown.
_LINES = 8


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: its name, its number, and a bar."""

    name: str
    count: int
    picture: Any
    more: Mapping[str, Any]


def figures(desk: Desk) -> dict[str, Any] | None:
    """All that is shown of the figures; None where whoever looks may not see them."""
    if not desk.may("GET /stats"):
        return None
    span = _span(desk)
    today = datetime.fromtimestamp(desk.now_ms / 1000, UTC).date()
    first = today - timedelta(days=span - 1)
    # The API gives 400 days at once: a year has nothing beside it.
    beside = span if 2 * span <= 400 else 0
    since = first - timedelta(days=beside)
    found = desk.get("/stats", {"from": since.isoformat(), "to": today.isoformat()})
    days = found["days"][beside:]
    mirrored = desk.language == "fa"
    return {
        "span": span,
        "spans": SPANS,
        "counted_at": found["counted_at"],
        "any": any(day["submissions"] for day in days),
        "tiles": _tiles(days, found["days"][:beside]),
        "leads": _leads(days, mirrored=mirrored),
        "doors": _doors(days, mirrored=mirrored),
        "scores": _lines(_summed(days, "quality", "scores"), mirrored=mirrored, ranked=False),
        "reasons": _lines(_summed(days, "quality", "reasons"), mirrored=mirrored),
        "problems": _lines(_summed(days, "problems"), mirrored=mirrored),
        "sources": _sources(days, mirrored=mirrored),
        "imports": _lines(_summed(days, "imports"), mirrored=mirrored),
        "suppressed": _lines(_summed(days, "suppressed"), mirrored=mirrored),
        "endpoints": found["endpoints"],
        "base": _base(found["base"], mirrored=mirrored),
    }


def _span(desk: Desk) -> int:
    text = desk.query("days")
    return int(text) if text in map(str, SPANS) else USUAL


def _summed(days: Sequence[Mapping[str, Any]], *path: str) -> Counter[str]:
    made: Counter[str] = Counter()
    for day in days:
        held: Any = day
        for name in path:
            held = held[name]
        made.update(held)
    return made


# --- the figures at the head


def _tiles(
    days: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """New leads, submissions, how many were complete, how good they were, how many refused."""
    now, then = _heads(days), _heads(before) if before else {}
    return [{"name": name, "value": value, "before": then.get(name)} for name, value in now.items()]


def _heads(days: Sequence[Mapping[str, Any]]) -> dict[str, int | None]:
    new = sum(day["new_leads"]["count"] for day in days)
    fates = _fates(days)
    refused = sum(fates[fate] for fate in _REFUSED)
    scores = sum((day["quality"]["score"] or 0) * day["new_leads"]["count"] for day in days)
    whole = sum(day["quality"]["complete"] for day in days)
    return {
        "new": new,
        "submissions": fates.total(),
        "complete": round(100 * whole / new) if new else None,
        "score": round(scores / new) if new else None,
        "refused": refused,
    }


def _fates(days: Sequence[Mapping[str, Any]]) -> Counter[str]:
    made: Counter[str] = Counter()
    for day in days:
        for fates in day["submissions"].values():
            made.update(fates)
    return made


# --- leads by day and channel


def _leads(days: Sequence[Mapping[str, Any]], *, mirrored: bool) -> dict[str, Any]:
    """Columns of new leads by channel, their legend, their axis, and the table behind them."""
    some = _buckets(days)
    by_channel = [_summed(bucket, "new_leads", "channel") for bucket in some]
    whole = sum(by_channel, Counter())
    named = [name for name, _ in whole.most_common() if name != OTHER][:_COLOURS]
    rest = [name for name in whole if name not in named]
    parts = [
        Part(f"c-{number}", [held[name] for held in by_channel])
        for number, name in enumerate(named)
    ]
    legend = [(part.colour, name, whole[name]) for part, name in zip(parts, named, strict=True)]
    if rest:
        parts.append(Part(_REST, [sum(held[name] for name in rest) for held in by_channel]))
        legend.append((_REST, OTHER, sum(whole[name] for name in rest)))
    top = ceiling(max((held.total() for held in by_channel), default=0))
    first = [date.fromisoformat(bucket[0]["date"]) for bucket in some]
    return {
        "picture": columns(parts, top, mirrored=mirrored),
        "legend": legend,
        "ticks": (top, top // 2, 0),
        "labels": [first[0], first[len(first) // 2], first[-1]] if first else [],
        "weekly": len(days) > _BY_THE_DAY,
        "total": whole.total(),
        "rows": [
            (when, [part.numbers[place] for part in parts], by_channel[place].total())
            for place, when in enumerate(first)
            if by_channel[place]
        ],
    }


def _buckets(days: Sequence[Mapping[str, Any]]) -> list[Sequence[Mapping[str, Any]]]:
    """Days, or weeks that end with the last day."""
    size = 7 if len(days) > _BY_THE_DAY else 1
    first = len(days) % size
    starts = ([0] if first else []) + list(range(first, len(days), size))
    return [days[a:b] for a, b in zip(starts, [*starts[1:], len(days)], strict=True)]


# --- lists


def _doors(days: Sequence[Mapping[str, Any]], *, mirrored: bool) -> dict[str, Any]:
    """What became of the submissions, door by door."""
    by_door: dict[str, Counter[str]] = {}
    for day in days:
        for door, fates in day["submissions"].items():
            by_door.setdefault(door, Counter()).update(fates)
    most = max((fates.total() for fates in by_door.values()), default=0)
    there = [fate for fate in FATES if any(fates[fate] for fates in by_door.values())]
    return {
        "fates": there,
        "rows": [
            {
                "door": door,
                "total": fates.total(),
                "picture": bar([(f"f-{f}", fates[f]) for f in there], most, mirrored=mirrored),
                "counts": [fates[fate] for fate in there],
            }
            for door, fates in sorted(by_door.items(), key=lambda each: -each[1].total())
        ],
    }


def _lines(numbers: Mapping[str, int], *, mirrored: bool, ranked: bool = True) -> list[Line]:
    by_size = sorted(numbers.items(), key=lambda each: (each[0] == OTHER, -each[1], each[0]))
    shown = by_size[:_LINES] if ranked else list(numbers.items())
    most = max(numbers.values(), default=0)
    return [
        Line(name, count, bar([("c-0", count)], most, mirrored=mirrored), {})
        for name, count in shown
    ]


def _sources(days: Sequence[Mapping[str, Any]], *, mirrored: bool) -> list[Line]:
    """The sources that brought most new leads, with how complete and how good these were."""
    found: dict[str, Counter[str]] = {}
    for day in days:
        for name, held in day["new_leads"]["source"].items():
            count, score = held["count"], held["score"] or 0
            found.setdefault(name, Counter()).update(
                {"count": count, "complete": held["complete"], "score": score * count}
            )
    ranked = sorted(found.items(), key=lambda each: (each[0] == OTHER, -each[1]["count"], each[0]))
    most = max((held["count"] for held in found.values()), default=0)
    return [_source(name, held, most, mirrored=mirrored) for name, held in ranked[:_LINES]]


def _source(name: str, held: Counter[str], most: int, *, mirrored: bool) -> Line:
    count = held["count"]
    whole, score = (held["complete"], held["score"]) if count else (0, 0)
    more = {"complete": round(100 * whole / max(count, 1)), "score": round(score / max(count, 1))}
    return Line(name, count, bar([("c-0", count)], most, mirrored=mirrored), more)


def _base(held: Mapping[str, Any] | None, *, mirrored: bool) -> dict[str, Any] | None:
    """The whole base as the last audit saw it."""
    if held is None:
        return None
    quality = held["quality"]
    return {
        "at": held["at"],
        "leads": held["leads"],
        "complete": round(100 * quality["complete"] / held["leads"]) if held["leads"] else None,
        "score": quality["score"],
        "suppressed": sum(held["suppressed"].values()),
        "stage": _lines(held["stage"], mirrored=mirrored),
        "acquisition": _lines(held["acquisition"], mirrored=mirrored),
        "scores": _lines(quality["scores"], mirrored=mirrored, ranked=False),
    }
