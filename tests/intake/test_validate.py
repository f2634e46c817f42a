"""A submission becomes a draft: known values normalised, everything amiss named, nothing lost."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.fields._standard import STANDARD
from chalicelib.intake.rules import FieldRule, Rules
from chalicelib.intake.validate import validate
from chalicelib.model import Door, Draft, Raw, Source, Submission

NOW = datetime(2026, 1, 2, tzinfo=UTC)
RULES = Rules(fields=STANDARD)


def draft(
    fields: Mapping[str, Raw],
    rules: Rules = RULES,
    *,
    door: Door = Door.FORM,
    external_ids: Mapping[str, str] | None = None,
) -> Draft:
    """Validate a submission of these fields."""
    ids = external_ids or {}
    return validate(Submission("s1", door, NOW, NOW, fields, Source(), external_ids=ids), rules)


def codes(found: Draft) -> list[tuple[str, str, bool]]:
    """Each problem's field, code and whether it is fatal."""
    return [(p.field, p.code, p.fatal) for p in found.problems]


def test_known_fields_become_values() -> None:
    """Each field goes through its type; what no rule knows stays in the submission alone."""
    sent: dict[str, Raw] = {
        "email": " Ana@Example.com",
        "phone": "600 12 34 56",
        "first_name": " Ana ",
        "country": "España",
        "pet": "a dog",
        "company": "  ",
    }
    found = draft(sent)
    assert found.values == {
        "email": "ana@example.com",
        "phone": "+34600123456",
        "phone_type": "mobile",
        "first_name": "Ana",
        "country": "ES",
    }
    assert found.problems == ()
    assert found.submission.fields["pet"] == "a dog"


@pytest.mark.parametrize(
    ("region", "country", "default", "phone"),
    [
        ("ES", "France", "MX", "+34612345678"),
        ("", "France", "ES", "+33612345678"),
        ("", "", "ES", "+34612345678"),
        ("", "Neverland", "ES", "+34612345678"),
        ("", "", "", None),
    ],
)
@pytest.mark.parametrize("door", list(Door))
def test_phones_are_read_against_the_right_region(
    door: Door, region: str, country: str, default: str, phone: str | None
) -> None:
    """The region asked for, else the submission's own country, else the stage's, in any order."""
    number = "612345678" if phone != "+33612345678" else "06 12 34 56 78"
    rules = replace(RULES, region=region, default_region=default)
    found = draft({"phone": number, "country": country, "email": "a@b.es"}, rules, door=door)
    assert found.values.get("phone") == phone


def test_the_country_mends_its_postal_code() -> None:
    """A spreadsheet's lost zero comes back, and the repair says so."""
    found = draft({"email": "a@b.es", "postal_code": "8001", "country": "ES"}, RULES)
    assert found.values["postal_code"] == "08001"
    assert [(r.field, r.before, r.after) for r in found.repairs] == [
        ("postal_code", "8001", "08001")
    ]


def test_required_fields_are_missed() -> None:
    """Absent, blank and cleared are all missing; a field that is wrong already is named once."""
    wanted = ("company", "city", "message", "phone", "consent", "first_name")
    rules = Rules(
        fields={name: replace(STANDARD[name], required=True) for name in wanted}, clear_token="NULL"
    )
    found = draft(
        {"city": " \u200b", "message": "NULL", "phone": "12345", "first_name": ["", None]}, rules
    )
    assert sorted(codes(found)) == [
        ("city", "required_missing", True),
        ("company", "required_missing", True),
        ("consent", "consent_missing", True),
        ("first_name", "required_missing", True),
        ("message", "required_missing", True),
        ("phone", "phone_region_missing", True),
    ]
    assert found.fatal == found.problems


def test_a_refused_consent_is_missing_where_it_is_required() -> None:
    """A no is an answer, and not the one that the form needs."""
    rules = Rules(fields={**STANDARD, "consent": replace(STANDARD["consent"], required=True)})
    assert codes(draft({"email": "a@b.es", "consent": False}, rules)) == [
        ("consent", "consent_missing", True)
    ]
    assert draft({"email": "a@b.es", "consent": False}).values["consent"] == "false"


@pytest.mark.parametrize("spaced", ["NULL", "  NULL\t"])
def test_the_clear_token_is_a_value(spaced: str) -> None:
    """It says that there is none; anything but exactly the token is text."""
    rules = replace(RULES, clear_token="NULL")
    found = draft({"email": "a@b.es", "city": spaced, "company": "null", "notes": "NULL!"}, rules)
    assert found.values == {"email": "a@b.es", "city": None, "company": "null", "notes": "NULL!"}


