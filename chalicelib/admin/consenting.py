"""Consent through the API: every word on it, and what somebody told us outside of any form."""

from typing import Any

from chalicelib.admin import editing, leads, masking
from chalicelib.admin.again import id_of
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.admin.consent import FIELD, OPT_OUTS, addresses, places, record_of
from chalicelib.admin.suppressions import note_of
from chalicelib.intake.identify import EMAIL
from chalicelib.model import Door, Response, Touch, rfc3339
from chalicelib.store import consents, history, suppression
from chalicelib.store.consents import WITHDRAWN, Consent, Said, consent_key
from chalicelib.store.items import Lead
from chalicelib.store.suppression import Reason, Suppression, Word, hint
from chalicelib.store.suppressions import Ledger, suppression_key

MOST_TOUCHES = 500
PARTS = ("given", "note")


def get_consent(call: Call) -> dict[str, Any]:
    """A lead's consent, and every word that was said on it, the newest first.

    Of a lead with more than 500 touches, the latest 500 are looked at.
    """
    return _full(call, leads.found(call, call.path["lead"]))


def note_consent(call: Call) -> Response:
    """Note what somebody told us: that they want no more, or, with a proof, that they agreed.

    A withdrawal unsubscribes at once. A consent lifts nothing: who unsubscribed comes back by a
    link that they confirm themselves.
    """
    body = call.body()
    for name in body:
        if name not in PARTS:
            raise invalid(name[:100], "unknown_field", f"expected {', '.join(PARTS)}")
    given, note = body.get("given"), note_of(body.get("note", ""))
    if not isinstance(given, bool):
        raise invalid("given", "type_invalid", "true or false")
    if given and not note:
        raise invalid("note", "required_missing", "say what proves it: a signed paper, a call")
    lead = leads.found(call, call.path["lead"])
    if given:
        touch = editing.said(call, lead, {"values": {FIELD: True}}, {"note": note})
        call.live.upsert.store([touch])
    else:
        _withdraw(call, lead, note)
    return answer(200, _full(call, leads.found(call, lead.id)))


def _withdraw(call: Call, lead: Lead, note: str) -> None:
    """Unsubscribe every address; of whoever has none, what they are known by.

    The same call again does what it left undone, and nothing twice; what was said between the two
    stays said.
    """
    email, shown, keys = _left(call, lead)
    mark = id_of(call) if call.request.header("idempotency-key").strip() else ""
    table = call.outside.table
    known = consents.get(table, keys)
    ledger = Ledger(table, call.live.ring)
    word = Word(call.now_ms, Door.API, call.caller.actor, note or "withdrawn")
    for key in keys:
        if key in known and mark in known[key].marks:
            continue
        seen = hint(EMAIL, email) if isinstance(email, str) and key in shown else ""
        # First what stops the mail: whoever dies after it leaves nobody who is still written to.
        ledger.suppress(key, Reason.UNSUBSCRIBED, word, seen)
        consents.note(table, key, WITHDRAWN, Said(word.ms, word.by, word.door), mark)


def _left(call: Call, lead: Lead) -> tuple[object, list[str], dict[str, None]]:
    """The address shown, its keys, and all keys that a withdrawal is about."""
    _, email = lead.view.values.get("email", (None, None))
    shown = call.live.ring.addressed(EMAIL, email) if isinstance(email, str) else []
    keys = dict.fromkeys([*shown, *addresses(lead)]) or dict.fromkeys(lead.nodes)
    return email, shown, keys


def _full(call: Call, lead: Lead) -> dict[str, Any]:
    table = call.outside.table
    touches = history.touches_of(table, lead, MOST_TOUCHES)
    held = table.get(places(lead))
    told = [_told(touch) for touch in touches if touch.values.get(FIELD) is not None]
    for key in sorted(lead.keys):
        item = held.get(consent_key(key))
        told += _kept(suppression.read(key, held.get(suppression_key(key))))
        told += _noted(consents.read(item) if item else Consent())
    # A withdrawal stands in both ledgers; the first told has the note. One may name many keys.
    apart = {(word["what"], word["at"], word["door"], word["by"]): word for word in told[::-1]}
    words = sorted(apart.values(), key=lambda word: str(word["at"]), reverse=True)
    if call.caller.masked:
        words = [masking.consent(word) for word in words]
    return {"lead": lead.id, "consent": leads.full(call, lead)["consent"], "history": words}


def _told(touch: Touch) -> dict[str, Any]:
    what = "given" if touch.values[FIELD] == "true" else "refused"
    at = rfc3339(touch.submitted_ms)
    proof = {"actor": touch.actor, "import": touch.source.import_id}
    said = {"what": what, "at": at, "door": str(touch.door), "by": touch.id, **record_of(touch)}
    return said | {name: text for name, text in proof.items() if text}


def _noted(known: Consent) -> list[dict[str, Any]]:
    both = (("confirmed", known.confirmed), ("withdrawn", known.withdrawn))
    return [_word(what, Word(*_in_order(said))) for what, said in both if said]


def _in_order(said: Said) -> tuple[int, str, str]:
    return said.ms, said.door, said.by


def _kept(found: Suppression) -> list[dict[str, Any]]:
    """What the suppression ledger tells: who left by which door, and what was a mistake."""
    made = []
    for reason in OPT_OUTS:
        words = found.words.get(reason)
        made += [_word("withdrawn", word) for word in words.yes.values()] if words else []
        # By a form somebody confirms, which the other ledger tells.
        if words and words.no and words.no.door != Door.FORM:
            made.append(_word("lifted", words.no))
    return made


def _word(what: str, word: Word) -> dict[str, Any]:
    said = {"what": what, "at": rfc3339(word.ms), "door": str(word.door), "by": word.by}
    return {**said, "note": word.note} if word.note else said
