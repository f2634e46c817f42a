"""The suppression ledger: what lifts what, by whom, in any order and by many at once."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import errors
from chalicelib.aws.table import DynamoTable
from chalicelib.intake.identify import Keyring
from chalicelib.model import Door
from chalicelib.ports import Key
from chalicelib.store import suppressions
from chalicelib.store.suppression import OptIn, Reason, Word, channels, hint
from chalicelib.store.suppressions import Ledger, unshared
from tests.fakes import MemoryTable
from tests.store.people import RING, touch, upsert

ANA = RING.key("e", "ana@x.org")
PHONE = RING.key("p", "+34600000001")


def event(ms: int, door: Door = Door.WEBHOOK, by: str = "r") -> Word:
    return Word(ms, door, by)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(MemoryTable(), RING)


def stands(ledger: Ledger, key: str = ANA) -> list[str]:
    """What every reader of the ledger sees."""
    told = ledger.get([key])[key].reasons
    assert told == suppressions.reasons(ledger.table, {"lead": [key]})["lead"]
    return told


def test_each_reason_stands_for_itself(ledger: Ledger) -> None:
    """And for its key alone: a phone's stops calls, an e-mail's e-mail."""
    ledger.suppress(ANA, Reason.BOUNCED, event(1), "a***@x.org")
    made = ledger.suppress(ANA, Reason.COMPLAINED, event(2))
    assert (made.reasons, made.channels) == (["bounced", "complained"], ["email"])
    assert stands(ledger, PHONE) == []
    assert (channels(PHONE), len(channels("x0"))) == (("call", "message"), 3)


def test_saying_it_again_writes_nothing(ledger: Ledger) -> None:
    """One version, whatever is delivered again."""
    for _ in range(3):
        made = ledger.suppress(ANA, Reason.BOUNCED, event(1))
    assert made.version == 1


def test_an_administrator_lifts_a_bounce_and_its_redelivery_does_not_bring_it_back(
    ledger: Ledger,
) -> None:
    """A later bounce does, and what a person enters does at once."""
    ledger.suppress(ANA, Reason.BOUNCED, event(5))
    ledger.lift(ANA, Reason.BOUNCED, event(5, Door.API, "admin"))
    ledger.suppress(ANA, Reason.BOUNCED, event(5))
    assert stands(ledger) == []
    ledger.suppress(ANA, Reason.BOUNCED, event(5, Door.API, "editor"))
    assert stands(ledger) == ["bounced"]
    ledger.lift(ANA, Reason.BOUNCED, event(6, Door.API, "admin"))
    ledger.suppress(ANA, Reason.BOUNCED, event(9))
    assert stands(ledger) == ["bounced"]


def test_nobody_takes_an_erasure_back(ledger: Ledger) -> None:
    """Nor keeps a hint of whom it was about; the lists know that there is one."""
    ledger.suppress(ANA, Reason.BOUNCED, event(1), "a***@x.org")
    made = ledger.suppress(ANA, Reason.ERASED, event(1), "a***@x.org")
    assert made.hint == ""
    assert suppressions.ERASURES in ledger.table.get([suppressions.ERASURES])
    with pytest.raises(errors.Conflict):
        ledger.lift(ANA, Reason.ERASED, event(2, Door.API, "admin"))
    ledger.confirm_opt_in(ANA, OptIn(9, "r"))
    assert stands(ledger) == ["bounced", "erased"]


@pytest.mark.parametrize("door", [Door.API, Door.WEBHOOK, Door.FORM])
def test_only_a_later_opt_in_lifts_what_a_person_said(ledger: Ledger, door: Door) -> None:
    """Not an administrator, not an opt-in that is older, and nothing but `unsubscribed`."""
    ledger.suppress(ANA, Reason.UNSUBSCRIBED, event(5, door))
    ledger.suppress(ANA, Reason.COMPLAINED, event(5))
    with pytest.raises(errors.Conflict):
        ledger.lift(ANA, Reason.UNSUBSCRIBED, event(6, Door.API, "admin"))
    for ms in (4, 5):
        ledger.confirm_opt_in(ANA, OptIn(ms, "r"))
        assert stands(ledger) == ["complained", "unsubscribed"]
    ledger.confirm_opt_in(ANA, OptIn(6, "r"))
    assert stands(ledger) == ["complained"]


def test_a_mistaken_import_is_lifted_unless_the_person_said_so_too(ledger: Ledger) -> None:
    """What came by file alone an administrator may take back."""
    ledger.suppress(ANA, Reason.UNSUBSCRIBED, event(5, Door.FILE))
    ledger.lift(ANA, Reason.UNSUBSCRIBED, event(6, Door.API, "admin"))
    assert stands(ledger) == []
    ledger.suppress(ANA, Reason.UNSUBSCRIBED, event(7, Door.WEBHOOK))
    ledger.suppress(ANA, Reason.UNSUBSCRIBED, event(8, Door.FILE))
    with pytest.raises(errors.Conflict):
        ledger.lift(ANA, Reason.UNSUBSCRIBED, event(9, Door.API, "admin"))


def test_what_does_not_stand_cannot_be_lifted(ledger: Ledger) -> None:
    """`Missing`, and nothing is written."""
    with pytest.raises(errors.Missing):
        ledger.lift(ANA, Reason.BOUNCED, event(1, Door.API))
    assert ledger.get([ANA])[ANA].version == 0


WORDS = st.lists(
    st.tuples(st.sampled_from([Door.WEBHOOK, Door.FILE]), st.integers(1, 4), st.sampled_from("ab")),
    min_size=1,
    max_size=4,
)


@given(WORDS, st.lists(st.integers(1, 4), max_size=2))
def test_any_order_of_events_and_opt_ins_comes_to_the_same(
    words: list[tuple[Door, int, str]], opt_ins: list[int]
) -> None:
    """An opt-in that comes before its ledger knows anything is asked again by its caller."""
    ends = set()
    for order in permutations(words):
        ledger = Ledger(MemoryTable(), RING)
        for door, ms, by in order:
            ledger.suppress(ANA, Reason.UNSUBSCRIBED, event(ms, door, by))
        for ms in opt_ins:
            ledger.confirm_opt_in(ANA, OptIn(ms, "r"))
        for door, ms, by in order:
            ledger.suppress(ANA, Reason.UNSUBSCRIBED, event(ms, door, by))
        ends.add(tuple(stands(ledger)))
    (end,) = ends
    assert bool(end) == (max(ms for _, ms, _ in words) >= max(opt_ins, default=0))


def test_many_writers_at_once_lose_nothing(ledger: Ledger) -> None:
    """Each of them says another thing of one key."""
    said = [(reason, door) for reason in Reason for door in (Door.WEBHOOK, Door.FILE)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: ledger.suppress(ANA, one[0], event(3, one[1])), said * 3))
    held = ledger.get([ANA])[ANA]
    assert held.reasons == sorted(Reason)
    assert {(reason, door) for reason, words in held.words.items() for door in words.yes} == set(
        said
    )


def test_the_list_goes_on_and_narrows(ledger: Ledger) -> None:
    """The latest first, each once; what was lifted is not in it."""
    keys = [RING.key("e", f"p{n}@x.org") for n in range(30)]
    for n, key in enumerate(keys):
        ledger.suppress(key, Reason.BOUNCED if n % 3 else Reason.COMPLAINED, event(n + 1))
    ledger.lift(keys[29], Reason.BOUNCED, event(99, Door.API))
    assert listed(ledger) == keys[28::-1]
    assert listed(ledger, "complained") == keys[27::-3]


def listed(ledger: Ledger, reason: str = "") -> list[str]:
    """The keys of every page; one of a reason may come back short."""
    seen, position = [], ""
    while True:
        found, position = ledger.list(7, position, reason)
        seen += [each.key for each in found]
        if not position:
            return seen


def test_dynamodb_takes_it_as_the_fake_does(dynamo: DynamoTable) -> None:
    """Every write and read of the ledger, in AWS's words."""
    ledger = Ledger(dynamo, RING)
    ledger.suppress(ANA, Reason.BOUNCED, event(1), "a***@x.org")
    ledger.suppress(PHONE, Reason.ERASED, event(2))
    ledger.suppress(ANA, Reason.UNSUBSCRIBED, event(3))
    ledger.lift(ANA, Reason.BOUNCED, event(4, Door.API, "admin"))
    assert stands(ledger) == ["unsubscribed"]
    assert listed(ledger) == [ANA, PHONE]
    ledger.confirm_opt_in(ANA, OptIn(5, "r"))
    assert (stands(ledger), listed(ledger)) == ([], [PHONE])
    assert suppressions.ERASURES in dynamo.get([suppressions.ERASURES])


