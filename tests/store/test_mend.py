"""What is broken is found item by item, and mended to what the submissions say."""

import random
from dataclasses import replace

import pytest

from chalicelib.model import Fate
from chalicelib.store import items, lead_items
from chalicelib.store.erase import held_of
from chalicelib.store.kinds import SUBMISSION
from chalicelib.store.looking import UNREADABLE, look
from chalicelib.store.mend import mend
from chalicelib.store.takeback import take_back
from chalicelib.store.upsert import Upsert
from chalicelib.store.verify import read, verify
from tests.fakes import MemoryTable
from tests.store.breaking import Breaker
from tests.store.people import RING, as_rows, touch, upsert

NOW = 2_000_000


def crowded(chance: random.Random) -> MemoryTable:
    """Families, offices, ids in common; merged, parted, taken back, and file rows."""
    table = MemoryTable()
    store = upsert(table)
    made = []
    for number in range(1, 25):
        email = chance.choice(["", *(f"{letter}@x.org" for letter in "abcdefgh")])
        phone = chance.choice(["", "", *(f"+3460000000{n}" for n in range(4))])
        external = chance.choice(["", "", "1", "2"])
        if not (email or phone or external):
            email = f"only{number}@x.org"
        made.append(
            touch(
                number,
                email=email,
                phone=phone,
                external=external,
                at=chance.randint(0, 9),
                first_name=chance.choice(["Ana", "Eva"]),
                company=chance.choice(["Acme", "Beta", None]),
                tags=chance.choice([{}, {"vip": True}, {"vip": False, "new": True}]),
            )
        )
    for one in made[:12]:
        store.one(one)
    store.store(as_rows(made[12:]))
    _people_decide(table, store, chance)
    assert verify(table.items.items()) == []
    return table


def _people_decide(table: MemoryTable, store: Upsert, chance: random.Random) -> None:
    alive = sorted(lead.id for lead in read(table.items.items()).leads.values() if lead.alive)
    if len(alive) > 2:
        left, right = chance.sample(alive, 2)
        store.merge(left, right, "somebody")
    stored = read(table.items.items())
    many = [lead for lead in stored.leads.values() if len(lead.nodes) > 1]
    if many and chance.random() < 0.5:
        lead = min(many, key=lambda lead: lead.id)
        store.unmerge(lead.id, lead.nodes[:1], "somebody")
    some = sorted(t.id for t in stored.touches.values() if t.fate.effective)
    taken = chance.sample(some, 3)
    take_back(store, [stored.touches[receipt] for receipt in taken], "somebody")


def everything(table: MemoryTable) -> list[str]:
    """All that is wrong, item by item."""
    page = [(key, dict(item)) for key, item in table.items.items()]
    return sorted({one.what for one in look(table, RING, page, NOW).wrong})


def mend_all(table: MemoryTable) -> list[str]:
    """Mend page after page, as the API does; what is left."""
    left: list[str] = []
    for key in sorted(table.items):
        if key in table.items:
            page = [(key, dict(table.items[key]))]
            wrong = look(table, RING, page, NOW).wrong
            left += [one.what for one in mend(table, RING, wrong, NOW)] if wrong else []
    return left


@pytest.mark.parametrize("seed", range(40))
def test_what_balances_is_found_to_balance(seed: int) -> None:
    """Nothing is wrong item by item where nothing is wrong with the whole, and nothing is written."""
    table = crowded(random.Random(seed))
    before = {key: dict(item) for key, item in table.items.items()}
    assert everything(table) == []
    assert mend_all(table) == []
    assert table.items == before


@pytest.mark.parametrize("seed", range(150))
def test_what_is_broken_is_mended(seed: int) -> None:
    """In whatever ways: then nothing is wrong, and every lead is the fold of its touches."""
    chance = random.Random(seed)
    table = crowded(chance)
    sound = values(table)
    done = Breaker(table, chance).break_some(chance.choice([1, 1, 2, 3, 6]))
    broken = verify_readable(table)
    found = everything(table)
    assert not broken or found, done
    for _ in range(3):
        left = mend_all(table)
    assert left == [], (done, found)
    assert verify(table.items.items()) == [], done
    assert everything(table) == [], done
    assert values(table) == sound, done


