"""Workers die between any two requests; what is delivered again comes to the same."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.store.verify import verify
from tests.imports.door import FileDoor, Killed, balanced
from tests.store.people import picture

FILE = (
    "Name,Email,Phone,Company\n"
    "Ana,ana@x.org,600123456,Acme\n"
    "Bob,bob@,,\n"
    "Ana,ana@x.org,,Beta\n"
    "Eva,eva@x.org,600123457,\n"
    "Leo,,600123457,Gamma\n"
    "Kim,kim@x.org\n"
    "Sol,sol@x.org,1,\n"
)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of three rows, so that a small file has several."""
    monkeypatch.setattr("chalicelib.imports.split.CHUNK_ROWS", 3)


def hook(door: FileDoor, deaths: set[int]) -> list[str]:
    """Kill whoever is about to make the requests of these numbers; returns what was asked for."""
    log: list[str] = []

    def before(name: str) -> None:
        if door.working:
            log.append(name)
            if len(log) in deaths:
                raise Killed

    for port in (door.table, door.files, door.objects, door.chunks):
        port.before = before
    return log


def mend(door: FileDoor, import_id: str) -> str:
    """The errors of an import, mended."""
    body = door.files.body(f"reports/{import_id}/errors.csv").decode("utf-8-sig")
    return body.replace("bob@", "bob@x.org").replace(",Kim,kim@x.org", ",Kim,kim@x.org,,")


def outcome(door: FileDoor, deaths: set[int]) -> tuple[Any, ...]:
    """Everything that must not depend on who died when."""
    door.drop("inbox/fair/a.csv", FILE)
    log = hook(door, deaths)
    (first,) = door.run()
    once = balanced(door.summary(first))
    door.drop("inbox/errors.csv", mend(door, first))
    (second,) = door.run()
    hook(door, set())
    assert verify(door.table.items.items()) == []
    found = [balanced(door.summary(each)) for each in (first, second)]
    counts = [
        (s["status"], s["rows"], s["created"], s["rejected"], s["merged"] + s["unchanged"])
        for s in (once, *found)
    ]
    bodies = [door.errors(each) for each in (first, second)]
    codes = [s["codes"] for s in found]
    return counts, codes, bodies, picture(door.table), len(log)


def test_a_death_before_any_one_request_changes_nothing() -> None:
    """Each request of an import and of its mending in turn is the one that a worker dies at."""
    *expected, requests = outcome(FileDoor(), set())
    assert requests > 100
    for death in range(1, requests + 1):
        door = FileDoor()
        *found, _ = outcome(door, {death})
        assert door.kills == 1
        assert found == expected, death


@settings(max_examples=40)
@given(st.sets(st.integers(1, 300), max_size=12), st.randoms())
def test_many_deaths_and_any_order_change_nothing(deaths: set[int], chance: random.Random) -> None:
    """Deaths anywhere, messages in any order and some of them twice: the same people."""
    *expected, _ = outcome(FileDoor(), set())
    door = FileDoor()
    take = door.chunks.take

    def shuffled() -> list[str]:
        messages = take()
        messages += [message for message in messages if chance.random() < 0.3]
        chance.shuffle(messages)
        return messages

    door.chunks.take = shuffled  # type: ignore[method-assign]
    *found, _ = outcome(door, deaths)
    assert found[3] == expected[3]
    assert [(c[0], c[1], c[3]) for c in found[0]] == [(c[0], c[1], c[3]) for c in expected[0]]
    assert found[1] == expected[1]
