"""Figures over the API: one item a day, whoever asks, and never a person."""

from datetime import timedelta

import pytest

from chalicelib.model import Fate, Problem
from chalicelib.stats import endpoints
from chalicelib.stats.count import Sweep
from chalicelib.store.config import Configuration, Kind
from chalicelib.store.marks import HOUR_MS, Marks
from tests.admin.office import Office, refusal
from tests.stats.stage import DAY_MS, START_MS, Stage


@pytest.fixture
def stage(office: Office) -> Stage:
    """What came into the office, today and yesterday, counted."""
    made = Stage(table=office.table)
    office.store.marks = Marks(office.table)
    made.now_ms = int(office.moment.timestamp() * 1000)
    made.post(
        made.now_ms - DAY_MS, email="ana@x.org", first_name="Ana", name="shop", channel="Email"
    )
    made.post(email="bo@x.org", name="fair", campaign="spring")
    bad = (Problem("email", "email_invalid"),)
    made.post(email="bot@x.org", fate=Fate.REJECTED, problems=bad)
    Sweep(office.table, lambda: office.moment, lambda: 60.0).run()
    return made


def test_figures_come_by_day_with_their_sum(office: Office, stage: Stage) -> None:
    """Thirty days to today unless said; every day is there, be it empty."""
    told = office.get("/stats", role="viewer")
    assert len(told["days"]) == 30
    assert told["days"][-1]["date"] == told["to"] == office.moment.date().isoformat()
    assert told["days"][-1]["submissions"] == {"form": {"created": 1, "rejected": 1}}
    assert told["days"][-1]["problems"] == {"email_invalid": 1}
    assert told["days"][0]["new_leads"]["count"] == 0
    assert told["days"][0]["quality"]["score"] is None
    total = told["total"]
    assert total["new_leads"]["count"] == 2
    assert set(total["new_leads"]["source"]) == {"shop", "fair"}
    assert total["new_leads"]["source"]["shop"] == {"count": 1, "complete": 1, "score": 90}
    assert total["new_leads"]["channel"] == {"(none)": 1, "Email": 1}
    assert total["quality"]["complete"] == 1
    assert told["counted_at"] == office.moment.isoformat(timespec="milliseconds").replace(
        "+00:00", "Z"
    )
    assert stage.figures() == stage.recount()


def test_a_range_is_days_and_at_most_400(office: Office) -> None:
    """Both ends belong to it; what is no date, the wrong way round or too long is refused."""
    told = office.get("/stats", query={"from": "2026-01-01", "to": "2026-01-03"})
    assert [day["date"] for day in told["days"]] == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert told["counted_at"] is None
    for query, code in (
        ({"from": "soon"}, "date_invalid"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "date_invalid"),
        ({"from": "1969-01-01", "to": "1969-02-01"}, "date_invalid"),
        ({"from": "2025-01-01", "to": "2026-02-05"}, "too_long"),
    ):
        error = refusal(office, "GET", "/stats", query=query)
        assert (error.status, error.problems[0].code) == (422, code)


def test_a_page_of_figures_reads_an_item_a_day(office: Office, stage: Stage) -> None:
    """Four hundred days are four requests, and one each for the state and the endpoints."""
    office.table.requests.clear()
    last = office.moment.date()
    first = last - timedelta(days=399)
    office.get("/stats", query={"from": first.isoformat(), "to": last.isoformat()})
    assert not office.table.requests["Query"]
    # The caller's key and the note in the access log are those of every route.
    assert office.table.requests["BatchGetItem"] <= 4 + 2 + 2


def test_only_administrators_read_an_endpoints_id(office: Office) -> None:
    """It may be all that keeps strangers out; everybody sees how many fare how."""
    now_ms = START_MS + 5 * HOUR_MS
    kept = Configuration(office.table, lambda: now_ms)
    kept.put(Kind.ENDPOINT, "secret-id", {"provider": "zapier"}, actor="test")
    endpoints.look(office.table, now_ms)
    (seen,) = office.get("/stats", role="viewer")["endpoints"]["items"]
    assert (seen["endpoint"], seen["provider"], seen["state"]) == (None, "zapier", "new")
    told = office.get("/stats", role="admin")["endpoints"]
    assert told["items"][0]["endpoint"] == "secret-id"
    assert told["states"] == {"new": 1}
