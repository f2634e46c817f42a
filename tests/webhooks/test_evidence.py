"""What deliveries are judged by is fetched once and held, within bounds."""

import pytest

from chalicelib.intake import evidence
from chalicelib.ports import Answer, Outgoing


class Place:
    """Somebody's service that answers with the address, and counts."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.asked: list[str] = []

    def __call__(self, request: Outgoing) -> Answer:
        self.asked.append(request.url)
        return Answer(self.status, request.url.encode())


def test_it_is_fetched_once_for_each_request() -> None:
    """The same address with another body is something else: another account's token."""
    place = Place()
    one, two = Outgoing("POST", "https://x/", body=b"1"), Outgoing("POST", "https://x/", body=b"2")
    for asked in (one, two, one, two):
        assert evidence.fetched([asked], place) == {"https://x/": b"https://x/"}
    assert len(place.asked) == 2


@pytest.mark.parametrize("status", [204, 302, 400, 404, 500])
def test_a_failure_is_not_held(status: int) -> None:
    """It is left out, and asked for again."""
    place = Place(status)
    for _ in range(2):
        assert evidence.fetched([Outgoing("GET", "https://x/")], place) == {}
    assert len(place.asked) == 2


def test_it_is_held_for_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """An access token that has expired is none."""
    now = 1000.0
    monkeypatch.setattr("chalicelib.intake.evidence.time.monotonic", lambda: now)
    place = Place()
    evidence.fetched([Outgoing("GET", "https://x/")], place)
    now += evidence.HELD_SECONDS - 1
    evidence.fetched([Outgoing("GET", "https://x/")], place)
    assert len(place.asked) == 1
    now += 1
    evidence.fetched([Outgoing("GET", "https://x/")], place)
    assert len(place.asked) == 2


def test_what_is_held_is_bounded() -> None:
    """The oldest goes first."""
    place = Place()
    urls = [f"https://x/{i}" for i in range(evidence.MOST + 1)]
    evidence.fetched([Outgoing("GET", url) for url in urls], place)
    evidence.fetched([Outgoing("GET", urls[-1])], place)
    assert place.asked == urls
    evidence.fetched([Outgoing("GET", urls[0])], place)
    assert place.asked == [*urls, urls[0]]
