"""Consent as a record: what was agreed to, and what every later word makes of it."""

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from chalicelib.admin.consent import State, record_of, state_of
from chalicelib.doors import front
from chalicelib.fields._standard import STANDARD
from chalicelib.intake.receive import touch_of
from chalicelib.intake.rules import Rules
from chalicelib.intake.validate import validate
from chalicelib.model import (
    CONSENT_RECORD,
    Door,
    Fate,
    Raw,
    Screened,
    Source,
    Submission,
    rfc3339,
)
from chalicelib.store import consents
from chalicelib.store.consents import CONFIRMED, WITHDRAWN, Consent, Said
from chalicelib.store.suppression import OptIn, Reason, Word
from chalicelib.store.suppressions import Ledger
from tests.admin.office import Office, refusal
from tests.imports.door import FileDoor, Killed
from tests.live import NOW, asked
from tests.store.people import RING

FORM: dict[str, Any] = {
    "fields": {
        "email": {"required": True, "label": {"en": "E-mail", "es": "Correo"}},
        "consent": {"type": "consent", "label": {"en": "Write to me", "es": "Escribidme"}},
    },
    "languages": ["en", "es"],
    "double_opt_in": {"days": 3},
    "limits": {},
}


@pytest.fixture
def office() -> Office:
    made = Office()
    made.ask("PUT", "/forms/{form}", body=FORM, form="news")
    return made


def post(office: Office, **told: object) -> str:
    """A post of the form in Spanish; the lead's id."""
    body = json.dumps({"email": "ana@x.org", "_language": "es", **told}).encode()
    request = asked(
        "POST", "/forms/news", body, content_type="application/json", accept="application/json"
    )
    assert front.form(office.live, "news", request).status == 200  # type: ignore[arg-type]
    (lead,) = office.get("/leads")["items"]
    return str(lead["id"])


def test_a_yes_is_kept_with_the_words_it_answers(office: Office) -> None:
    """Text in the sender's language, version of the form, door, receipt; pending until confirmed."""
    lead = post(office, consent=True)
    consent = office.get("/leads/{lead}", lead=lead)["consent"]
    assert {name: consent[name] for name in ("given", "door", "text", "version", "language")} == {
        "given": True, "door": "form", "text": "Escribidme", "version": "1", "language": "es",
    }  # fmt: skip
    assert consent["state"] == "pending"


def test_every_word_is_told(office: Office) -> None:
    """Given, confirmed, withdrawn: the history has each with its time and proof, newest first."""
    lead, key = post(office, consent=True), office.live.ring.key("e", "ana@x.org")
    office.later(hours=1)
    now = int(office.moment.timestamp() * 1000)
    consents.note(office.table, key, CONFIRMED, Said(now, "a" * 32, "form"))
    assert office.get("/leads/{lead}", lead=lead)["consent"]["state"] == "confirmed"
    office.later(hours=1)
    made = office.post("/leads/{lead}/consent", {"given": False, "note": "by phone"}, lead=lead)
    assert made["consent"]["state"] == "withdrawn"
    assert [word["what"] for word in made["history"]] == ["withdrawn", "confirmed", "given"]
    assert office.get("/leads/{lead}", lead=lead)["suppressed"] == ["unsubscribed"]


def test_a_consent_given_again_after_leaving_waits_for_its_link(office: Office) -> None:
    """Law 6: a form's yes is told, and lifts nothing; the confirmed link does."""
    lead, key = post(office, consent=True), office.live.ring.key("e", "ana@x.org")
    office.later(hours=1)
    office.post("/leads/{lead}/consent", {"given": False}, lead=lead)
    office.later(hours=1)
    post(office, consent=True, message="again")
    shown = office.get("/leads/{lead}", lead=lead)
    assert (shown["consent"]["state"], shown["suppressed"]) == ("pending", ["unsubscribed"])
    now = int((office.moment + timedelta(hours=1)).timestamp() * 1000)
    consents.note(office.table, key, CONFIRMED, Said(now, "a" * 32, "form"))
    Ledger(office.table, office.live.ring).confirm_opt_in(key, OptIn(now, "a" * 32))
    shown = office.get("/leads/{lead}", lead=lead)
    assert (shown["consent"]["state"], shown["suppressed"]) == ("confirmed", [])


