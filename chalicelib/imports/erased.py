"""What a list says of somebody who was erased is not taken in (law 6).

Where anybody was ever erased, each chunk asks the suppression ledger for the addresses of its
rows, 100 a request, two a row at most. Only a list is asked so: whoever writes a form again is a new lead, and a form must cost the
same whoever writes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.intake.identify import EXTERNAL, Keyring
from chalicelib.intake.receive import Leads
from chalicelib.model import Fate, Touch
from chalicelib.ports import Table
from chalicelib.store.suppression import Reason
from chalicelib.store.suppressions import standing


@dataclass(frozen=True)
class Unerased:
    """A `Leads` that ignores the rows of erased people and keeps nothing of what they held."""

    leads: Leads
    table: Table

    @property
    def ring(self) -> Keyring:
        """The keyring of the store behind it."""
        return self.leads.ring

    def store(self, touches: Sequence[Touch]) -> list[Touch]:
        """Store a batch; rejected rows are looked up too, for their values would be kept."""
        asked = [self._addresses(touch) for touch in touches]
        held = standing(self.table, (key for keys in asked for key in keys))
        erased = {key for key, reasons in held.items() if Reason.ERASED in reasons}
        return self.leads.store(
            [
                _emptied(touch, keys) if erased.intersection(keys) else touch
                for touch, keys in zip(touches, asked, strict=True)
            ]
        )

    def _addresses(self, touch: Touch) -> tuple[str, ...]:
        """Its e-mail and phone; its external ids only where it has neither."""
        keys = touch.keys or self.ring.keys(touch.values, touch.external_ids)
        return tuple(key for key in keys if key[0] != EXTERNAL) or keys


def _emptied(touch: Touch, keys: Sequence[str]) -> Touch:
    """The row as it is kept: that it was there, in which file, and why nothing came of it.

    Under its first key, a keyed hash as the suppression's, another erasure finds its file again.
    """
    return replace(
        touch,
        values={},
        node="",
        keys=tuple(keys[:1]),
        policies={},
        external_ids={},
        fate=Fate.IGNORED,
        reason=str(Reason.ERASED),
        problems=(),
        repairs=(),
        extra={},
    )
