"""Erasing a person: what they gave is gone, that they must not be contacted stays (law 6).

The order is what a death in between may leave: first the suppressions, then large bodies, then the
submissions, a few in each transaction, each leaving a lead that is the fold of the rest. Whoever
died half-way leaves somebody who is unmailable and can be erased again.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from chalicelib import errors
from chalicelib.fields._file_types import KEY
from chalicelib.intake.identify import EMAIL
from chalicelib.model import Fate, Source, Touch, from_ms
from chalicelib.ports import Table, Update
from chalicelib.store import accounts, items, membership, read
from chalicelib.store.commit import ATTEMPTS
from chalicelib.store.consents import consent_key
from chalicelib.store.history import submissions_by_id
from chalicelib.store.items import Lead
from chalicelib.store.marks import mark
from chalicelib.store.opportunities import Opportunities
from chalicelib.store.submission_items import ERASED, read_submission, submission_item
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
    upsert: Upsert,
    ledger: Ledger,
    lead: Lead,
    word: Word,
    forget: Callable[[str], object],
    *,
    note: Callable[[Sequence[Touch]], object] = len,
) -> None:
    """Erase the person of a lead; `forget` deletes an object of the bucket by its key.

    Every submission under the lead's keys, taken back ones too, keeps its id, times and source and
    loses all else; opportunities with the person name nobody; the lead is gone, its keys that
    nobody else claims are suppressed as `erased`. An account that nobody is at any more, and of
    which people said nothing, goes as well.
    `note` is told of submissions before they are emptied: what else lies elsewhere of them.
    """
    deals = Opportunities(upsert.table, lambda: from_ms(upsert.now_ms()))
    mentioned: set[str] = set()
    for _ in range(ROUNDS):
        nodes, keys = sorted(lead.nodes, key=_email_first), own_keys(upsert.table, lead)
        for key in keys:
            ledger.suppress(key, Reason.ERASED, word)
            upsert.table.delete(consent_key(key))
        deals.forget(nodes)
        for node in nodes:
            mentioned |= _scrub(upsert, node, forget, note)
        erase_held(upsert.table, keys, note)
        later = read.leads_by_id(upsert.table, [lead.id]).get(lead.id)
        # Something of the person may have come in while they were being erased.
        if later is None or not set(later.nodes) & set(nodes):
            accounts.forget(upsert.table, mentioned)
            return
        lead = later
    raise errors.Contended("the person keeps coming in while being erased")


def _email_first(key: str) -> tuple[bool, str]:
    return key[0] != EMAIL, key


def own_keys(table: Table, lead: Lead) -> list[str]:
    """The keys of a lead that nobody else claims, those that identify it first."""
    nodes = sorted(lead.nodes, key=_email_first)
    others = sorted(lead.keys - set(nodes), key=_email_first)
    return unshared(table, dict.fromkeys([*nodes, *others]))


def held_of(table: Table, key: str) -> Iterator[Touch]:
    """The submissions that were held or refused and would have been a person's, by their key."""
    after: Mapping[str, str] | None = None
    while True:
        page = table.query(items.home_key(key).pk, begins=items.HELD, after=after)
        receipts = [items.filed_id(str(item["sk"])) for item in page.items]
        found = submissions_by_id(table, receipts)
        yield from (touch for touch in found.values() if not touch.fate.effective)
        if (after := page.after) is None:
            return


def erase_held(
    table: Table, keys: Iterable[str], note: Callable[[Sequence[Touch]], object]
) -> None:
    """Empty what was held or refused under some keys, and take away how it is found there."""
    for key in keys:
        for touch in held_of(table, key):
            if touch.fate is Fate.UNDONE:
                continue
            # One that a list brought after an erasure holds nothing, but its file does.
            note([touch])
            if not _emptied(touch):
                mark(table, [touch.received_ms], time.time_ns() // 1_000_000)
                _empty(table, touch)
            table.delete(items.held_key(key, touch))


def _empty(table: Table, touch: Touch) -> None:
    place = items.submission_key(touch.id)
    item = submission_item(scrubbed(touch))
    for _ in range(ATTEMPTS):
        there = table.get([place]).get(place)
        # Released meanwhile: then it is filed as a touch, and goes as one.
        if there is None or read_submission(there).fate.effective:
            return
        if table.write([Update(place, item, items.integer(there["v"]))])[0]:
            return
    raise errors.Contended("too many writers met on one submission")


def _emptied(touch: Touch) -> bool:
    return touch.fate is Fate.IGNORED and touch.reason == ERASED


def _scrub(
    upsert: Upsert,
    node: str,
    forget: Callable[[str], object],
    note: Callable[[Sequence[Touch]], object],
) -> set[str]:
    """Scrub what is filed under a node; the accounts that it spoke of."""
    stored = submissions_by_id(upsert.table, filed(upsert.table, node)).values()
    left, most = [touch for touch in stored if touch.node == node], SLICE
    spoken = set().union(*map(membership.mentioned, left))
    while left:
        some = left[:most]
        note([*some, *_condensed(upsert.table, some)])
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
    return spoken


def _condensed(table: Table, touches: Iterable[Touch]) -> list[Touch]:
    """What went into the bases among some touches: what lies elsewhere of it is theirs too."""
    took = [receipt for touch in touches if touch.base for receipt in touch.base.took]
    return list(submissions_by_id(table, took).values()) if took else []


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
