"""The suppression ledger: who must not be contacted, by key (law 6, docs/decisions/0007).

A suppression lies at `X#<key>`, outside the fold: no touch makes it, nothing that happens to a
touch or a lead takes it away.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from chalicelib import errors
from chalicelib.intake.identify import EMAIL, Keyring
from chalicelib.model import Door
from chalicelib.ports import Insert, Key, Table, Update
from chalicelib.store import items, suppression
from chalicelib.store.listing import Listing, cut, sharded
from chalicelib.store.marks import mark
from chalicelib.store.suppression import OptIn, Reason, Suppression, Word, Words

ATTEMPTS = 20
# It is there once anybody was erased: until then no list needs to ask for each of its rows.
ERASURES = Key("X#", "ERASED")
# How many cuts of the list are looked through for one page of a reason.
_MOST_CUTS = 5


class Saying(NamedTuple):
    """That a key must not be contacted: why, by whose word, and the address in part for people."""

    key: str
    reason: Reason
    word: Word
    shown: str = ""


class SuppressionPage(NamedTuple):
    """A page of the ledger, and the position to go on after; empty at the end."""

    found: list[Suppression]
    last: str


def suppression_key(key: str) -> Key:
    """Where the suppression of a key of the ring lies."""
    return Key(f"X#{key}", "X")


def reasons(table: Table, keys: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """The reasons why each of some people must not be contacted, given their keys by lead id."""
    held = {lead: list(some) for lead, some in keys.items()}
    by_key = standing(table, [key for some in held.values() for key in some])
    return {
        lead: sorted({reason for key in some for reason in by_key.get(key, ())})
        for lead, some in held.items()
    }


def standing(table: Table, keys: Iterable[str]) -> dict[str, frozenset[str]]:
    """The reasons that stand, by key; keys without any are left out. 100 keys a request."""
    places = {suppression_key(key): key for key in dict.fromkeys(keys)}
    found = table.get(list(places)) if places else {}
    held = {places[place]: item.get("reasons") for place, item in found.items()}
    return {key: frozenset(map(str, some)) for key, some in held.items() if isinstance(some, set)}


def unshared(table: Table, keys: Collection[str]) -> list[str]:
    """One person's keys without those that somebody else claims too; the first is theirs."""
    first, *others = keys
    rest = [key for key in others if key[0] != EMAIL]
    places = {items.home_key(key): key for key in rest}
    found = table.get(list(places)) if places else {}
    homes = [items.read_home(key, found.get(place)) for place, key in places.items()]
    shared = {home.key for home in homes if set(home.claims) - set(keys)}
    return [key for key in (first, *others) if key not in shared]


