"""What a verifying service found out about a person's address."""

from collections.abc import Iterator, Sequence

from chalicelib.intake.identify import EMAIL
from chalicelib.model import Touch, rfc3339
from chalicelib.privacy.places._place import Desk, Did, Done, Held, Place, Task, Who
from chalicelib.store.findings import address_key, find


class LookUps(Place):
    """`ADDRESS#{key}`."""

    def whole(self, who: Who, desk: Desk) -> list[Task]:
        """A task for each address that was ever asked about."""
        keys = [key for key in who.keys if key[0] == EMAIL]
        found = find(desk.outside.table, map(address_key, keys))
        return [{"place": "look_ups", "key": key} for key in keys if address_key(key) in found]

    def erase(self, task: Task, who: Who, desk: Desk) -> Done:
        """Delete the finding."""
        del who
        desk.outside.table.delete(address_key(str(task["key"])))
        return Done(Did.ERASED)

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """Each finding."""
        del touches
        keys = (address_key(key) for key in who.keys if key[0] == EMAIL)
        for finding in find(desk.outside.table, keys).values():
            told = {"found": str(finding.reach), "reasons": list(finding.reasons)}
            yield Held([{**told, "at": rfc3339(finding.at_ms)}])


PLACE = LookUps()
