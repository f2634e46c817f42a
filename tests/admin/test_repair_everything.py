"""Whatever `verify` can name, the repair mends; or it says why not."""

import ast
import inspect
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.model import Fate, from_ms
from chalicelib.ports import Item, Key
from chalicelib.store import forecast, items, verify
from chalicelib.store.opportunities import Opportunities
from chalicelib.store.opportunity import Status, opportunity_key
from tests.admin.office import Office
from tests.store.people import as_rows, touch
from tests.store.test_forecast import CLOSED, deal

Spoil = Callable[[Office], object]
PHONE = "+34600000001"


def peopled() -> Office:
    """Somebody with two keys and tags at a company, somebody else, and three opportunities."""
    office = Office()
    office.store.one(
        touch(1, email="ana@acme.com", phone=PHONE, company="Acme", tags={"vip": True}, at=1)
    )
    office.store.one(touch(2, email="ana@acme.com", first_name="Ana", at=2))
    office.store.one(touch(3, external="7", phone="+34600000002", first_name="Eva", at=3))
    office.store.store(as_rows([touch(4, phone=PHONE, last_name="Gil", at=4)]))
    held = touch(5, email="spam@x.org", first_name="Spam")
    office.store.one(replace(held, fate=Fate.QUARANTINED, node="", keys=(), reason="review"))
    for number, status in enumerate(Status, 1):
        closed = 0 if status is Status.OPEN else CLOSED
        ledger(office).create(deal(number, status=status, closed_ms=closed))
    assert office.balance() == []
    return office


def ledger(office: Office) -> Opportunities:
    return Opportunities(office.table, lambda: office.moment)


def places(office: Office, first: str, second: str = "") -> list[Key]:
    """The keys of a kind of items, in their order."""
    return sorted(
        key for key in office.table.items if key.pk.startswith(first) and key.sk.startswith(second)
    )


def lead_of(office: Office, number: int) -> Key:
    """Where the lead of a touch lies."""
    item = office.table.items[items.submission_key(f"{number:032x}")]
    home = office.table.items[items.home_key(str(item["node"]))]
    return items.lead_key(str(home["lead"]))


def home_of(office: Office, number: int) -> Key:
    """Where the home of a touch's node lies."""
    return items.home_key(str(office.table.items[items.submission_key(f"{number:032x}")]["node"]))


def change(office: Office, key: Key, **changes: object) -> None:
    """Let some of an item's attributes be otherwise; None takes one away."""
    item: Item = office.table.items[key]
    for name, value in changes.items():
        item.pop(name, None)
        if value is not None:
            item[name] = value  # type: ignore[assignment]


def body(office: Office, key: Key, **changes: object) -> None:
    """The same of what its JSON holds."""
    held = json.loads(str(office.table.items[key].get("b", "{}")))
    for name, value in changes.items():
        held.pop(name, None)
        if value is not None:
            held[name] = value
    change(office, key, b=json.dumps(held))


def drop(office: Office, *keys: Key) -> None:
    """Lose some items."""
    for key in keys:
        del office.table.items[key]


def stray_lead(office: Office) -> None:
    """A copy of a lead, under an id that no home names."""
    office.table.items[items.lead_key("9" * 32)] = dict(office.table.items[lead_of(office, 1)])


def stray_home(office: Office) -> None:
    """A home of a key that nobody brought, in somebody's lead."""
    lead = lead_of(office, 1).pk[2:]
    office.table.items[items.home_key("e" + "0" * 32)] = {"v": 1, "lead": lead}


def elsewhere(office: Office) -> None:
    """One of a person's two homes names another lead."""
    other = lead_of(office, 3)
    [phone] = [k for k in places(office, "K#p", "H") if k not in (home_of(office, 4),)][:1]
    for key in (home_of(office, 4), phone):
        change(office, key, lead=other.pk[2:])


def counters(office: Office) -> list[Key]:
    return places(office, forecast.PARTITION)


def off_by_one(office: Office) -> None:
    """A counter that counts a deal twice."""
    held = json.loads(str(office.table.items[counters(office)[0]]["b"]))
    path = min(held)
    held[path][0] += 1
    change(office, counters(office)[0], b=json.dumps(held))


def surplus(office: Office) -> None:
    """A counter of a month in which there is nothing."""
    item = {**office.table.items[counters(office)[0]]}
    office.table.items[Key(forecast.PARTITION, "2031-01#EUR")] = item


