"""A thousand posts from fifty clients at once, against the running product."""

import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib.intake.demo_form import DEMO_FORM
from tests.road.stage import Stage

POSTS, CLIENTS = 1000, 50
# A slow machine must not wait for ever; a client that is never answered is a failure.
PATIENCE = 120

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage(tmp_path_factory.mktemp("crowd"))
    made.start()
    yield made
    made.machine.stop()


def crowd(stage: Stage, form: str) -> Counter[int]:
    """Every client posts one after the other on one connection; how often which status came."""
    where = urlsplit(stage.machine.url)

    def client(number: int) -> list[int]:
        line = http.client.HTTPConnection(str(where.hostname), where.port, timeout=PATIENCE)
        statuses = []
        for n in range(POSTS // CLIENTS):
            body = json.dumps({"email": f"{form}-{number}-{n}@example.com", "first_name": "Ana"})
            headers = {"Content-Type": "application/json", "Accept": "application/json"}
            line.request("POST", f"/forms/{form}", body, headers)
            answer = line.getresponse()
            answer.read()
            statuses.append(answer.status)
        line.close()
        return statuses

    begun = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        found = Counter(status for made in pool.map(client, range(CLIENTS)) for status in made)
    print(f"\n{form}: {dict(found)} in {time.monotonic() - begun:.1f} s")
    return found


def stored(stage: Stage, form: str) -> int:
    """How many submissions of a form are stored, counted page by page."""
    count, cursor = 0, ""
    while True:
        more: dict[str, str] = {"cursor": cursor} if cursor else {}
        page: Any = stage.api("GET", "/submissions", door="form", limit="100", **more).json
        count += [each["source"]["form"] for each in page["items"]].count(form)
        cursor = page["next"] or ""
        if not cursor:
            return count


@pytest.mark.parametrize(("form", "limit"), [("open", 0), ("full", 100)])
def test_a_thousand_posts_from_fifty_clients_at_once(stage: Stage, form: str, limit: int) -> None:
    """Without limits all are stored and answered; with a limit of 100 exactly those, the rest 429."""
    limits = {"form": {"count": limit, "seconds": 3600}} if limit else {}
    made = stage.api("PUT", f"/forms/{form}", {**DEMO_FORM, "limits": limits})
    assert made.status == 201
    took = limit or POSTS
    found = crowd(stage, form)
    assert found == Counter({200: took, 429: POSTS - took} if limit else {200: took})
    assert stored(stage, form) == took
    assert stage.balanced()
