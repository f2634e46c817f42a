"""Consent as a record: what was agreed to, in which words, when, by which door, and what came after.

That it was given or refused stands on the submissions; that it was confirmed by a link or withdrawn
stands in the ledgers by key (`store.consents`, `store.suppressions`), outside the fold.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from chalicelib.intake.fold import BORROWED
from chalicelib.intake.form_definition import LONGEST_WORDS
from chalicelib.intake.identify import EMAIL
from chalicelib.model import CONSENT_RECORD, Touch, rfc3339
from chalicelib.ports import Item, Key
from chalicelib.store import consents, suppression
from chalicelib.store.consents import Consent, Said, consent_key
from chalicelib.store.items import Lead
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import suppression_key

FIELD = "consent"
_WORDS = ("text", "version", "language", "note")
# Whoever leaves a list, or calls a mail spam, has taken their consent back.
OPT_OUTS = (Reason.UNSUBSCRIBED, Reason.COMPLAINED)


class State(StrEnum):
    """What somebody's consent comes to now."""

    NONE = "none"
    GIVEN = "given"
    REFUSED = "refused"
    PENDING = "pending"  # a second opt-in was asked for and has not come
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


def places(lead: Lead) -> list[Key]:
    """Where the ledgers keep what was said outside the fold, for the batch that reads a lead."""
    kept = [consent_key(key) for key in sorted({*lead.nodes, *addresses(lead)})]
    return [*kept, *(suppression_key(key) for key in sorted(lead.keys))]


def shape(lead: Lead, touches: Mapping[str, Touch], held: Mapping[Key, Item]) -> dict[str, Any]:
    """The consent of one lead in full; empty where nobody ever said a word on it.

    `held` are the items that lie at `places`.
    """
    known = _latest(lead, held)
    stamp, value = lead.view.values.get(FIELD, (None, None))
    if value is None and known == Consent():
        return {}
    touch, at, own = None, 0, True
    said: dict[str, Any] = {"given": value == "true"}
    if stamp and value is not None:
        touch, at, own = touches.get(stamp.id), stamp.ms, stamp.rank > BORROWED
        said |= {"at": rfc3339(at), "receipt": stamp.id}
    if touch:
        said |= {"door": str(touch.door), **record_of(touch)}
    asked = touch is not None and bool(_record(touch).get("confirm"))
    state = state_of(value, at, known, asked=asked, own=own)
    times = {"confirmed_at": known.confirmed, "withdrawn_at": known.withdrawn}
    said |= {name: rfc3339(word.ms) if word else None for name, word in times.items()}
    # A form may ask by its link alone: then the confirmation is what gives the consent.
    return {**said, "given": said["given"] or state is State.CONFIRMED, "state": str(state)}


def state_of(value: object, at_ms: int, known: Consent, *, asked: bool, own: bool = True) -> State:
    """What all words come to: the latest counts, a withdrawal beats a yes of the same moment.

    A confirmation outlives a consent given again; a refusal or withdrawal after it does not. What
    a borrowed list says takes no withdrawal back. None of it says whether somebody may be written
    to: that is what stands in the suppression ledger, which only a confirmation lifts (law 6).
    """
    confirmed = known.confirmed.ms if known.confirmed else -1
    withdrawn = known.withdrawn.ms if known.withdrawn else -1
    given = at_ms if value == "true" and (own or withdrawn < 0) else -1
    refused = at_ms if value == "false" else -1
    if withdrawn >= 0 and withdrawn >= max(given, confirmed):
        return State.WITHDRAWN
    if refused > confirmed:
        return State.REFUSED
    if confirmed > withdrawn:
        return State.CONFIRMED
    if given >= 0:
        return State.PENDING if asked else State.GIVEN
    return State.NONE


def record_of(touch: Touch) -> dict[str, str]:
    """The words beside the box, which version of the form showed them, their language, the proof."""
    record = _record(touch)
    return {name: str(record[name]) for name in _WORDS if record.get(name)}


def _record(touch: Touch) -> Mapping[str, Any]:
    found = touch.extra.get(CONSENT_RECORD)
    if isinstance(found, dict):
        return found
    # A provider's own words, as its module kept them.
    told = touch.extra.get("consent_text")
    return {"text": told[:LONGEST_WORDS]} if isinstance(told, str) else {}


def addresses(lead: Lead) -> list[str]:
    """The keys of all e-mail addresses of a lead."""
    return sorted(key for key in lead.keys if key[0] == EMAIL)


def opt_outs(key: str, held: Mapping[Key, Item]) -> list[Word]:
    """What stands against writing to a key: unsubscribed by any door, or complained about."""
    found = suppression.read(key, held.get(suppression_key(key)))
    return [word for reason in OPT_OUTS if (w := found.words.get(reason)) for word in w.standing]


def _latest(lead: Lead, held: Mapping[Key, Item]) -> Consent:
    """The latest words of all of a person's keys, whichever of them they were said of."""
    found = [consents.read(item) for place, item in held.items() if place.sk == consents.SORT]
    confirmed = [one.confirmed for one in found if one.confirmed]
    withdrawn = [one.withdrawn for one in found if one.withdrawn]
    out = [word for key in lead.keys for word in opt_outs(key, held)]
    withdrawn += [Said(word.ms, word.by, word.door) for word in out]
    return Consent(0, max(confirmed, default=None), max(withdrawn, default=None))
