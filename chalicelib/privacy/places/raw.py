"""Deliveries that are too large for their submissions: objects under `raw/`.

Others of the same delivery can no longer be replayed then (docs/decisions/0020-kept-deliveries.md).
"""

from collections.abc import Iterator, Sequence

from chalicelib import errors
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
        return Done(Did.ERASED, forget(desk.outside.files, str(task["key"])))

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """The bodies as they came, where they are one submission's alone; else which there are."""
        del who
        for touch in touches:
            if touch.raw.startswith(RAW):
                key = touch.raw.removeprefix("s3:")
                try:
                    desk.outside.files.peek(key, 1)
                except errors.Missing:
                    continue
                name = f"deliveries/{touch.id}"
                yield Held([{"receipt": touch.id, "file": name}], {name: key})


PLACE = Raw()