@dataclass(frozen=True)
class Ledger:
    """The ledger of one stage.

    `ring` makes the keys that are written; `earlier` are the rings of secrets used before, under
    which addresses are still looked up.
    """

    table: Table
    ring: Keyring
    earlier: tuple[Keyring, ...] = ()

    def keys(self, letter: str, text: str) -> list[str]:
        """The keys of an address, the one for writing first."""
        rings = (self.ring, *self.earlier)
        return [key for ring in rings for key in ring.addressed(letter, text)]

    def get(self, keys: Iterable[str]) -> dict[str, Suppression]:
        """What the ledger says of some keys; empty ones for those that it does not know."""
        places = {key: suppression_key(key) for key in dict.fromkeys(keys)}
        found = self.table.get(list(places.values())) if places else {}
        return {key: suppression.read(key, found.get(place)) for key, place in places.items()}

    def list(self, limit: int, position: str = "", reason: str = "") -> SuppressionPage:
        """A page of what stands, the latest word first; with a reason it may come back short."""
        listing = Listing(sharded("SUPPRESSED"), "g1", newest_first=True)
        found: list[Suppression] = []
        last = position
        for _ in range(_MOST_CUTS):
            entries, position = cut(self.table, listing, limit, position)
            sorts = {entry.key.pk.removeprefix("X#"): entry.sort for entry in entries}
            for key, held in self.get(sorts).items():
                if not held.reasons or (reason and reason not in held.reasons):
                    continue
                if len(found) == limit:
                    return SuppressionPage(found, last)
                found.append(held)
                last = sorts[key]
            if not position or len(found) == limit:
                break
        return SuppressionPage(found, position)

    def suppress(self, key: str, reason: Reason, word: Word, shown: str = "") -> Suppression:
        """Say that a key must not be contacted; saying it again changes nothing.

        An event is of its own time: delivered again after the reason was lifted, it lifts itself
        no more. What a person enters is of now, whatever was lifted.
        """

        return self.suppress_all([Saying(key, reason, word, shown)])[key]

    def suppress_all(self, sayings: Iterable[Saying]) -> dict[str, Suppression]:
        """Say many at once, and return what then stands by key: 100 keys a read, 25 a write."""
        said: dict[str, list[Saying]] = {}
        for saying in sayings:
            said.setdefault(saying.key, []).append(saying)

        def change(there: Suppression) -> Suppression:
            for saying in said[there.key]:
                there = _said(there, saying)
            return there

        return self._changed(list(said), change)

    def lift(self, key: str, reason: Reason, word: Word) -> Suppression:
        """An administrator takes back a bounce, a complaint, or what a mistaken import left.

        `Missing` where it does not stand; `Conflict` for an erasure, which nobody takes back, and
        for an unsubscription that came any other way than by file: that is the person's own word.
        """

        def change(there: Suppression) -> Suppression:
            words = there.words.get(reason, Words())
            if not words.standing:
                raise errors.Missing(f"there is no standing suppression: {reason}")
            _liftable(reason, words)
            latest = max(said.ms for said in words.standing)
            return _with(there, reason, _no(words, word._replace(ms=max(word.ms, latest + 1))))

        return self._changed([key], change)[key]

    def confirm_opt_in(self, key: str, proof: OptIn) -> Suppression:
        """A confirmed double opt-in lifts an `unsubscribed` that is older than it; nothing else."""

        def change(there: Suppression) -> Suppression:
            words = there.words.get(Reason.UNSUBSCRIBED)
            if not words:
                return there
            said = Word(proof.confirmed_ms, Door.FORM, proof.receipt, "double opt-in")
            return _with(there, Reason.UNSUBSCRIBED, _no(words, said))

        return self._changed([key], change)[key]

    def _changed(
        self, keys: Sequence[str], change: Callable[[Suppression], Suppression]
    ) -> dict[str, Suppression]:
        done: dict[str, Suppression] = {}
        for _ in range(ATTEMPTS):
            there = self.get(key for key in keys if key not in done)
            made = {key: change(held) for key, held in there.items()}
            done |= {key: held for key, held in there.items() if made[key] == held}
            new = [
                replace(held, kid=held.kid or kid(self.ring))
                for key, held in made.items()
                if key not in done
            ]
            told = [held.changed_ms for held in (*new, *(there[held.key] for held in new))]
            mark(self.table, (ms for ms in told if ms), time.time_ns() // 1_000_000)
            if any(Reason.ERASED in held.reasons for held in new):
                # First: a mark without an erasure costs lists a read, the other way round a person.
                self.table.put(ERASURES, {})
            took = self.table.write([_write(held) for held in new]) if new else []
            written = [held for held, taken in zip(new, took, strict=True) if taken]
            done |= {held.key: replace(held, version=held.version + 1) for held in written}
            if len(done) == len(keys):
                return done
        raise errors.Contended("too many writers met on one suppression")


def _write(made: Suppression) -> Insert | Update:
    place, item = suppression_key(made.key), suppression.item(made)
    return Update(place, item, made.version) if made.version else Insert(place, items.present(item))


def _said(there: Suppression, saying: Saying) -> Suppression:
    words = there.words.get(saying.reason, Words())
    said = saying.word
    if said.door == Door.API and words.no:
        said = said._replace(ms=max(said.ms, words.no.ms))
    latest = max(said, words.yes.get(said.door, said))
    held = replace(words, yes={**words.yes, said.door: latest})
    return _with(replace(there, hint=there.hint or saying.shown), saying.reason, held)


def kid(ring: Keyring) -> str:
    """A name for a ring's secret, which tells nothing of it."""
    return ring.key("", "the id of this ring")[:8]


def _liftable(reason: Reason, words: Words) -> None:
    if reason is Reason.ERASED:
        raise errors.Conflict("an erasure is never taken back", code="erased")
    own = any(word.door != Door.FILE for word in words.standing)
    if reason is Reason.UNSUBSCRIBED and own:
        raise errors.Conflict(
            "only their own confirmed opt-in takes this back", code="opt_in_required"
        )


def _no(words: Words, said: Word) -> Words:
    return replace(words, no=max(said, words.no or said))


def _with(there: Suppression, reason: Reason, words: Words) -> Suppression:
    made = replace(there, words={**there.words, reason: words})
    return replace(made, hint="") if Reason.ERASED in made.reasons else made
