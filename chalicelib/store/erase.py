"""Erasing a person: what they gave is gone, that they must not be contacted stays (law 6).

The order is what a death in between may leave: first the suppressions, then large bodies, then the
submissions, a few in each transaction, each leaving a lead that is the fold of the rest. Whoever
died half-way leaves somebody who is unmailable and can be erased again.
"""

from collections.abc import Callable
from dataclasses import replace

from chalicelib import errors
from chalicelib.fields._file_types import KEY
from chalicelib.intake.identify import EMAIL
from chalicelib.model import Fate, Source, Touch
from chalicelib.store import items, read
from chalicelib.store.consents import consent_key
from chalicelib.store.history import submissions_by_id
from chalicelib.store.items import Lead
from chalicelib.store.submission_items import ERASED
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger, unshared
from chalicelib.store.upsert import Upsert
from chalicelib.store.world import filed

# So many submissions a transaction; where more hangs together, fewer.
SLICE = 20
# How often what came in meanwhile is erased too.
ROUNDS = 5
# A large body of a webhook lies by itself under this; a file row's `raw` names the whole file.
RAW = "s3:raw/"
FILES = "files/"
_KEPT = ("door", "name", "acquisition", "channel", "medium", "campaign", "form", "endpoint")


def erase(
    upsert: Upsert, ledger: Ledger, lead: Lead, word: Word, forget: Callable[[str], object]
) -> None:
    """Erase the person of a lead; `forget` deletes an object of the bucket by its key.

    Every submission under the lead's keys, taken back ones too, keeps its id, times and source and
    loses all else; the lead is gone, its keys that nobody else claims are suppressed as `erased`.
    """
    for _ in range(ROUNDS):
        nodes = sorted(lead.nodes, key=_email_first)
        others = sorted(lead.keys - set(nodes), key=_email_first)
        for key in unshared(upsert.table, dict.fromkeys([*nodes, *others])):
            ledger.suppress(key, Reason.ERASED, word)
            upsert.table.delete(consent_key(key))
        for node in nodes:
            _scrub(upsert, node, forget)
        later = read.leads_by_id(upsert.table, [lead.id]).get(lead.id)
        # Something of the person may have come in while they were being erased.
        if later is None or not set(later.nodes) & set(nodes):
            return
        lead = later
    raise errors.Contended("the person keeps coming in while being erased")


def _email_first(key: str) -> tuple[bool, str]:
    return key[0] != EMAIL, key


def _scrub(upsert: Upsert, node: str, forget: Callable[[str], object]) -> None:
    stored = submissions_by_id(upsert.table, filed(upsert.table, node)).values()
    left, most = [touch for touch in stored if touch.node == node], SLICE
    while left:
        some = left[:most]
        for touch in some:
            if touch.raw.startswith(RAW):
                forget(touch.raw.removeprefix("s3:"))
            for key in files_of(touch):
                forget(key)
        try:
            upsert.turn({touch.id: Fate.IGNORED for touch in some}, scrubbed)
        except errors.Conflict:
            if most == 1:
                raise
            most = max(1, most // 4)
            continue
        for touch in some:
            upsert.table.delete(items.filing_key(touch))
        left = left[most:]


def files_of(touch: Touch) -> list[str]:
    """The keys of the files that came with a submission; its own only, whatever a value names."""
    own = f"/{touch.id}/"
    texts = [text for text in touch.values.values() if isinstance(text, str)]
    lines = [line for text in texts if text.startswith(FILES) for line in text.split("\n")]
    return [line for line in lines if KEY.fullmatch(line) and own in line]


def scrubbed(touch: Touch) -> Touch:
    """A submission of which nothing is left but that it was there, when, and by which door."""
    source = Source(**{name: getattr(touch.source, name) for name in _KEPT})
    return Touch(
        id=touch.id,
        door=touch.door,
        received_ms=touch.received_ms,
        submitted_ms=touch.submitted_ms,
        ordinal=touch.ordinal,
        source=replace(source, import_id=touch.source.import_id),
        values={},
        fate=Fate.IGNORED,
        reason=ERASED,
        chunk=touch.chunk,
    )
