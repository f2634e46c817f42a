"""The files that somebody dropped: a file goes for good, or is named, as the stage chose.

Nothing reads a dropped file once its import is at rest: every row is a submission by then, and undo
needs no file. So `delete` (the usual) deletes it with all that it held of others; `list` leaves it and
the certificate says which to look at.
"""

from collections.abc import Iterator, Sequence

from chalicelib.imports import records
from chalicelib.imports.records import Status
from chalicelib.model import Touch
from chalicelib.privacy.places import _rows
from chalicelib.privacy.places._objects import forget_content
from chalicelib.privacy.places._place import Desk, Did, Done, Held, Place, Task, Who

AT_REST = (Status.DONE, Status.FAILED, Status.CANCELLED, Status.UNDONE)


class DroppedFiles(Place):
    """`inbox/…`."""

    def of(self, touches: Sequence[Touch]) -> list[Task]:
        """A task for each file."""
        found = _rows.tasks("dropped_files", touches)
        return [{"place": task["place"], "import": task["import"]} for task in found]

    def erase(self, task: Task, who: Who, desk: Desk) -> Done:
        """Delete the file in every version that has its content, or name it."""
        del who
        imp = records.load(desk.outside.table, str(task["import"]))
        if imp is None or not imp.etag:
            return Done(Did.NOTHING, 0)
        if desk.dropped != "delete":
            return Done(Did.KEPT, 1, imp.key)
        if imp.status not in AT_REST:
            return Done(Did.WAITS, 0, imp.id)
        gone = forget_content(desk.outside.files, imp.key, imp.etag)
        return Done(Did.ERASED if gone else Did.NOTHING, gone)

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """Which files; what else is in them is others'."""
        del who
        for task in self.of(touches):
            imp = records.load(desk.outside.table, str(task["import"]))
            if imp and desk.outside.files.stat(imp.key):
                yield Held([{"import": imp.id, "file": imp.key}])


PLACE = DroppedFiles()
