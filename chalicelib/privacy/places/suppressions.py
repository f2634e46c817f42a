"""The suppression ledger: the one thing that stays, by keyed hash and without an address (law 6)."""

from collections.abc import Iterator, Sequence

from chalicelib.model import Touch, rfc3339
from chalicelib.privacy.places._place import Desk, Held, Place, Who
from chalicelib.store.suppressions import Ledger


class Suppressions(Place):
    """`X#{key}`."""

    def held(self, who: Who, touches: Sequence[Touch], desk: Desk) -> Iterator[Held]:
        """Every word of the ledger on each key."""
        del touches
        found = Ledger(desk.outside.table, desk.ring).get(who.keys)
        for key, one in found.items():
            for reason, words in one.words.items():
                said = [*words.yes.values(), *([words.no] if words.no else [])]
                yield Held(
                    [
                        {
                            "key": key,
                            "reason": str(reason),
                            "stands": bool(words.standing),
                            "lifted": word is words.no,
                            "at": rfc3339(word.ms),
                            "door": word.door,
                            "by": word.by,
                            "note": word.note,
                        }
                        for word in said
                    ]
                )


PLACE = Suppressions()
