"""Addresses of one mailbox, where the stage says that they are one person."""

from dataclasses import replace

import pytest

from chalicelib.intake.identify import EMAIL, Keyring, mailbox
from chalicelib.model import Door, Touch
from chalicelib.settings import read as read_settings
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger, reasons
from chalicelib.store.verify import read, verify
from tests.fakes import MemoryTable
from tests.store.people import touch, upsert

PLAIN, ALIASED = Keyring(b"s"), Keyring(b"s", aliases=True)


@pytest.mark.parametrize(
    ("email", "box"),
    [
        ("a.b+shop@gmail.com", "ab@gmail.com"),
        ("a.b@googlemail.com", "ab@gmail.com"),
        ("a.b+shop@outlook.com", "a.b@outlook.com"),
        ("a.b+shop@example.org", "a.b+shop@example.org"),
        ("+shop@gmail.com", "+shop@gmail.com"),
        ("...@gmail.com", "...@gmail.com"),
        ("ab@gmail.com", "ab@gmail.com"),
    ],
)
def test_a_mailbox_is_what_its_provider_delivers_to(email: str, box: str) -> None:
    """Only where the provider's rule is known; never an empty name; the same when done again."""
    assert mailbox(email) == box
    assert mailbox(box) == box


def test_it_is_off_unless_it_is_set() -> None:
    """Every alias is a person of its own; with it they are one, each value as written."""
    for ring, people in ((PLAIN, 2), (ALIASED, 1)):
        table = MemoryTable()
        for number, email in enumerate(["a.b+shop@gmail.com", "ab@gmail.com"], 1):
            keys = ring.keys({"email": email}, {})
            made = touch(number, email=email)
            upsert(table).one(_under(made, keys))
        leads = [lead for lead in read(table.items.items()).leads.values() if lead.alive]
        assert len(leads) == people
        assert {lead.view.values["email"][1] for lead in leads} <= {
            "a.b+shop@gmail.com",
            "ab@gmail.com",
        }
        assert verify(table.items.items()) == []


def test_what_was_suppressed_before_it_was_turned_on_stays_so() -> None:
    """An alias is looked up under its own key too, and suppressed under both."""
    table = MemoryTable()
    email = "a.b+shop@gmail.com"
    Ledger(table, PLAIN).suppress(PLAIN.key(EMAIL, email), Reason.BOUNCED, Word(1, Door.API, "x"))
    keys = ALIASED.keys({"email": email}, {})
    assert reasons(table, {"lead": keys}) == {"lead": ["bounced"]}
    assert PLAIN.key(EMAIL, email) in Ledger(table, ALIASED).keys(EMAIL, email)


def test_the_setting_is_read() -> None:
    """`on` and nothing else."""
    names = (
        "TABLE",
        "BUCKET",
        "OBJECTS_QUEUE_URL",
        "CHUNKS_QUEUE_URL",
        "SPILL_QUEUE_URL",
        "SECRET",
    )
    base = {f"INLET_{name}": "x" for name in (*names, "LOOKUPS_QUEUE_URL")}
    assert not read_settings(base).aliases
    assert read_settings({**base, "INLET_MAILBOX_ALIASES": "on"}).aliases


def _under(made: Touch, keys: tuple[str, ...]) -> Touch:
    return replace(made, node=keys[0], keys=keys)
