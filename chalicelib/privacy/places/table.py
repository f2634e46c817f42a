"""The table: submissions that were emptied when the erasure was asked for, lead and keys' homes."""

from collections.abc import Sequence

from chalicelib.model import Touch
from chalicelib.privacy.places._place import Desk, Did, Done, Place, Task, Who


class Table(Place):
    """Submissions, held ones too, lead, references, consent: all that the store keeps."""

    def of(self, touches: Sequence[Touch]) -> list[Task]:
        """That these were there: they are emptied right after this is noted."""
        return [{"place": "table", "receipts": sorted(touch.id for touch in touches)}]

    def erase(self, task: Task, who: Who, desk: Desk) -> Done:
        """Nothing more: `store.erase` did it."""
        del who, desk
        return Done(Did.ERASED, len(task["receipts"]))


PLACE = Table()