def test_after_a_change_of_secret_an_address_is_still_known() -> None:
    """The item names the secret that made its key; the address is looked up under both."""
    table, new = MemoryTable(), Keyring(b"another secret")
    Ledger(table, RING).suppress(ANA, Reason.ERASED, event(1))
    ledger = Ledger(table, new, (RING,))
    held = ledger.get(ledger.keys("e", "ana@x.org")).values()
    assert [each.reasons for each in held] == [[], ["erased"]]
    ledger.suppress(ledger.keys("e", "ana@x.org")[0], Reason.BOUNCED, event(1))
    kids = [each.kid for each in ledger.get(ledger.keys("e", "ana@x.org")).values()]
    assert len(set(kids)) == 2
    assert all(len(kid) == 8 for kid in kids)


def test_the_table_holds_no_address(ledger: Ledger) -> None:
    """Only a hint, by which nobody can be reached."""
    ledger.suppress(ANA, Reason.BOUNCED, event(1), hint("e", "ana@x.org"))
    ledger.suppress(PHONE, Reason.BOUNCED, event(1), hint("p", "+34600000001"))
    items = ledger.table.get([Key(f"X#{key}", "X") for key in (ANA, PHONE)])
    assert "ana@" not in repr(items)
    assert "+34" not in repr(items)
    assert {item["hint"] for item in items.values()} == {"a***@x.org", "***001"}


def test_an_erasure_leaves_a_shared_phone_alone() -> None:
    """A family's phone is somebody else's too; one's own is not, nor is the only key given."""
    table = MemoryTable()
    store = upsert(table)
    store.store([touch(1, email="ana@x.org", phone="+34600000001")])
    assert unshared(table, [ANA, PHONE]) == [ANA, PHONE]
    store.store([touch(2, email="eva@x.org", phone="+34600000001")])
    assert unshared(table, [ANA, PHONE]) == [ANA]
    assert unshared(table, [PHONE]) == [PHONE]
