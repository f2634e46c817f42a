"""What somebody said of their consent outside a form; it goes with the erasure of the table."""

from collections.abc import Iterator, Sequence

from chalicelib.model import Touch, rfc3339
from chalicelib.privacy.places._place import Desk, Held, Place, Who
from chalicelib.store import consents


class Consents(Place):
    """`C#{key}`; what was said on a form stands on its submission."""

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """The latest confirmation and withdrawal of each key."""
        del touches
        for key, known in consents.get(desk.outside.table, who.keys).items():
            for what, said in (("confirmed", known.confirmed), ("withdrawn", known.withdrawn)):
                if said:
                    told = {"key": key, "what": what, "at": rfc3339(said.ms)}
                    yield Held([{**told, "by": said.by, "door": said.door}])


PLACE = Consents()
