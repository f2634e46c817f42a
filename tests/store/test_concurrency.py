"""Many writers at once, against a real local server: nothing lost, nothing doubled."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.aws.table import DynamoTable
from chalicelib.intake.identify import Keyring
from chalicelib.model import Fate, Touch
from chalicelib.store.upsert import Upsert
from chalicelib.store.verify import read, verify
from tests.store.people import RING, as_rows, touch

pytestmark = pytest.mark.aws


def on(table: DynamoTable, ring: Keyring = RING) -> Upsert:
    return Upsert(table, ring, pause=patient)


def patient(attempt: int) -> None:
    """Wait longer than a door does: the local server takes one request at a time, and slowly."""
    time.sleep(random.uniform(0.2, 1.0) * min(0.01 * 1.5**attempt, 2.0))


def test_200_submissions_of_one_new_person_make_one_lead(dynamo: DynamoTable) -> None:
    """16 threads, one unknown address: one lead with 200 touches."""
    store = on(dynamo)
    touches = [
        touch(n, email="ana@x.org", phone="+34600123456", first_name=f"Ana {n}")
        for n in range(1, 201)
    ]
    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(store.one, touches))
    stored = read(dynamo.dump())
    leads = [lead for lead in stored.leads.values() if lead.alive]
    assert [lead.view.touches for lead in leads] == [200]
    assert leads[0].view.visible()["values"] == {
        "email": "ana@x.org",
        "phone": "+34600123456",
        "first_name": "Ana 200",
    }
    assert [t.fate for t in done].count(Fate.CREATED) == 1
    assert verify(dynamo.dump()) == []


def test_50_identical_submissions_take_effect_once(dynamo: DynamoTable) -> None:
    """The same submission 50 times at once: one touch, `repeats` 49, the same receipt for all."""
    store = on(dynamo)
    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(store.one, [touch(1, email="ana@x.org")] * 50))
    (kept,) = read(dynamo.dump()).touches.values()
    assert kept.repeats == 49
    assert sorted(str(t.fate) for t in done) == ["created"] + ["repeated"] * 49
    assert len({t.lead for t in done}) == 1
    assert verify(dynamo.dump()) == []


def test_overlapping_imports_and_forms_lose_and_double_nothing(dynamo: DynamoTable) -> None:
    """Two imports of the same people, each chunk delivered twice at once, forms in between."""
    store = on(dynamo)
    chance = random.Random(7)
    first = [_person(n, number=n) for n in range(1, 301)]
    second = [_person(n, number=1000 + n) for n in range(1, 301)]
    forms = [_person(chance.randint(1, 300), number=5000 + n) for n in range(60)]
    chunks = [as_rows(first[n : n + 50], f"one#{n}") for n in range(0, 300, 50)]
    chunks += [as_rows(second[n : n + 50], f"two#{n}") for n in range(0, 300, 50)]
    work: list[list[Touch]] = [*chunks, *chunks, *([form] for form in forms)]
    chance.shuffle(work)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(store.store, work))
    stored = read(dynamo.dump())
    assert len(stored.touches) == 660
    assert sum(lead.view.touches for lead in stored.leads.values()) == 660
    assert sum(lead.alive for lead in stored.leads.values()) == 300
    created = [t for t in stored.touches.values() if t.fate is Fate.CREATED]
    assert len(created) == 300
    assert verify(dynamo.dump()) == []


def _person(n: int, number: int) -> Touch:
    return touch(number, email=f"p{n}@x.org", phone=f"+346{n:08d}", first_name=f"P{number}")