def test_nobody_consents_for_somebody_without_a_proof(office: Office) -> None:
    """A yes that says nothing of how it is known is refused; so is what is neither yes nor no."""
    lead = post(office)
    refused: list[dict[str, Any]] = [
        {"given": True}, {"given": True, "note": "  "}, {}, {"given": "no"},
        {"given": False, "note": 7}, {"given": False, "why": "x"},
    ]  # fmt: skip
    for body in refused:
        assert refusal(office, "POST", "/leads/{lead}/consent", body=body, lead=lead).status == 422


def test_an_erased_persons_consent_is_gone(office: Office) -> None:
    """What the ledger knew by address goes with the person."""
    lead, key = post(office, consent=True), office.live.ring.key("e", "ana@x.org")
    consents.note(office.table, key, CONFIRMED, Said(1, "a" * 32, "form"))
    office.ask("DELETE", "/leads/{lead}", lead=lead)
    assert consents.get(office.table, [key]) == {}
    assert office.balance() == []


def test_the_ledger_takes_the_latest_in_any_order(office: Office) -> None:
    """An older word that comes later, or again, changes nothing."""
    for ms in (5, 3, 5):
        consents.note(office.table, "e1", WITHDRAWN, Said(ms, "x", "form"))
    assert consents.get(office.table, ["e1"])["e1"] == Consent(1, None, Said(5, "x", "form"))


def test_a_form_that_answers_must_ask_for_an_address(office: Office) -> None:
    """Double opt-in without an e-mail field, or on a stage that sends no mail, is not published."""
    fields = {"phone": {"label": {"en": "Phone"}}}
    body = {"fields": fields, "languages": ["en"], "double_opt_in": {}}
    assert refusal(office, "PUT", "/forms/{form}", body=body, form="odd").status == 422
    office.live.settings = office.live.settings.__class__("test", "t", "b", "o", "c", "s", b"s")
    refused = refusal(office, "PUT", "/forms/{form}", body=FORM, form="news")
    assert refused.problems[0].code == "mail_unconfigured"


@pytest.mark.parametrize(
    ("given", "later", "asked", "own", "state"),
    [
        ((None, 0), (None, None), False, True, State.NONE),
        (("true", 5), (None, None), False, True, State.GIVEN),
        (("true", 5), (None, None), False, False, State.GIVEN),
        (("true", 5), (None, None), True, True, State.PENDING),
        (("true", 5), (6, None), True, True, State.CONFIRMED),
        (("true", 7), (6, None), True, True, State.CONFIRMED),
        (("true", 5), (6, 7), True, True, State.WITHDRAWN),
        (("true", 7), (6, 7), True, True, State.WITHDRAWN),
        (("true", 8), (6, 7), True, True, State.PENDING),
        (("true", 8), (6, 7), False, True, State.GIVEN),
        (("true", 8), (None, 7), False, False, State.WITHDRAWN),
        (("true", 8), (9, 7), True, True, State.CONFIRMED),
        (("false", 8), (6, None), True, True, State.REFUSED),
        ((None, 0), (None, 4), False, True, State.WITHDRAWN),
        ((None, 0), (4, None), False, True, State.CONFIRMED),
    ],
)
def test_what_all_words_come_to(
    given: tuple[str | None, int],
    later: tuple[int | None, int | None],
    asked: bool,
    own: bool,
    state: State,
) -> None:
    """The latest counts; a confirmation outlives a new yes; a list undoes no withdrawal."""
    said = [Said(ms, "x", "form") if ms is not None else None for ms in later]
    known = Consent(1, said[0], said[1])
    assert state_of(*given, known, asked=asked, own=own) is state


def test_a_proof_is_kept_and_lifts_nothing(office: Office) -> None:
    """A signed paper is told with its note and actor; whoever unsubscribed stays unmailable."""
    lead = post(office)
    office.post("/leads/{lead}/consent", {"given": False, "note": "by phone"}, lead=lead)
    office.later(hours=1)
    made = office.post("/leads/{lead}/consent", {"given": True, "note": "paper 12"}, lead=lead)
    assert (made["consent"]["state"], made["consent"]["note"]) == ("given", "paper 12")
    yes, no = made["history"]
    assert (yes["what"], yes["door"], yes["by"]) == ("given", "api", made["consent"]["receipt"])
    assert yes["actor"]
    assert (no["what"], no["note"]) == ("withdrawn", "by phone")
    assert office.get("/leads/{lead}", lead=lead)["suppressed"] == ["unsubscribed"]
    assert office.balance() == []


