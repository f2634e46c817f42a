"""Opportunities and segments, for tests and pictures of the console."""

from datetime import timedelta

from tests.browser.serve import Served
from tests.console.people import api as call

_DEALS = (
    ("Track lights for two shops", "18400", "one_off", "proposal", 1),
    ("Maintenance, Sevilla", "420", "monthly", "proposal", 2),
    ("Hotel Alameda", "62500", "one_off", "negotiation", 1),
    ("Lumbre flagship", "9800.50", "one_off", "qualified", 3),
    ("Verde & Filhos, rental", "3600", "annual", "qualified", 4),
    ("Keller showroom", "7200", "one_off", "contacted", 5),
    ("نورآوران", "15000", "one_off", "new", 6),
    ("华灯照明", "24000", "annual", "new", 2),
    ("Café Solana", "5400", "one_off", "won", 0),
    ("Office at Prado", "11900", "one_off", "won", 0),
    ("Museum annex", "30000", "one_off", "lost", 0),
)


def deals(stage: Served, *contacts: str) -> dict[str, str]:
    """Opportunities in every stage, some won, and two segments; the id of one of them."""
    now = stage.live.outside.now()
    made = ""
    for number, (name, amount, period, place, months) in enumerate(_DEALS):
        close = (now + timedelta(days=30 * months)).date().isoformat()
        body = {"name": name, "amount": amount, "currency": "EUR", "period": period}
        body |= {"expected_close": close, "owner": "Marta Gil", "lead": contacts[number % 2]}
        there = call(stage, "POST", "/opportunities", {**body, "stage": place})["id"]
        made = made or there
    for name, filters in (
        ("fair-leads", {"source": "trade-fair"}),
        ("spring", {"channel": "Paid Search", "campaign": "spring"}),
    ):
        segment = {"label": {"en": name.replace("-", " ").capitalize()}, "filters": filters}
        call(stage, "PUT", "/segments/{segment}", segment, segment=name)
    _campaigns(stage, contacts[0])
    return {"deal": made}


def _campaigns(stage: Served, lead: str) -> None:
    """One that brought somebody and for which something was done, one that is over."""
    now = stage.live.outside.now()
    runs = {"from": (now - timedelta(days=20)).date().isoformat()}
    runs["to"] = (now + timedelta(days=40)).date().isoformat()
    spring = {"label": {"en": "Spring lights", "fa": "چراغ‌های بهار"}, "kind": "advert", **runs}
    fair = {"label": {"en": "Madrid fair 2026"}, "kind": "event", "to": "2026-03-06"}
    for name, body in (
        ("spring", {**spring, "sources": ["contact"]}),
        ("madrid-2026", {**fair, "sources": ["trade-fair"], "names": ["Madrid 2026"]}),
    ):
        call(stage, "PUT", "/campaigns/{campaign}", body, campaign=name)
    done = {"kind": "call", "campaign": "spring", "note": "Wants an offer for two shops by May"}
    call(stage, "POST", "/leads/{lead}/activities", done, lead=lead)
