"""What waits in a queue because the table did not answer: it enters when that is over.

A submission of the person that enters later is a new lead, still unmailable; erase it again.
"""

from chalicelib.privacy.places._place import Desk, Place

# How long SQS keeps a message (infra/queues.yaml).
DAYS = 14
_DAY_MS = 86_400_000


class Queues(Place):
    """The spill queue and `spill/`, the mail queue."""

    def until(self, asked_ms: int, desk: Desk) -> int:
        """When no message from before is left."""
        del desk
        return asked_ms + DAYS * _DAY_MS


PLACE = Queues()
