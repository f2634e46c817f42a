"""What a list says of people who must not be contacted goes to the ledger before their leads do.

A death between the two leaves somebody suppressed whose row comes again: the safe side. Those whom
the ledger knows already cost one read for a hundred; new ones a write for 25 beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.intake.identify import EMAIL, PHONE, Keyring
from chalicelib.intake.receive import Leads
from chalicelib.model import Door, Touch
from chalicelib.ports import Table
from chalicelib.store.suppression import Reason, Word, hint
from chalicelib.store.suppressions import Ledger, Saying, standing


@dataclass(frozen=True)
class Suppressing:
    """A `Leads` that first suppresses the e-mail (or else the phone) of rows that say so.

    `said` are the reasons by receipt. Rows that claim no key suppress nobody: they are rejected and
    wait to be mended.
    """

    leads: Leads
    table: Table
    said: Mapping[str, Sequence[Reason]]

    @property
    def ring(self) -> Keyring:
        """The keyring of the store behind it."""
        return self.leads.ring

    def store(self, touches: Sequence[Touch]) -> list[Touch]:
        """Suppress, then store."""
        wanted = [(t, key) for t in touches if t.id in self.said and (key := _address(t))]
        held = standing(self.table, [key for _, key in wanted])
        sayings = [
            _saying(touch, key, reason)
            for touch, key in wanted
            for reason in self.said[touch.id]
            if reason not in held.get(key, ())
        ]
        if sayings:
            Ledger(self.table, self.ring).suppress_all(sayings)
        return self.leads.store(touches)


def _saying(touch: Touch, key: str, reason: Reason) -> Saying:
    shown = touch.values.get("email" if key[0] == EMAIL else "phone")
    word = Word(touch.submitted_ms, Door.FILE, touch.id)
    return Saying(key, reason, word, hint(key[0], shown if isinstance(shown, str) else ""))


def _address(touch: Touch) -> str:
    by_kind = {key[0]: key for key in reversed(touch.keys)}
    return by_kind.get(EMAIL, "") or by_kind.get(PHONE, "")