# What is spoilt, and what `verify` says of it then: each line of it somewhere in the table.
CASES: dict[str, tuple[Spoil, str]] = {
    "a person's homes name several leads": (elsewhere, "are one person but lie in leads"),
    "a lead is gone": (lambda o: drop(o, lead_of(o, 1)), "have no lead"),
    "a lead of nobody": (stray_lead, "stands for nobody"),
    "a lead holds other nodes": (
        lambda o: body(o, lead_of(o, 1), n=["e" + "0" * 32]),
        r"holds \['e0+'\] instead of",
    ),
    "a lead forgot its keys": (lambda o: body(o, lead_of(o, 3), k=None), "claims other keys than"),
    "a lead says what nobody did": (
        lambda o: body(o, lead_of(o, 2), v={"first_name": [0, "Nobody"]}),
        "is not the fold of its",
    ),
    "a submission names no lead": (
        lambda o: change(o, items.submission_key(f"{1:032x}"), lead=None),
        "names no lead",
    ),
    "a lead waits for nothing": (
        lambda o: body(o, lead_of(o, 1), a={"9" * 32: "c"}),
        "waits for the seal of submission",
    ),
    "a lead is not in its account's list": (
        lambda o: change(o, lead_of(o, 1), g5=None, g5s=None),
        "does not stand in the list of its account",
    ),
    "an account is gone": (lambda o: drop(o, *places(o, "A#")), "account .* has no item"),
    "an account is in no list": (
        lambda o: change(o, places(o, "A#")[0], g1=None),
        "account .* stands in no list",
    ),
    "an entry under a tag is gone": (
        lambda o: drop(o, *places(o, "TAG#")),
        "has no entry under 1 of its tags",
    ),
    "a home forgot its claims": (lambda o: body(o, home_of(o, 3), c=None), "holds 0 claims"),
    "a home is gone": (lambda o: drop(o, home_of(o, 3)), "holds 0 claims"),
    "a home of nobody": (stray_home, "belongs to lead .* without a touch"),
    "a reference is gone": (
        lambda o: drop(o, *places(o, "K#", f"T#{1_000_001:013d}")),
        "is not filed under its node",
    ),
    "a held submission has no reference": (
        lambda o: drop(o, *places(o, "K#", "Q#")),
        "is not found by its person",
    ),
    "a counter is gone": (lambda o: drop(o, counters(o)[0]), "counts otherwise"),
    "every counter is gone": (lambda o: drop(o, *counters(o)), "counts otherwise"),
    "a counter counts too much": (off_by_one, "counts otherwise"),
    "a counter counts what there is not": (surplus, "counts otherwise"),
    "a counter is empty": (lambda o: change(o, counters(o)[-1], b=None), "counts otherwise"),
    "a counter cannot be read": (
        lambda o: change(o, counters(o)[0], b="{"),
        f"{forecast.PARTITION} .* cannot be read",
    ),
    "a lead cannot be read": (
        lambda o: change(o, lead_of(o, 1), b='{"n":3}'),
        "lead .* cannot be read",
    ),
    "a home cannot be read": (
        lambda o: change(o, home_of(o, 1), b="{"),
        "home .* cannot be read",
    ),
}  # fmt: skip


