"""Marks that mails about a submission went out; the letters themselves are kept nowhere here."""

from collections.abc import Iterator, Sequence

from chalicelib.mail.outbox import marks
from chalicelib.model import Touch
from chalicelib.privacy.places._place import Desk, Did, Done, Held, Place, Task, Who


class Mails(Place):
    """`MAILED#{receipt}`."""

    def of(self, touches: Sequence[Touch]) -> list[Task]:
        """A task for each submission that mails were due about."""
        return [{"place": "mails", "receipt": touch.id} for touch in touches if touch.mail]

    def erase(self, task: Task, who: Who, desk: Desk) -> Done:
        """Delete the marks."""
        del who
        places = marks(str(task["receipt"]))
        found = desk.outside.table.get(places)
        for key in found:
            desk.outside.table.delete(key)
        return Done(Did.ERASED if found else Did.NOTHING, len(found))

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """Which kinds of mail went out about which submission, and what came of it."""
        del who
        for touch in touches:
            found = desk.outside.table.get(marks(touch.id)) if touch.mail else {}
            for key, item in sorted(found.items()):
                told = {"receipt": touch.id, "mail": key.sk, "outcome": str(item["outcome"])}
                yield Held([told])


PLACE = Mails()
