"""Files that came with a form: under `files/`, and for two days where they were uploaded."""

from collections.abc import Iterator, Sequence

from chalicelib.fields._file_types import name_of
from chalicelib.model import Touch
from chalicelib.privacy.places._objects import forget
from chalicelib.privacy.places._place import Desk, Did, Done, Held, Place, Task, Who
from chalicelib.store.erase import files_of


class Uploads(Place):
    """`files/{form}/{receipt}/{random}/{name}`, which was `uploads/{form}/{random}/{name}`."""

    def of(self, touches: Sequence[Touch]) -> list[Task]:
        """A task for each file."""
        return [{"place": "uploads", "key": key} for touch in touches for key in files_of(touch)]

    def erase(self, task: Task, who: Who, desk: Desk) -> Done:
        """Delete it, and what it was copied from, with all versions."""
        del who
        key = str(task["key"])
        _, form, _, rest = key.split("/", 3)
        gone = forget(desk.outside.files, key)
        gone += forget(desk.outside.files, f"uploads/{form}/{rest}")
        return Done(Did.ERASED, gone)

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """The files themselves."""
        del who
        for touch in touches:
            for number, key in enumerate(files_of(touch), 1):
                if desk.outside.files.stat(key):
                    name = f"uploads/{touch.id}-{number}-{name_of(key)}"
                    yield Held([{"receipt": touch.id, "file": name}], {name: key})


PLACE = Uploads()