def repaired(office: Office) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Mend slice after slice, as `inlet verify --repair` does; what was wrong, and what is left."""
    wrong, left, cursor = [], [], ""
    while cursor is not None:
        told = office.post("/verify/repair", {"cursor": cursor} if cursor else {})
        wrong += told["wrong"]
        left += told["left"]
        cursor = told["next"]
    return wrong, left


@pytest.mark.parametrize("case", CASES)
def test_what_verify_names_the_repair_mends(case: str) -> None:
    """Each kind by itself: named, mended in one go, and then there is nothing to say."""
    office, (spoil, words) = peopled(), CASES[case]
    sound = {key: item["b"] for key, item in office.held().items() if key.pk == "FORECAST"}
    spoil(office)
    found = office.balance()
    assert [line for line in found if re.search(words, line)], found
    assert office.get("/verify")["count"] == len(found)
    wrong, left = repaired(office)
    assert wrong
    assert left == []
    assert office.balance() == []
    assert repaired(office) == ([], [])
    counted = {key: office.table.items[key]["b"] for key in sound}
    assert counted == sound


def lines() -> Iterator[str]:
    """What `verify` may say, each as a pattern: its own lines, and those of the forecast."""
    for module in (verify, forecast):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Yield) and isinstance(node.value, ast.JoinedStr):
                yield pattern(node.value)
            if isinstance(node, ast.GeneratorExp) and isinstance(node.elt, ast.JoinedStr):
                yield pattern(node.elt)


def pattern(text: ast.JoinedStr) -> str:
    """A formatted text with anything in its gaps."""
    parts = [
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*"
        for part in text.values
    ]
    return "".join(parts)


def test_there_is_a_case_for_each_thing_that_verify_can_say() -> None:
    """One that it learns to say comes with a way to spoil, and to mend."""
    said: list[str] = []
    for spoil, _ in CASES.values():
        office = peopled()
        spoil(office)
        said += office.balance()
    patterns = list(lines())
    assert len(patterns) > 12
    assert [each for each in patterns if not any(re.fullmatch(each, line) for line in said)] == []


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        (lambda _: items.submission_key(f"{3:032x}"), "submission"),
        (lambda o: places(o, "A#")[0], "account"),
        (lambda _: opportunity_key(f"{1:032x}"), "opportunity"),
    ],
)
def test_what_nobody_can_read_is_left_with_the_reason(
    place: Callable[[Office], Key], kind: str
) -> None:
    """Nothing says what it was, so nothing is made of it; all else is made to balance around it."""
    office = peopled()
    key = place(office)
    change(office, key, b="{")
    assert f"{kind} {key.pk[2:]} cannot be read" in office.balance()
    for _ in range(2):
        _, left = repaired(office)
        assert [(one["kind"], one["name"], one["why"]) for one in left] == [
            (kind, key.pk[2:], "unreadable")
        ]
    assert office.balance() == [f"{kind} {key.pk[2:]} cannot be read"]


def test_an_account_or_opportunity_that_no_list_shows_is_listed_again() -> None:
    """And what it counts in says so, though the counter was looked at before it was listed."""
    office = peopled()
    held = office.held()
    for key in [opportunity_key(f"{1:032x}"), *places(office, "A#")]:
        change(office, key, g1=None, g1s=None)
    _, left = repaired(office)
    assert left == []
    assert office.balance() == []
    listed = ("g1", "g1s")
    for key in [opportunity_key(f"{1:032x}"), *places(office, "A#")]:
        assert {n: office.table.items[key][n] for n in listed} == {n: held[key][n] for n in listed}


def test_a_counter_that_moved_a_moment_ago_is_left_until_later() -> None:
    """The index of opportunities may be behind: what was made just now would be counted away."""
    office = peopled()
    ledger(office).change(f"{1:032x}", lambda here: replace(here, amount=Decimal(7)), None)
    [key] = [k for k in counters(office) if office.table.items[k].get("t")]
    change(office, key, b='{"open/proposal":[9,"0","0","0","0"]}')
    _, left = repaired(office)
    assert [(one["kind"], one["name"], one["why"]) for one in left] == [
        ("forecast", key.sk, "moved_lately")
    ]
    office.later(minutes=3)
    assert repaired(office)[1] == []
    assert office.balance() == []


def test_whoever_moves_a_counter_while_it_is_counted_is_not_lost() -> None:
    """The write is refused under the version that was read, and it is counted again."""
    office = peopled()
    change(office, counters(office)[-1], b="{}")
    calls: list[str] = []

    def before(name: str) -> None:
        if name == "TransactWriteItems" and not calls:
            calls.append(name)
            Opportunities(office.table, lambda: from_ms(0)).create(deal(9))

    office.table.before = before
    assert repaired(office)[1] == []
    assert calls
    assert office.balance() == []


class Killed(BaseException):
    """Somebody pulled the plug."""


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from(sorted(CASES)), min_size=1, max_size=3, unique=True),
    st.integers(1, 40),
)
def test_a_repair_that_dies_anywhere_is_done_again(cases: list[str], dies: int) -> None:
    """Several things spoilt, the mending killed before any of its requests: the next one mends all."""
    office = peopled()
    for case in cases:
        # What it would spoil may be spoilt already.
        with suppress(KeyError, ValueError, IndexError):
            CASES[case][0](office)
    left = [dies]

    def before(_name: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    office.table.before = before
    with suppress(Killed):
        repaired(office)
    office.table.before = lambda _name: None
    for _ in range(3):
        _, rest = repaired(office)
    assert rest == []
    assert office.balance() == []
