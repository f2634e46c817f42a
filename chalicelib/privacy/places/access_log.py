"""Who saw and changed whose data: entries name a person by their lead's id, and go by their time.

They are kept: whoever asks who had looked is answered after the erasure too, and the id leads nowhere
(docs/decisions/0032-access-log.md).
"""

from collections.abc import Iterator, Sequence

from chalicelib.model import Touch, rfc3339, to_ms
from chalicelib.privacy.places._place import Desk, Held, Place, Who
from chalicelib.store import access_log
from chalicelib.store.access_log import Asked

_PAGE, _MOST = 100, 2000


class AccessLog(Place):
    """`ACCESS#…`."""

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """Who called what about this lead, and when: the latest 2,000 calls."""
        del touches
        asked = Asked(0, to_ms(desk.outside.now()), lead=who.lead)
        position = ""
        for _ in range(_MOST // _PAGE):
            page = access_log.listed(desk.outside.table, asked, _PAGE, position)
            yield Held(
                [
                    {"at": rfc3339(e.ms), "by": e.who, "route": e.route, "status": e.status}
                    for e in page.entries
                ]
            )
            if not (position := page.last):
                return


PLACE = AccessLog()
