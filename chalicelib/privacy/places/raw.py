"""Deliveries that are too large for their submissions: objects under `raw/`.

Others of the same delivery can no longer be replayed then (docs/decisions/0020-kept-deliveries.md).
"""

from collections.abc import Iterator, Sequence

from chalicelib.doors.webhook import SEVERAL
from chalicelib.model import Touch
from chalicelib.privacy.places._objects import forget
from chalicelib.privacy.places._place import Desk, Did, Done, Held, Place, Task, Who

RAW = "s3:raw/"


class Raw(Place):
    """`raw/{endpoint}/…`."""

    def of(self, touches: Sequence[Touch]) -> list[Task]:
        """A task for each object."""
        keys = {touch.raw.removeprefix("s3:") for touch in touches if touch.raw.startswith(RAW)}
        return [{"place": "raw", "key": key} for key in sorted(keys)]

    def erase(self, task: Task, who: Who, desk: Desk) -> Done:
        """Delete it with all its versions."""
        del who
        gone = forget(desk.outside.files, str(task["key"]))
        return Done(Did.ERASED if gone else Did.NOTHING, gone)

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """The bodies as they came; of one that others are in only that it is there."""
        del who
        for touch in touches:
            key = touch.raw.removeprefix("s3:")
            if not touch.raw.startswith(RAW) or desk.outside.files.stat(key) is None:
                continue
            alone = not key.endswith(SEVERAL)
            name = f"deliveries/{touch.id}"
            told = {"receipt": touch.id, "file": name if alone else None, "others_in_it": not alone}
            yield Held([told], {name: key} if alone else {})


PLACE = Raw()