@pytest.mark.parametrize("reason", [Reason.UNSUBSCRIBED, Reason.COMPLAINED])
def test_an_opt_out_by_any_door_is_a_withdrawal(office: Office, reason: Reason) -> None:
    """What a mail service tells is shown and told, with its time and door."""
    lead, key = post(office, consent=True), office.live.ring.key("e", "ana@x.org")
    office.later(hours=1)
    now = int(office.moment.timestamp() * 1000)
    Ledger(office.table, office.live.ring).suppress(key, reason, Word(now, "webhook", "e" * 32))
    consent = office.get("/leads/{lead}", lead=lead)["consent"]
    assert (consent["state"], consent["withdrawn_at"]) == ("withdrawn", rfc3339(now))
    told = office.get("/leads/{lead}/consent", lead=lead)["history"][0]
    assert (told["what"], told["door"], told["by"]) == ("withdrawn", "webhook", "e" * 32)


def test_a_bounce_withdraws_nothing(office: Office) -> None:
    """It stops the mail; it is not the person's word."""
    lead, key = post(office, consent=True), office.live.ring.key("e", "ana@x.org")
    word = Word(9_999_999_999_999, "webhook", "e" * 32)
    Ledger(office.table, office.live.ring).suppress(key, Reason.BOUNCED, word)
    shown = office.get("/leads/{lead}", lead=lead)
    assert (shown["consent"]["state"], shown["suppressed"]) == ("pending", ["bounced"])


def test_whoever_has_no_address_can_withdraw_too(office: Office) -> None:
    """A lead known by telephone alone: its calls and messages stop."""
    entered = office.post("/leads", {"phone": "+34600000001", "consent": True})
    made = office.post("/leads/{lead}/consent", {"given": False}, lead=entered["lead"])
    assert made["consent"]["state"] == "withdrawn"
    assert office.get("/leads/{lead}", lead=entered["lead"])["suppressed"] == ["unsubscribed"]


def test_a_viewer_sees_when_but_not_what_somebody_noted(office: Office) -> None:
    """A note may say anything of anybody; a form's own words are no secret."""
    lead = post(office, consent=True)
    office.post("/leads/{lead}/consent", {"given": False, "note": "Anabel rang"}, lead=lead)
    seen = office.get("/leads/{lead}/consent", lead=lead, role="viewer")
    assert seen["consent"]["text"] == "Escribidme"
    assert [word.get("note") for word in seen["history"] if word["what"] == "withdrawn"] == ["***"]
    assert "Anabel" in json.dumps(office.get("/leads/{lead}/consent", lead=lead, role="editor"))
    refused = refusal(
        office, "POST", "/leads/{lead}/consent", role="viewer", body={"given": False}, lead=lead
    )
    assert refused.status == 403


def test_two_addresses_of_one_person_have_one_consent(office: Office) -> None:
    """After a merge the latest word counts, whichever address it was said of."""
    first = post(office, consent=True)
    key = office.live.ring.key("e", "ana@x.org")
    office.later(hours=1)
    now = int(office.moment.timestamp() * 1000)
    other = office.post("/leads", {"email": "ana@y.org"})["lead"]
    office.post("/leads/{lead}/merge", {"with": other}, lead=first)
    consents.note(office.table, key, CONFIRMED, Said(now, "a" * 32, "form"))
    assert office.get("/leads/{lead}", lead=other)["consent"]["state"] == "confirmed"
    late = Said(now + 1, "news", "form")
    consents.note(office.table, office.live.ring.key("e", "ana@y.org"), WITHDRAWN, late)
    assert office.get("/leads/{lead}", lead=first)["consent"]["state"] == "withdrawn"


def test_undo_takes_nothing_out_of_the_ledger(office: Office) -> None:
    """A confirmation stays said after the post that it belongs to was taken back."""
    post(office, consent=True, _id="one")
    key = office.live.ring.key("e", "ana@x.org")
    consents.note(office.table, key, CONFIRMED, Said(9, "a" * 32, "form"))
    (receipt,) = (touch["receipt"] for touch in office.get("/submissions")["items"])
    office.store.turn({receipt: Fate.UNDONE})
    assert consents.get(office.table, [key])[key].confirmed == Said(9, "a" * 32, "form")
    assert office.balance() == []


