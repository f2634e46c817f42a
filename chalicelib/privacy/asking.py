"""An erasure that somebody asks for from outside: noted at once, done by messages.

Apart from `erasing`, so that a webhook's door need not load the places.
"""

import json
from collections.abc import Sequence
from contextlib import suppress

from chalicelib import errors
from chalicelib.intake.ids import make_id
from chalicelib.model import to_ms
from chalicelib.ports import Outside
from chalicelib.privacy import erasures
from chalicelib.privacy.erasures import Erasure

# When the sweep looks after an erasure that nobody goes on with.
PATIENCE_MS = 10 * 60_000


def ask(
    outside: Outside, event: str, keys: Sequence[str], *, actor: str, via: str, lead: str = ""
) -> str:
    """Note that the person of some keys is to be erased, once for each event; its number.

    Where the queue does not answer, the sweep goes on with it.
    """
    name = make_id(outside.secret, "erasure", event)
    note(outside, Erasure(name, to_ms(outside.now()), lead, tuple(keys), actor, via))
    with suppress(errors.Unavailable):
        outside.chunks.send([message(name)])
    return name


def note(outside: Outside, asked: Erasure) -> Erasure:
    """Write an erasure's record, or find the one that is there."""
    made = erasures.due(asked, asked.asked_ms + PATIENCE_MS)
    if erasures.insert(outside.table, made):
        return made
    return erasures.load(outside.table, asked.id) or made


def message(name: str, after: str = "", waits: int = 0) -> str:
    """What the queue carries: which erasure goes on, after which task, how many wait so far."""
    return json.dumps({"erasure": name, "after": after, "waits": waits})
