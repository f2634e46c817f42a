"""Opportunities that name the person: an erasure leaves what they are worth, and nobody's name."""

from collections.abc import Iterator, Sequence

from chalicelib.model import Touch, rfc3339
from chalicelib.privacy.places._place import Desk, Held, Place, Who
from chalicelib.store.opportunities import Opportunities, Wanted

_PAGE = 100


class Deals(Place):
    """`O#{opportunity}`; `store.erase` takes the name off them."""

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """Each opportunity of the person's."""
        del touches
        deals, position = Opportunities(desk.outside.table, desk.outside.now), ""
        while who.keys:
            page = deals.list(Wanted(nodes=who.keys), _PAGE, position)
            yield Held(
                [
                    {
                        "opportunity": made.id,
                        "name": made.name,
                        "role": made.role,
                        "stage": made.stage,
                        "status": str(made.status),
                        "reason": made.reason,
                        "amount": str(made.amount) if made.amount is not None else None,
                        "currency": made.currency,
                        "at": rfc3339(made.created_ms),
                        "by": made.actor,
                    }
                    for made in page.opportunities
                ]
            )
            if not (position := page.last):
                return


PLACE = Deals()