def test_nobody_outside_writes_how_consent_was_asked() -> None:
    """What comes under the record's name, by a door that asks for nothing itself, is dropped."""
    told: dict[str, Raw] = {CONSENT_RECORD: {"text": "anything"}, "consent_text": "I accept."}
    fields: dict[str, Raw] = {"email": "ana@x.org", "consent": "yes"}
    came = Submission("a" * 32, Door.WEBHOOK, NOW, NOW, fields, Source(Door.WEBHOOK), extra=told)
    rules = Rules(fields=STANDARD)
    made = touch_of(validate(came, rules), Screened(), came.source, rules, RING)
    assert record_of(made) == {"text": "I accept."}
    assert made.extra == {"consent_text": "I accept."}


def test_words_of_a_provider_are_bounded() -> None:
    """However long what somebody was asked is, 500 characters of it are shown."""
    told: dict[str, Raw] = {"consent_text": "x" * 900}
    fields: dict[str, Raw] = {"email": "ana@x.org", "consent": "yes"}
    came = Submission("a" * 32, Door.WEBHOOK, NOW, NOW, fields, Source(Door.WEBHOOK), extra=told)
    rules = Rules(fields=STANDARD)
    made = touch_of(validate(came, rules), Screened(), came.source, rules, RING)
    assert record_of(made) == {"text": "x" * 500}


def test_a_list_that_says_so_keeps_the_columns_heading(office: Office) -> None:
    """By file: the heading is what there is of the words; the import proves it."""
    files = FileDoor(table=office.table)
    made = files.import_file("inbox/fair/a.csv", "email,Consent\r\nana@x.org,yes\r\n")
    (lead,) = office.get("/leads")["items"]
    consent = office.get("/leads/{lead}", lead=lead["id"])["consent"]
    assert {name: consent[name] for name in ("given", "door", "text", "state")} == {
        "given": True, "door": "file", "text": "Consent", "state": "given",
    }  # fmt: skip
    (word,) = office.get("/leads/{lead}/consent", lead=lead["id"])["history"]
    assert word["import"] == made["import"]


def test_whoever_dies_in_a_withdrawal_has_stopped_the_mail(office: Office) -> None:
    """The suppression is written first; saying it again completes the rest."""
    lead = post(office, consent=True)
    with patch.object(consents, "note", side_effect=Killed), pytest.raises(Killed):
        office.post("/leads/{lead}/consent", {"given": False}, lead=lead)
    shown = office.get("/leads/{lead}", lead=lead)
    assert (shown["suppressed"], shown["consent"]["state"]) == (["unsubscribed"], "withdrawn")
    again = office.post("/leads/{lead}/consent", {"given": False}, lead=lead)
    assert again["consent"]["state"] == "withdrawn"


def test_a_withdrawal_counts_each_time_and_the_same_call_once(office: Office) -> None:
    """By one caller: no, yes and no again is a no; the first no, delivered late, takes back no yes."""
    lead = post(office, consent=True)

    def say(given: bool, key: str) -> str:
        office.later(minutes=5)
        body = {"given": given, "note": "on paper"}
        once = {"idempotency-key": key}
        told = office.post("/leads/{lead}/consent", body, lead=lead, headers=once)
        return str(told["consent"]["state"])

    assert say(False, "1") == "withdrawn"
    before = office.held()
    assert say(False, "1") == "withdrawn"
    assert office.held() == before
    assert say(True, "2") == "given"
    assert say(False, "3") == "withdrawn"
    assert say(True, "4") == "given"
    assert say(False, "1") == "given"
    assert office.get("/leads/{lead}", lead=lead)["suppressed"] == ["unsubscribed"]
    assert office.balance() == []


def test_one_lead_costs_no_request_more_for_its_consent(office: Office) -> None:
    """The caller's key, the lead, its submissions with both ledgers, what stops it, its checks."""
    lead = post(office, consent=True)
    office.table.requests.clear()
    office.get("/leads/{lead}", lead=lead)
    assert office.table.requests == {"BatchGetItem": 5, "BatchExecuteStatement": 1}
