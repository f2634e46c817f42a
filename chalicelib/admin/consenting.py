"""Consent through the API: every word on it, and a withdrawal that somebody told us of."""

from typing import Any

from chalicelib import errors
from chalicelib.admin import leads
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.admin.consent import FIELD, addresses, record_of
from chalicelib.model import Door, Response, Touch, rfc3339
from chalicelib.store import consents, history
from chalicelib.store.consents import WITHDRAWN, Consent, Said
from chalicelib.store.items import Lead
from chalicelib.store.suppression import Reason, Word
from chalicelib.store.suppressions import Ledger

MOST_TOUCHES = 500
_LONGEST_NOTE = 500


def get_consent(call: Call) -> dict[str, Any]:
    """A lead's consent, and every word that was ever said on it, the newest first."""
    lead = leads.found(call, call.path["lead"])
    return _full(call, lead)


def withdraw(call: Call) -> Response:
    """Note that somebody told us they want no more: their addresses are unsubscribed at once.

    A consent is given by the person, at a form or by a list that says so; nobody gives it for them
    here.
    """
    body = call.body()
    if body.get("given") is not False:
        raise invalid("given", "choice_unknown", "only a withdrawal is entered here: false")
    note = body.get("note", "")
    if not isinstance(note, str) or len(note) > _LONGEST_NOTE:
        raise invalid("note", "too_long", f"a text of at most {_LONGEST_NOTE} characters")
    lead = leads.found(call, call.path["lead"])
    keys = addresses(lead)
    if not keys:
        raise errors.Conflict("there is no e-mail address to unsubscribe", code="no_key")
    ledger = Ledger(call.outside.table, call.live.ring)
    said = Said(call.now_ms, call.caller.actor, Door.API)
    word = Word(call.now_ms, Door.API, call.caller.actor, note or "withdrawn")
    for key in keys:
        consents.note(call.outside.table, key, WITHDRAWN, said)
        ledger.suppress(key, Reason.UNSUBSCRIBED, word)
    return answer(200, _full(call, leads.found(call, lead.id)))


def _full(call: Call, lead: Lead) -> dict[str, Any]:
    table = call.outside.table
    touches = history.touches_of(table, lead, MOST_TOUCHES)
    words = [_told(touch) for touch in touches if touch.values.get(FIELD) is not None]
    for key in addresses(lead):
        known = consents.get(table, [key]).get(key, Consent())
        words += [
            {"what": what, "at": rfc3339(said.ms), "door": said.door, "by": said.by}
            for what, said in (("confirmed", known.confirmed), ("withdrawn", known.withdrawn))
            if said
        ]
    words.sort(key=lambda word: str(word["at"]), reverse=True)
    return {"lead": lead.id, "consent": leads.full(call, lead)["consent"], "history": words}


def _told(touch: Touch) -> dict[str, Any]:
    what = "given" if touch.values[FIELD] == "true" else "refused"
    at = rfc3339(touch.submitted_ms)
    return {"what": what, "at": at, "door": str(touch.door), "by": touch.id, **record_of(touch)}