def values(table: MemoryTable) -> list[tuple[list[str], str]]:
    """Every person: nodes and folded view."""
    leads = read(table.items.items()).leads.values()
    return sorted((sorted(lead.nodes), repr(lead.view)) for lead in leads if lead.alive)


def verify_readable(table: MemoryTable) -> bool:
    """Whether the oracle finds anything wrong, be it that it cannot even read."""
    try:
        return bool(verify(table.items.items()))
    except (ValueError, KeyError, TypeError, AttributeError):
        return True


def test_a_submission_nobody_can_read_is_left_and_named() -> None:
    """Nothing says what it was, so nothing is made of it; the rest is mended around it."""
    table = MemoryTable()
    store = upsert(table)
    lost = store.one(touch(1, email="ana@x.org", first_name="Ana"))
    store.one(touch(2, email="ana@x.org", first_name="Eva"))
    table.items[items.submission_key(lost.id)]["b"] = "{"
    left = mend_all(table)
    assert left == [UNREADABLE]
    (lead,) = [
        lead_items.read_lead(key.pk[2:], item) for key, item in table.items.items() if key.sk == "L"
    ]
    assert lead.view.touches == 1
    wrong = look(table, RING, table.items.items(), NOW).wrong
    assert [(one.kind, one.name) for one in wrong] == [(SUBMISSION, lost.id)]


def test_mending_beside_a_writer_loses_neither() -> None:
    """Whoever writes in between is read again: the post is there, and so is the repair."""
    table = MemoryTable()
    store = upsert(table)
    first = store.one(touch(1, email="ana@x.org", first_name="Ana"))
    body = str(table.items[items.lead_key(first.lead)]["b"])
    table.items[items.lead_key(first.lead)]["b"] = body.replace("Ana", "Eve")
    calls: list[str] = []

    def before(name: str) -> None:
        if name == "TransactWriteItems" and not calls:
            calls.append(name)
            upsert(table).one(touch(2, email="ana@x.org", last_name="Gil"))

    wrong = look(table, RING, list(table.items.items()), NOW).wrong
    table.before = before
    assert mend(table, RING, wrong, NOW) == []
    assert calls
    assert verify(table.items.items()) == []
    (lead,) = [lead for lead in read(table.items.items()).leads.values() if lead.alive]
    assert {n: v for n, (_, v) in lead.view.values.items() if n != "email"} == {
        "first_name": "Ana",
        "last_name": "Gil",
    }


def test_what_is_refused_or_undone_needs_no_lead() -> None:
    """Only what took effect is held against a lead."""
    table = MemoryTable()
    store = upsert(table)
    done = store.one(touch(1, email="ana@x.org"))
    take_back(store, [done], "somebody")
    assert done.fate is Fate.CREATED
    assert everything(table) == []


def test_what_was_held_before_there_were_references_gets_its_own_until_it_expires() -> None:
    """Found by its person again, for as long as it is there; what says nobody's key needs none."""
    table = MemoryTable()
    store = upsert(table)
    spam = replace(touch(1, email="ana@x.org"), fate=Fate.SPAM, node="", keys=(), reason="honeypot")
    bare = replace(touch(2, email="b@x.org"), fate=Fate.REJECTED, node="", keys=(), values={})
    for one in (spam, bare):
        store.one(one)
    (key,) = [key for key in table.items if key.sk.startswith(items.HELD)]
    kept = table.items.pop(key)
    expires = int(str(kept["ttl"])) * 1000
    said = [f"submission {spam.id} is not found by its person"]
    assert verify(table.items.items(), RING, NOW) == everything(table) == said
    assert verify(table.items.items(), RING, expires) == []
    assert mend_all(table) == []
    assert table.items[key] == kept
    assert verify(table.items.items(), RING, NOW) == everything(table) == []
    assert [found.id for found in held_of(table, RING.keys({"email": "ana@x.org"}, {})[0])] == [
        spam.id
    ]
