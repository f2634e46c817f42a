"""The forecast as a picture: what is expected by month, what was won, and what brought it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from chalicelib import locale
from chalicelib.admin.console.desk import Desk
from chalicelib.admin.console.page import Page
from chalicelib.admin.console.pages._deals import money, words_of
from chalicelib.model import Response, from_ms

_BACK, _ON = 3, 8
_DIMENSIONS = ("name", "channel", "campaign")
# The picture's own measures; it grows with its frame.
_WIDTH, _HEIGHT, _FOOT = 960, 260, 40


def show(desk: Desk) -> Response:
    """Some months back and on, in one currency at a time."""
    now = from_ms(desk.now_ms)
    months = [_month(now.year, now.month, step) for step in range(-_BACK, _ON + 1)]
    items = desk.get("/forecast", {"month_from": months[0], "month_to": months[-1]})["items"]
    currencies = sorted({each["currency"] for each in items if each["currency"]})
    asked = desk.query("currency").upper()
    currency = asked if asked in currencies else next(iter(currencies), "")
    held = {each["month"] or "": each for each in items if (each["currency"] or "") == currency}
    by = desk.query("by") if desk.query("by") in _DIMENSIONS else "name"
    rows = [(month, held[month]) for month in months if month in held]
    return desk.show(
        "forecast.html",
        currencies=currencies,
        currency=currency,
        rows=rows,
        undated=held.get(""),
        bars=_bars(desk, months, held),
        called=lambda month: _called(desk, month),
        size=(_WIDTH, _HEIGHT, _FOOT),
        this=months[_BACK],
        shares={end: _shares(rows, f"{end}_touch", by) for end in ("first", "last")},
        by=by,
        dimensions=[(each, desk.say(f"by_{each}")) for each in _DIMENSIONS],
        words=words_of(desk),
        money=lambda amount, none="": money(desk, amount, currency, none),
    )


def _month(year: int, month: int, step: int) -> str:
    whole, rest = divmod(year * 12 + month - 1 + step, 12)
    return f"{whole:04d}-{rest + 1:02d}"


def _called(desk: Desk, month: str) -> tuple[str, str]:
    """A month by its name and its year: opportunities are counted by those of this calendar."""
    year, _, number = month.partition("-")
    return desk.say(f"month_{int(number)}"), locale.digits(year, desk.language)


def _bars(desk: Desk, months: Sequence[str], held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By month: what was won, and beside it what is open, of which the likely part is full.

    Time runs as the reader's lines do.
    """
    back = locale.direction(desk.language) == "rtl"
    sums = {
        month: [Decimal(held[month][part][name]) if month in held else Decimal()
                for part, name in (("won", "amount"), ("open", "amount"), ("open", "weighted"))]
        for month in months
    }  # fmt: skip
    most = max((max(each) for each in sums.values()), default=Decimal()) or Decimal(1)
    slot = Decimal(_WIDTH) / len(months)
    return [
        {
            "month": month,
            "called": _called(desk, month),
            "year": not place or month.endswith("-01"),
            "x": _px(slot * at + slot * (4 if back else 1) / 8),
            "middle": _px(slot * at + slot / 2),
            "wide": _px(slot * 3 / 8),
            "beside": _px(slot * at + slot * (1 if back else 4) / 8),
            **{
                name: {"high": (high := _px(value / most * (_HEIGHT - _FOOT - 8))),
                       "top": _px(_HEIGHT - _FOOT - Decimal(high)), "text": str(value) if value else ""}
                for name, value in zip(("won", "open", "likely"), sums[month], strict=True)
            },
        }
        for place, month in enumerate(months)
        for at in [len(months) - 1 - place if back else place]
    ]  # fmt: skip


def _px(value: Decimal) -> str:
    return str(value.quantize(Decimal("0.1")))


def _shares(rows: Sequence[tuple[str, Any]], end: str, by: str) -> list[dict[str, Any]]:
    """What was won in these months by what brought it, the most first, with its share."""
    found: dict[str, tuple[int, Decimal]] = {}
    for _, row in rows:
        for each in row["won_by"][end][by]:
            deals, amount = found.get(each["value"], (0, Decimal()))
            found[each["value"]] = deals + each["count"], amount + Decimal(each["amount"])
    total = sum(deals for deals, _ in found.values())
    ranked = sorted(found.items(), key=lambda each: (-each[1][0], each[0]))
    return [
        {"value": value, "count": deals, "amount": str(amount), "share": round(100 * deals / total)}
        for value, (deals, amount) in ranked
    ]


PAGE = Page({"GET": show}, needs="GET /forecast", group="leads", order=50)
