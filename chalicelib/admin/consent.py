"""Consent as a record: what was agreed to, in which words, when, by which door, and what came after.

That it was given or refused stands on the submissions; that it was confirmed by a link or withdrawn
stands in the ledger of the addresses (`store.consents`), outside the fold.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from chalicelib.intake.identify import EMAIL
from chalicelib.model import CONSENT_RECORD, Touch, rfc3339
from chalicelib.ports import Table
from chalicelib.store import consents
from chalicelib.store.consents import Consent
from chalicelib.store.items import Lead
from chalicelib.store.suppression import Reason

FIELD = "consent"
_WORDS = ("text", "version", "language")


class State(StrEnum):
    """What somebody's consent comes to now."""

    NONE = "none"
    GIVEN = "given"
    REFUSED = "refused"
    PENDING = "pending"  # a second opt-in was asked for and has not come
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


def shape(
    table: Table, lead: Lead, touches: Mapping[str, Touch], suppressed: Iterable[str]
) -> dict[str, Any]:
    """The consent of one lead in full; empty where nobody ever said a word on it."""
    known = _known(table, lead)
    stamp, value = lead.view.values.get(FIELD, (None, None))
    if (stamp is None or value is None) and known == Consent():
        return {}
    said: dict[str, Any] = {"given": value == "true"}
    touch = touches.get(stamp.id) if stamp and value is not None else None
    if stamp and value is not None:
        said |= {"at": rfc3339(stamp.ms), "receipt": stamp.id}
    if touch:
        said |= {"door": str(touch.door), **record_of(touch)}
    asked = touch is not None and bool(_record(touch).get("confirm"))
    times = {"confirmed_at": known.confirmed, "withdrawn_at": known.withdrawn}
    said |= {name: rfc3339(word.ms) if word else None for name, word in times.items()}
    at = stamp.ms if stamp and value is not None else 0
    state = state_of(value, at, known, asked=asked, stopped=Reason.UNSUBSCRIBED in set(suppressed))
    return {**said, "state": str(state)}


def state_of(value: object, at_ms: int, known: Consent, *, asked: bool, stopped: bool) -> State:
    """What all words come to: a suppression stands above them, then the latest counts.

    A confirmation outlives a consent given again; a refusal or withdrawal after it does not.
    """
    confirmed = known.confirmed.ms if known.confirmed else -1
    withdrawn = known.withdrawn.ms if known.withdrawn else -1
    given = at_ms if value == "true" else -1
    refused = at_ms if value == "false" else -1
    if stopped or (withdrawn >= 0 and withdrawn >= max(given, confirmed)):
        return State.WITHDRAWN
    if refused > confirmed:
        return State.REFUSED
    if confirmed >= 0 and confirmed > withdrawn:
        return State.CONFIRMED
    if given >= 0:
        return State.PENDING if asked else State.GIVEN
    return State.NONE


def record_of(touch: Touch) -> dict[str, str]:
    """The words beside the box, the version of the form that showed them, and their language."""
    record = _record(touch)
    return {name: str(record[name]) for name in _WORDS if record.get(name)}


def _record(touch: Touch) -> Mapping[str, Any]:
    found = touch.extra.get(CONSENT_RECORD)
    if isinstance(found, dict):
        return found
    # A provider's own words, as its module kept them.
    told = touch.extra.get("consent_text")
    return {"text": told} if isinstance(told, str) else {}


def addresses(lead: Lead) -> list[str]:
    """The keys of all e-mail addresses of a lead."""
    return sorted(key for key in lead.keys if key[0] == EMAIL)


def _known(table: Table, lead: Lead) -> Consent:
    """The latest words of all of a person's addresses."""
    found = list(consents.get(table, addresses(lead)).values())
    confirmed = [one.confirmed for one in found if one.confirmed]
    withdrawn = [one.withdrawn for one in found if one.withdrawn]
    return Consent(0, max(confirmed, default=None), max(withdrawn, default=None))