def test_without_a_clear_token_nothing_clears() -> None:
    """The word is a word."""
    assert draft({"email": "a@b.es", "city": "NULL"}).values["city"] == "NULL"


def test_somebody_must_be_meant() -> None:
    """Neither e-mail, phone nor external id: nobody can be found again."""
    assert codes(draft({"first_name": "Ana"})) == [("", "no_key", True)]
    assert codes(draft({"email": "NULL"}, replace(RULES, clear_token="NULL"))) == [
        ("", "no_key", True)
    ]
    assert codes(draft({"first_name": "Ana"}, replace(RULES, key_required=False))) == []
    assert codes(draft({"first_name": "Ana"}, external_ids={"crm": "7"})) == []
    assert codes(draft({"first_name": "Ana"}, external_ids={"crm": ""})) == [("", "no_key", True)]


def test_a_wrong_key_is_named_once() -> None:
    """An invalid e-mail is not also a missing key; under `accept` the key is what is missing."""
    assert codes(draft({"email": "ana@"})) == [("email", "email_invalid", True)]
    accept = replace(RULES, checks={"email": "accept"})
    assert codes(draft({"email": "ana@"}, accept)) == [
        ("email", "email_invalid", False),
        ("", "no_key", True),
    ]
    assert draft({"email": "ana@", "phone": "+34600123456"}, accept).fatal == ()


def test_nothing_written_is_repeated_in_a_problem() -> None:
    """Problems name field and code; the raw text stays in the submission."""
    found = draft({"email": "secret text", "website": "javascript:secret"})
    assert all("secret" not in p.message + p.suggestion for p in found.problems)
    assert found.submission.fields["email"] == "secret text"


@pytest.mark.parametrize(
    ("name", "text", "fine"),
    [
        *(("first_name", "a" * 300, True), ("first_name", "a" * 301, False)),
        *(("message", "é" * 10_000, True), ("message", "é" * 10_001, False)),
        *(("city", " " * 9000 + "Rome" + "\u200b" * 9000, True), ("city", "\ufb2c" * 200, False)),
        ("city", "a" + " " * 9000 + "b", False),
        ("message", "a\u0327\u0301" * 100_000, False),
        ("message", "\u0301\u0327" * 2_000_000, False),
    ],
)
def test_length_has_bounds(name: str, text: str, fine: bool) -> None:
    """Length counts in characters of the normal form; hostile text is refused without delay."""
    started = time.process_time()
    found = draft({"email": "a@b.es", name: text})
    assert codes(found) == ([] if fine else [(name, "too_long", True)])
    assert (name in found.values) is fine
    assert time.process_time() - started < 2


def test_a_rule_may_allow_less() -> None:
    """A form's own bound wins over the type's."""
    rules = Rules(fields={"code": FieldRule("code", max_length=3)}, key_required=False)
    assert draft({"code": " abc "}, rules).values == {"code": "abc"}
    assert codes(draft({"code": "abcd"}, rules)) == [("code", "too_long", True)]


def test_choices_are_checked() -> None:
    """Only what the rule offers is taken, in the rule's spelling."""
    rules = Rules(
        fields={"size": FieldRule("size", "choice", choices=("Small", "Large"))}, key_required=False
    )
    assert draft({"size": "large"}, rules).values == {"size": "Large"}
    assert codes(draft({"size": "huge"}, rules)) == [("size", "choice_unknown", True)]


def test_numbers_and_answers_are_texts() -> None:
    """JSON's numbers and booleans are read as if they had been typed."""
    rules = Rules(
        fields={
            "n": FieldRule("n", "number"),
            "yes": FieldRule("yes", "consent"),
            "t": FieldRule("t"),
        },
        key_required=False,
    )
    assert draft({"n": 7, "yes": True, "t": -3}, rules).values == {
        "n": "7",
        "yes": "true",
        "t": "-3",
    }


@pytest.mark.parametrize("raw", [{"a": "b"}, [["a"]], [{"a": 1}], {}, [10**5000]])
def test_a_structure_is_no_value(raw: Raw) -> None:
    """A mapping, a list within a list or a monstrous number is of the wrong kind."""
    assert codes(draft({"email": "a@b.es", "city": raw})) == [("city", "type_invalid", True)]


def test_of_several_values_one_is_taken_and_that_is_said() -> None:
    """The first that is not blank; for a yes or no the last, which is how boxes are sent."""
    found = draft(
        {"email": ["", "a@b.es", "c@d.es"], "consent": ["0", "1"], "city": ["Rome", "Rome"]}
    )
    assert found.values == {"email": "a@b.es", "consent": "true", "city": "Rome"}
    assert [(r.field, r.before, r.after, r.code) for r in found.repairs] == [
        ("email", "a@b.es | c@d.es", "a@b.es", "one_of_many"),
        ("consent", "0 | 1", "1", "one_of_many"),
    ]


