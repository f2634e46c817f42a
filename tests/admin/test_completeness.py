"""What makes a lead complete: by the form, by the stage; flagged or held; and its quality."""

from typing import Any

import pytest

from chalicelib.model import Fate
from tests.admin.office import Office, content, refusal
from tests.admin.test_fields import _touches, enter, form, post, put


def lead(office: Office, email: str = "a@x.org") -> dict[str, Any]:
    """The lead of an address."""
    (found,) = office.get("/leads", query={"email": email})["items"]
    shown: dict[str, Any] = found
    return shown


def test_a_form_says_what_makes_its_leads_complete(office: Office) -> None:
    """Until the folded lead has it all, whatever door the rest comes by; undoing tells anew."""
    form(office, completeness=["email", "phone", "first_name"])
    assert post(office, {"email": "a@x.org", "first_name": "Ana"}).status == 200
    assert lead(office)["complete"] is False
    assert lead(office)["quality"]["reasons"] == ["incomplete", "phone_missing"]
    office.later(seconds=1)
    entered = office.post("/leads", {"email": "a@x.org", "phone": "+34600123456"})
    assert lead(office)["complete"] is True
    office.store.turn({entered["receipt"]: Fate.UNDONE})
    assert lead(office)["complete"] is False
    assert office.balance() == []


def test_what_a_post_lacks_is_flagged(office: Office) -> None:
    """The submission names each missing field; the sender sees nothing of it."""
    form(office, completeness=["email", "phone", "full_name"])
    assert set(content(post(office, {"email": "a@x.org", "last_name": "Gil"}))) == {
        "receipt",
        "message",
    }
    (touch,) = _touches(office)
    assert [(p.field, p.code, p.fatal) for p in touch.problems] == [("phone", "incomplete", False)]


def test_a_form_may_hold_what_is_incomplete(office: Office) -> None:
    """By its policy a person looks first: no lead until then; the answer is the same."""
    form(
        office,
        completeness=["email", "phone"],
        policies={"email": "flag", "phone": "flag", "incomplete": "quarantine"},
    )
    told = [post(office, {"email": "a@x.org", **more}) for more in ({}, {"phone": "600123456"})]
    assert [set(content(answer)) for answer in told] == [{"receipt", "message"}] * 2
    fates = {str(touch.fate): touch.reason for touch in _touches(office)}
    assert fates == {"quarantined": "incomplete", "created": ""}
    receipt = next(t.id for t in _touches(office) if t.fate is Fate.QUARANTINED)
    office.post("/submissions/{receipt}/release", receipt=receipt)
    assert lead(office)["touches"] == 2


def test_a_stage_says_what_is_essential(office: Office) -> None:
    """Where no form has a rule of its own; without any, a name and an address are enough."""
    enter(office, "a@x.org", first_name="Ana")
    assert lead(office)["complete"] is True
    put(office, "job_title", {"essential": True})
    assert lead(office)["complete"] is False
    enter(office, "a@x.org", job_title="CEO")
    assert lead(office)["complete"] is True


def test_a_form_is_published_only_if_it_asks_for_what_is_essential(office: Office) -> None:
    """Or if it has a rule of its own; a form that is there already serves on."""
    form(office)
    put(office, "job_title", {"essential": True})
    error = refusal(office, "PUT", "/forms/{form}", form="contact", body=_body())
    assert [(p.field, p.code) for p in error.problems] == [("fields.job_title", "required_missing")]
    assert post(office, {"email": "a@x.org"}).status == 200
    own = {**_body(), "completeness": ["email"]}
    office.ask("PUT", "/forms/{form}", form="contact", body=own)
    asking = {**_body(), "fields": {"email": {}, "job_title": {}}}
    office.ask("PUT", "/forms/{form}", form="contact", body=asking)


def test_a_form_is_published_only_with_labels_in_its_languages(office: Office) -> None:
    """Each field that has none in a language is named; one language needs no label at all."""
    put(office, "pets", {"label": {"en": "Pets", "pt": "Animais"}})
    body = {"fields": {"email": {}, "pets": {}}, "languages": ["en", "pt-BR", "fa"]}
    error = refusal(office, "PUT", "/forms/{form}", form="contact", body=body)
    assert [(p.field, p.code) for p in error.problems] == [("fields.pets.label", "label_missing")]
    plain = {"fields": {"email": {}, "size": {"type": "text"}}}
    office.ask("PUT", "/forms/{form}", form="contact", body=plain)


def _body() -> dict[str, Any]:
    return {"fields": {"email": {}}}


@pytest.mark.parametrize(
    ("values", "score", "reasons"),
    [
        ({"email": "ana@acme.es", "phone": "600123456", "first_name": "Ana"}, 100, []),
        ({"email": "info@acme.es", "phone": "600123456", "first_name": "Ana"}, 90, ["email_role"]),
        (
            {"email": "a@mailinator.com", "first_name": "Ana"},
            50,
            ["email_disposable", "phone_missing"],
        ),
        ({"email": "ana@gmial.com", "phone": "600123456", "first_name": "Ana"}, 75, ["email_typo"]),
        (
            {"email": "ana@acme.es", "phone": "600000000", "first_name": "Ana"},
            75,
            ["phone_fake"],
        ),
        ({"email": "ana@acme.es", "phone": "600123456", "first_name": "asdf"}, 70, ["name_junk"]),
        (
            {"phone": "600123456"},
            40,
            ["email_missing", "name_missing", "incomplete"],
        ),
    ],
)
def test_a_score_names_its_reasons(
    office: Office, values: dict[str, str], score: int, reasons: list[str]
) -> None:
    """From 0 to 100, with the code of everything that took something away, the gravest first."""
    made = office.post("/leads", values)
    shown = office.get("/leads/{lead}", lead=made["lead"])
    assert shown["quality"] == {"score": score, "reasons": reasons}


def test_who_was_bought_scores_less(office: Office) -> None:
    """Until the person gives an address that identifies them."""
    bought = {"source": {"name": "list", "acquisition": "purchased_list"}}
    office.post("/leads", {"email": "a@x.org", "first_name": "Ana", **bought})
    assert "borrowed" in lead(office)["quality"]["reasons"]
    office.later(seconds=1)
    office.post("/leads", {"email": "a@x.org"})
    assert "borrowed" not in lead(office)["quality"]["reasons"]


def test_quality_and_completeness_cost_a_list_no_request(office: Office) -> None:
    """With the fields at hand, as after any call, a list takes what it always took."""
    enter(office, "a@x.org")
    office.get("/leads")
    office.table.requests.clear()
    office.get("/leads")
    first = sum(office.table.requests.values())
    office.live.catalogue._fields = None
    office.table.requests.clear()
    office.get("/leads")
    assert sum(office.table.requests.values()) == first + 1
