"""Figures: how much came in, from where, how good it was; what is to be sold."""

from collections.abc import Mapping
from typing import Any

import click

from cli.client import Client
from cli.common import speaks
from cli.show import Screen, moment

_FATES = [
    "created",
    "merged",
    "unchanged",
    "repeated",
    "quarantined",
    "spam",
    "rejected",
    "ignored",
    "pending",
    "undone",
]
# A bar of a day's new leads, where standard output is a terminal as where it is none.
_BAR = 40


@click.command()
@click.option("--from", "since", default="", help="The first day; thirty days back unless given.")
@click.option("--to", "until", default="", help="The last day; today unless given.")
@click.option("--days", is_flag=True, help="Day by day.")
@speaks
def stats(api: Client, screen: Screen, *, since: str, until: str, days: bool) -> None:
    """What came in: by fate, source and day."""
    found = api.call("GET", "/api/stats", {"from": since, "to": until})
    screen.document(found, _days if days else _totals)


def _totals(screen: Screen, found: Mapping[str, Any]) -> None:
    total = found["total"]
    new, quality = total["new_leads"], total["quality"]
    screen.pairs(
        {
            "days": f"{found['from']} to {found['to']}",
            "counted at": moment(found["counted_at"]) or "not yet",
            "new leads": new["count"],
            "complete": quality["complete"],
            "score": quality["score"],
        }
    )
    if total["submissions"]:
        screen.title("Submissions")
        rows = [
            (door, *(by.get(f, 0) for f in _FATES)) for door, by in total["submissions"].items()
        ]
        screen.table(("door", *_FATES), rows)
    if new["source"]:
        screen.title("New leads by source")
        sources = new["source"].items()
        rows = [(name, each["count"], each["complete"], each["score"]) for name, each in sources]
        screen.table(("source", "leads", "complete", "score"), rows)
    for name in ("channel", "acquisition", "campaign"):
        _counts(screen, f"New leads by {name}", name, new[name])
    _counts(screen, "Problems", "code", total["problems"])
    states = found["endpoints"]["states"]
    _counts(screen, "Endpoints", "state", states)


def _counts(screen: Screen, title: str, what: str, counts: Mapping[str, int]) -> None:
    if counts:
        screen.title(title)
        screen.table((what, "number"), list(counts.items()))


def _days(screen: Screen, found: Mapping[str, Any]) -> None:
    most = max((day["new_leads"]["count"] for day in found["days"]), default=0)
    rows = []
    for day in found["days"]:
        new = day["new_leads"]["count"]
        came = sum(sum(by.values()) for by in day["submissions"].values())
        rows.append((day["date"], new, came, "█" * round(_BAR * new / most) if most else ""))
    screen.table(("day", "new leads", "submissions", ""), rows)


@click.command()
@click.option("--from", "since", default="", help="The first month, such as 2026-01.")
@click.option("--to", "until", default="", help="The last month.")
@click.option("--currency", default="", help="Only in this currency, such as EUR.")
@speaks
def forecast(api: Client, screen: Screen, *, since: str, until: str, currency: str) -> None:
    """What open opportunities are worth by month, and what was won and lost."""
    asked = {"month_from": since, "month_to": until, "currency": currency}
    screen.document(api.call("GET", "/api/forecast", asked), _months)


def _months(screen: Screen, found: Mapping[str, Any]) -> None:
    rows = [
        (
            each["month"],
            each["currency"],
            each["open"]["count"],
            each["open"]["amount"],
            each["open"]["weighted"],
            each["open"]["mrr"],
            each["won"]["count"],
            each["won"]["amount"],
            each["lost"]["count"],
        )
        for each in found["items"]
    ]
    names = ("open", "amount", "weighted", "MRR", "won", "won amount", "lost")
    screen.table(("month", "currency", *names), rows)


def join(group: click.Group) -> None:
    """Add these commands."""
    group.add_command(stats)
    group.add_command(forecast)
