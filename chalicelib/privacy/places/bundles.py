"""Copies that were made for the person, for the week in which they can be downloaded."""

from collections.abc import Iterator, Sequence

from chalicelib.model import Touch, rfc3339
from chalicelib.privacy import bundles
from chalicelib.privacy.places._objects import forget_under
from chalicelib.privacy.places._place import Desk, Did, Done, Held, Place, Task, Who


class Bundles(Place):
    """`bundles/{bundle}/…`."""

    def whole(self, who: Who, desk: Desk) -> list[Task]:
        """A task for each copy."""
        found = bundles.of_lead(desk.outside.table, who.lead) if who.lead else []
        return [{"place": "bundles", "bundle": made.id} for made in found]

    def erase(self, task: Task, who: Who, desk: Desk) -> Done:
        """Delete the copy; that it was asked for goes too."""
        del who
        name = str(task["bundle"])
        desk.outside.table.delete(bundles.place(name))
        forget_under(desk.outside.files, bundles.folder(name))
        return Done(Did.ERASED)

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """Which copies were asked for before."""
        del touches
        for made in bundles.of_lead(desk.outside.table, who.lead):
            yield Held([{"bundle": made.id, "at": rfc3339(made.asked_ms), "by": made.actor}])


PLACE = Bundles()
