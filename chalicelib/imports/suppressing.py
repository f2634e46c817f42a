"""What a list says of people who must not be contacted goes to the ledger before their leads do.

A death between the two leaves somebody suppressed whose row comes again: the safe side. Those whom
the ledger knows already cost one read for a hundred.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.intake.identify import EMAIL, PHONE, Keyring
from chalicelib.intake.receive import Leads
from chalicelib.model import Door, Touch
from chalicelib.ports import Table
from chalicelib.store.suppression import Reason, Word, hint
from chalicelib.store.suppressions import Ledger, standing


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
        ledger = Ledger(self.table, self.ring)
        for touch, key in wanted:
            for reason in self.said[touch.id]:
                if reason not in held.get(key, ()):
                    self._suppress(ledger, touch, key, reason)
        return self.leads.store(touches)

    def _suppress(self, ledger: Ledger, touch: Touch, key: str, reason: Reason) -> None:
        shown = touch.values.get("email" if key[0] == EMAIL else "phone")
        word = Word(touch.submitted_ms, Door.FILE, touch.id)
        ledger.suppress(key, reason, word, hint(key[0], shown if isinstance(shown, str) else ""))


def _address(touch: Touch) -> str:
    by_kind = {key[0]: key for key in reversed(touch.keys)}
    return by_kind.get(EMAIL, "") or by_kind.get(PHONE, "")