def test_several_notes_are_all_kept() -> None:
    """Notes are joined by line breaks."""
    assert draft({"email": "a@b.es", "notes": ["one", " ", "two"]}).values["notes"] == "one\ntwo"


def test_a_full_name_alone_is_split() -> None:
    """First and last name come from it where neither was given and the rules know both."""
    given = {"email": "a@b.es", "full_name": "Ana de la Torre"}
    assert draft(given).values == {**given, "first_name": "Ana", "last_name": "de la Torre"}
    assert draft({**given, "last_name": "Torre"}).values == {**given, "last_name": "Torre"}
    few = Rules(fields={name: STANDARD[name] for name in given})
    assert draft(given, few).values == given


def test_a_split_name_satisfies_its_parts() -> None:
    """A required first name is not missed where the full name gave it."""
    rules = Rules(fields={**STANDARD, "first_name": replace(STANDARD["first_name"], required=True)})
    assert codes(draft({"email": "a@b.es", "full_name": "Ana Ruiz"}, rules)) == []


RAW: st.SearchStrategy[Raw] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from([*STANDARD, "other"]), RAW, max_size=8))
def test_any_submission_becomes_a_draft(sent: dict[str, Raw]) -> None:
    """Nothing raises; values are of known fields and can be stored; what is unusable is named."""
    found = draft(sent, replace(RULES, region="ES", clear_token="NULL"))
    assert found.values.keys() <= STANDARD.keys()
    for value in found.values.values():
        assert value is None or (isinstance(value, str) and value.encode())
    assert {p.field for p in found.problems} <= {"", *STANDARD}


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from([*STANDARD]), st.text(), max_size=8))
def test_what_was_validated_is_valid(sent: dict[str, Raw]) -> None:
    """The values of a draft, sent again, are the same values."""
    values = draft(sent).values
    again: dict[str, Raw] = {k: v for k, v in values.items() if not isinstance(v, list)}
    assert draft(again).values == values


def test_the_type_of_a_phone_comes_and_goes_with_it() -> None:
    """It shares the number's submission and policy, and is cleared with it."""
    rules = replace(RULES, clear_token="NULL", region="ES")
    assert draft({"phone": "915550123"}, rules).values["phone_type"] == "fixed"
    assert draft({"phone": "NULL", "email": "a@b.es"}, rules).values["phone_type"] is None
    assert "phone_type" not in draft({"phone": "12", "email": "a@b.es"}, rules).values
    mine = {**STANDARD, "phone_type": FieldRule("phone_type")}
    own = draft({"phone": "915550123", "phone_type": "at work"}, replace(rules, fields=mine))
    assert own.values["phone_type"] == "at work"


@pytest.mark.parametrize(
    ("first", "last", "meant"),
    [
        ("García", "Ana", "Ana García"),
        ("SMITH", "mary", "Mary Smith"),
        ("محمدی", "علی", "علی محمدی"),
        ("Ana", "García", ""),
        ("Cruz", "Ana", ""),
        ("García", "Cruz", ""),
    ],
)
def test_swapped_names_are_noticed_where_both_are_plain(first: str, last: str, meant: str) -> None:
    """They stay as they are: somebody may really be called so."""
    found = draft({"first_name": first, "last_name": last, "email": "a@b.es"})
    flags = [p.suggestion for p in found.problems if p.code == "name_swapped"]
    assert flags == ([meant] if meant else [])
    assert found.fatal == ()


def test_an_address_and_a_number_in_each_others_place_are_put_right() -> None:
    """Both are certain: an address is no number. Each is a repair with what was written."""
    rules = replace(RULES, region="ES")
    found = draft({"email": "600 123 456", "phone": "Ana@Example.com"}, rules)
    keys = {name: found.values[name] for name in ("email", "phone", "phone_type")}
    assert keys == {"email": "ana@example.com", "phone": "+34600123456", "phone_type": "mobile"}
    assert found.fatal == ()
    assert [(r.field, r.before, r.code) for r in found.repairs] == [
        ("email", "600 123 456", "fields_swapped"),
        ("phone", "Ana@Example.com", "fields_swapped"),
    ]


@pytest.mark.parametrize(
    ("email", "phone"),
    [("600 123 456", "ana@"), ("12", "ana@example.com"), ("", "ana@example.com")],
)
def test_what_is_not_plainly_swapped_is_left_to_its_sender(email: str, phone: str) -> None:
    """One of the two alone proves nothing."""
    found = draft({"email": email, "phone": phone}, replace(RULES, region="ES"))
    assert found.fatal
    assert not {"email", "phone"} & found.values.keys()
