"""Who must not be contacted: looked up, entered, and, where it was a mistake, taken back."""

from collections.abc import Mapping
from typing import Any

from chalicelib import errors
from chalicelib.admin import masking
from chalicelib.admin.call import Call, answer, invalid
from chalicelib.fields import Context, field_type
from chalicelib.fields._standard import STANDARD
from chalicelib.intake.identify import EMAIL, EXTERNAL, PHONE
from chalicelib.model import Door, Response, rfc3339
from chalicelib.store.suppression import Reason, Suppression, Word, hint
from chalicelib.store.suppressions import Ledger

_LETTERS = {"email": EMAIL, "phone": PHONE}
_KINDS = {EMAIL: "email", PHONE: "phone", EXTERNAL: "external_id"}
PARTS = ("email", "phone", "reason", "note")
_LONGEST_NOTE = 500


def list_suppressions(call: Call) -> dict[str, Any]:
    """A page of what stands, the latest first; by address all that is known of it."""
    reason = _reason(call.query("reason")) if "reason" in call.request.query else ""
    named = [name for name in _LETTERS if name in call.request.query]
    if not named:
        found, last = _ledger(call).list(call.limit(), call.position(), reason)
        return call.page([_shape(call, each) for each in found], last)
    letter, text = _address(call, {name: call.query(name) for name in named})
    known = _ledger(call).get(_ledger(call).keys(letter, text)).values()
    wanted = [s for s in known if s.version and (not reason or reason in s.reasons)]
    return call.page([_shape(call, each) for each in wanted], "")


def suppress(call: Call) -> Response:
    """Say that an address must not be contacted; saying it again changes nothing that counts."""
    given = _given(call)
    letter, text = _address(call, given)
    reason, note = _reason(given.get("reason")), note_of(given.get("note", ""))
    if reason is Reason.ERASED and call.caller.role != "admin":
        raise errors.Forbidden("only an administrator enters an erasure: nobody takes it back")
    ledger = _ledger(call)
    key, *aliased = ledger.ring.addressed(letter, text)
    known = ledger.get([key])[key].version
    word = Word(call.now_ms, Door.API, call.caller.actor, note)
    for other in aliased:
        ledger.suppress(other, reason, word, hint(letter, text))
    made = ledger.suppress(key, reason, word, hint(letter, text))
    return answer(200 if known else 201, _shape(call, made))


def lift(call: Call) -> Response:
    """Take back a bounce, a complaint or a mistaken import, and say why."""
    asked = {name: call.query(name) for name in PARTS if name in call.request.query}
    given = {**_given(call), **asked}
    letter, text = _address(call, given)
    reason, note = _reason(given.get("reason")), note_of(given.get("note", ""))
    if not note:
        raise invalid("note", "required_missing", "say why")
    ledger = _ledger(call)
    word = Word(call.now_ms, Door.API, call.caller.actor, note)
    known = ledger.get(ledger.keys(letter, text)).values()
    standing = [each.key for each in known if reason in each.reasons]
    if not standing:
        raise errors.Missing(f"this address is not {reason}")
    for key in standing:
        ledger.lift(key, reason, word)
    return Response(204)


def _ledger(call: Call) -> Ledger:
    return Ledger(call.outside.table, call.live.ring)


def _given(call: Call) -> dict[str, Any]:
    body = call.body()
    for name in body:
        if name not in PARTS:
            raise invalid(name[:100], "unknown_field", f"expected {', '.join(PARTS)}")
    return body


def _address(call: Call, given: Mapping[str, Any]) -> tuple[str, str]:
    """The one address that is named, as the road would read it, with the letter of its key."""
    named = [name for name in _LETTERS if name in given]
    if len(named) != 1:
        raise invalid("email", "required_missing", "give either an email or a phone")
    (name,) = named
    text = given[name]
    readable = isinstance(text, str) and 0 < len(text) <= _LONGEST_NOTE
    context = Context(region=call.live.settings.region, checks={name: "flag"})
    read = field_type(name).normalise(text, context, STANDARD[name]).value if readable else None
    if not isinstance(read, str) or not read:
        what = "an e-mail address" if name == "email" else "a phone"
        raise invalid(name, f"{name}_invalid", f"this is not {what}")
    return _LETTERS[name], read


def _reason(given: object) -> Reason:
    if given not in list(Reason):
        raise invalid("reason", "choice_unknown", f"one of {', '.join(Reason)}")
    return Reason(str(given))


def note_of(given: object) -> str:
    """Why, in a few words of whoever decides; `Rejected` where it is no such text."""
    if not isinstance(given, str) or len(given) > _LONGEST_NOTE or not given.isprintable():
        raise invalid(
            "note", "type_invalid", f"a printable text of at most {_LONGEST_NOTE} characters"
        )
    return given.strip()


def _shape(call: Call, found: Suppression) -> dict[str, Any]:
    return {
        "id": found.key,
        "kind": _KINDS[found.key[0]],
        "hint": found.hint,
        "reasons": found.reasons,
        "channels": found.channels,
        "entries": [
            _entry(call, reason, word, yes=word is not words.no)
            for reason, words in sorted(found.words.items())
            for word in sorted([*words.yes.values(), *([words.no] if words.no else [])])
        ],
        "updated_at": rfc3339(found.changed_ms),
    }


def _entry(call: Call, reason: Reason, word: Word, *, yes: bool) -> dict[str, Any]:
    return {
        "reason": str(reason),
        "suppressed": yes,
        "at": rfc3339(word.ms),
        "door": word.door,
        "by": word.by,
        "note": masking.HIDDEN if word.note and call.caller.masked else word.note,
    }
