"""Exports of the last week: one that the person is in is taken away as a whole.

Beside each part an export notes whom it holds, by the beginnings of their leads' ids.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from chalicelib import errors
from chalicelib.exports import records
from chalicelib.exports.records import FAILED, Export
from chalicelib.exports.run import holds
from chalicelib.model import Touch, rfc3339, to_ms
from chalicelib.privacy.places._objects import forget_under
from chalicelib.privacy.places._place import Desk, Did, Done, Held, Place, Task, Who

TAKEN_AWAY = "person_erased"
_PAGE, _MOST = 100, 1000


class Exports(Place):
    """`exports/{export}/…`."""

    def whole(self, who: Who, desk: Desk) -> list[Task]:
        """A task for each export that holds the lead."""
        return [{"place": "exports", "export": made.id} for made in _holding(who, desk)]

    def erase(self, task: Task, who: Who, desk: Desk) -> Done:
        """End it, and delete all that it wrote."""
        del who
        name, now = str(task["export"]), to_ms(desk.outside.now())

        def end(made: Export) -> Export:
            return replace(made, status=FAILED, code=TAKEN_AWAY, file="", parts=(), finished_ms=now)

        records.change(desk.outside.table, name, end)
        return Done(Did.ERASED, forget_under(desk.outside.files, records.folder(name)))

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """Which exports hold them, who made them, and when."""
        del touches
        for made in _holding(who, desk):
            told = {"export": made.id, "by": made.actor, "at": rfc3339(made.created_ms)}
            yield Held([{**told, "format": made.kind}])


def _holding(who: Who, desk: Desk) -> Iterator[Export]:
    position, seen = "", 0
    now = to_ms(desk.outside.now())
    while seen < _MOST:
        page, position = records.listed(desk.outside.table, _PAGE, position)
        seen += len(page)
        for made in page:
            if made.expires_ms > now and made.code != TAKEN_AWAY:
                try:
                    held = holds(desk.outside.files, made, who.lead)
                except errors.Missing:
                    held = False  # its objects have gone
                if held:
                    yield made
        if not position:
            return


PLACE = Exports()
