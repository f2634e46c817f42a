"""Consent as a record: what was agreed to, and what every later word makes of it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.admin.consent import State, state_of
from chalicelib.doors import front
from chalicelib.store import consents
from chalicelib.store.consents import CONFIRMED, WITHDRAWN, Consent, Said
from chalicelib.store.suppression import OptIn
from chalicelib.store.suppressions import Ledger
from tests.admin.office import Office, refusal
from tests.live import asked

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
    """Law 6: the form does not lift it; the confirmed link does, and then the state says so."""
    lead, key = post(office, consent=True), office.live.ring.key("e", "ana@x.org")
    office.later(hours=1)
    office.post("/leads/{lead}/consent", {"given": False}, lead=lead)
    office.later(hours=1)
    post(office, consent=True, message="again")
    shown = office.get("/leads/{lead}", lead=lead)
    assert (shown["consent"]["state"], shown["suppressed"]) == ("withdrawn", ["unsubscribed"])
    now = int((office.moment + timedelta(hours=1)).timestamp() * 1000)
    consents.note(office.table, key, CONFIRMED, Said(now, "a" * 32, "form"))
    Ledger(office.table, office.live.ring).confirm_opt_in(key, OptIn(now, "a" * 32))
    shown = office.get("/leads/{lead}", lead=lead)
    assert (shown["consent"]["state"], shown["suppressed"]) == ("confirmed", [])


def test_nobody_consents_for_somebody(office: Office) -> None:
    """Only a withdrawal is entered by hand."""
    lead = post(office)
    for body in ({"given": True}, {}, {"given": "no"}, {"given": False, "note": 7}):
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
    ("given", "later", "asked", "stopped", "state"),
    [
        ((None, 0), (None, None), False, False, State.NONE),
        (("true", 5), (None, None), False, False, State.GIVEN),
        (("true", 5), (None, None), True, False, State.PENDING),
        (("true", 5), (6, None), True, False, State.CONFIRMED),
        (("true", 7), (6, None), True, False, State.CONFIRMED),
        (("true", 5), (6, 7), True, False, State.WITHDRAWN),
        (("true", 8), (6, 7), True, False, State.PENDING),
        (("true", 8), (9, 7), True, False, State.CONFIRMED),
        (("false", 8), (6, None), True, False, State.REFUSED),
        (("true", 8), (9, None), True, True, State.WITHDRAWN),
        ((None, 0), (None, 4), False, False, State.WITHDRAWN),
    ],
)
def test_what_all_words_come_to(
    given: tuple[str | None, int],
    later: tuple[int | None, int | None],
    asked: bool,
    stopped: bool,
    state: State,
) -> None:
    """A suppression stands above them; then the latest counts; a confirmation outlives a new yes."""
    said = [Said(ms, "x", "form") if ms is not None else None for ms in later]
    known = Consent(1, *said)
    assert state_of(*given, known, asked=asked, stopped=stopped) is state
