"""What happens when the table does not answer: sealed envelopes in a queue (law 4).

A touch that was verified, screened and validated is put, whole, into the spill queue (a large one
into the bucket, with its key in the queue). Its sender gets 202. `replay` lets it enter the store
where it would have; its id makes that safe to repeat.
"""

import contextlib
import json
import logging
from collections.abc import Sequence

from chalicelib.errors import Unavailable
from chalicelib.intake.identify import Keyring
from chalicelib.intake.receive import Leads
from chalicelib.model import Fate, Touch
from chalicelib.noun import noun, replace
from chalicelib.ports import Files, Outside, Queue
from chalicelib.store import items, submission_items

log = logging.getLogger(__name__)
MOST_BYTES = 200_000


@noun
class Spilling:
    """A `Leads` that spills what it cannot store: such a touch comes back as `pending`."""

    leads: Leads
    queue: Queue
    files: Files

    @property
    def ring(self) -> Keyring:
        """The keyring of the store behind it."""
        return self.leads.ring

    def store(self, touches: Sequence[Touch]) -> list[Touch]:
        """Store each by itself, notes of what is no lead together.

        `Unavailable` is raised only where the queue does not answer either.
        """
        if all(touch.fate is Fate.IGNORED for touch in touches):
            with contextlib.suppress(Unavailable):
                return self.leads.store(touches)
        return [self._store(touch) for touch in touches]

    def _store(self, touch: Touch) -> Touch:
        try:
            return self.leads.store([touch])[0]
        except Unavailable:
            log.warning("spilled submission %s", touch.id)
            self.queue.send([self._envelope(touch)])
            return replace(touch, fate=Fate.PENDING)

    def _envelope(self, touch: Touch) -> str:
        text = items.dump({"touch": submission_items.seal(touch)})
        if len(text.encode()) <= MOST_BYTES:
            return text
        key = f"spill/{touch.id}.json"
        self.files.write(key, text.encode(), content_type="application/json")
        return items.dump({"object": key})


def replay(message: str, outside: Outside, leads: Leads) -> Touch:
    """Store what an envelope holds; the store's refusals are raised, so that it comes again."""
    envelope = json.loads(message)
    key = envelope.get("object")
    if key:
        envelope = json.loads(outside.files.read(key))
    (stored,) = leads.store([submission_items.unseal(envelope["touch"])])
    if key:
        outside.files.delete(key)
    return stored
