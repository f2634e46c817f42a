"""A form's document: what is refused and where, defaults, and the way back."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.errors import Rejected
from chalicelib.intake.form import DEMO_FORM, MASK, dump_form, rules
from tests.intake.form_factories import TURNSTILE, document, form, load


def problems(doc: Any, name: str = "contact") -> dict[str, str]:
    """The codes of what is wrong with a document, by path."""
    with pytest.raises(Rejected) as caught:
        load(doc, name)
    return {problem.field: problem.code for problem in caught.value.problems}


def test_the_demo_form_is_the_contracts() -> None:
    """The demo form has the contract's fields, region, languages and policies."""
    contact = form()
    names = ["email", "phone", "first_name", "last_name", "company", "message", "consent"]
    assert list(contact.fields) == names
    assert [name for name, rule in contact.fields.items() if rule.required] == ["email"]
    assert contact.region == "ES"
    assert contact.languages == ("en", "es", "pt", "fa", "zh")
    assert contact.captcha is None
    assert not contact.token.required
    assert contact.checks == {"email": "flag", "phone": "flag"}
    assert all(set(rule.label) == set(contact.languages) for rule in contact.fields.values())


def test_what_is_got_can_be_put_unchanged() -> None:
    """Dumping and loading again gives the same definition, with everything set."""
    full = form(
        fields=[
            {"name": "email", "type": "email", "required": True, "help": {"en": "Yours"}},
            {"name": "size", "type": "choice", "choices": ["1-10", "11+"], "max_length": 5},
        ],
        captcha={**TURNSTILE, "outage": "open", "hosts": ["WWW.Example.com"], "action": "a"},
        token={"required": True, "seconds": 900, "min_seconds": 3},
        origins=["https://Example.com/", "https://*.example.org", "http://localhost:3000", "*"],
        redirect="https://example.com/thanks",
        redirect_hosts=["Shop.example.com", "*.example.org"],
        source={"name": "site", "acquisition": "event", "campaign": "spring", "medium": "cpc"},
        completeness=["email", "size"],
        policies={"email": "block"},
        honeypot="fax_number",
    )
    assert load(dump_form(full)) == full
    assert full.origins == (
        "https://example.com",
        "https://*.example.org",
        "http://localhost:3000",
        "*",
    )


def test_fields_may_be_an_object() -> None:
    """Fields by name are the same as a list of fields with names, in their order."""
    listed = form(fields=[{"name": "phone"}, {"name": "email", "required": True}])
    named = form(fields={"phone": {}, "email": {"required": True}})
    assert list(named.fields) == ["phone", "email"]
    assert named == listed


def test_standard_fields_need_no_type() -> None:
    """A standard field has its type and its labels without saying so; what is said goes before."""
    fields = form(fields={"email": {"label": {"en": "Work e-mail"}}, "size": {}}).fields
    assert fields["email"].type == "email"
    assert fields["email"].label["en"] == "Work e-mail"
    assert fields["email"].label["zh"] == "电子邮箱"
    assert fields["size"].type == "text"


def test_a_form_starts_as_opted_in_and_named_after_itself() -> None:
    """A form's source is its own name, given by the person, unless the document says otherwise."""
    assert form("landing").source.name == "landing"
    assert form("landing").source.acquisition == "opted_in"
    assert form("landing").source.form == "landing"
    assert form(source={"name": "fair", "acquisition": "event"}).source.name == "fair"


def test_a_masked_secret_stays() -> None:
    """A document shown without its secret and put back keeps the secret it had."""
    before = form(captcha=TURNSTILE)
    shown = dump_form(before, reveal=False)
    assert shown["captcha"]["secret"] == MASK
    again = load(shown, previous=before)
    assert again == before


def test_a_mask_is_never_a_secret() -> None:
    """Without a previous secret the mask is a missing secret."""
    doc = document(captcha={**TURNSTILE, "secret": MASK})
    assert problems(doc) == {"captcha.secret": "required_missing"}


@pytest.mark.parametrize("name", ["", "-a", "A", "a_b", "a" * 64, "a/b", "a\n", "é"])
def test_form_names(name: str) -> None:
    """A form's name fits into an address."""
    assert problems(DEMO_FORM, name) == {"form": "type_invalid"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"fields": None}, {"fields": "required_missing"}),
        ({"fields": "email"}, {"fields": "type_invalid"}),
        ({"fields": [{"name": "message"}]}, {"fields": "no_key"}),
        ({"fields": ["email"]}, {"fields[0]": "type_invalid"}),
        ({"fields": {"email": {"name": "mail"}}}, {"fields.email.name": "type_invalid"}),
        ({"fields": {"email": {"type": "html"}}}, {"fields.email.type": "choice_unknown"}),
        ({"fields": {"email": {"required": 1}}}, {"fields.email.required": "type_invalid"}),
        (
            {"fields": {"email": {"max_length": True}}},
            {"fields.email.max_length": "number_invalid"},
        ),
        ({"fields": {"email": {"max_length": -1}}}, {"fields.email.max_length": "number_invalid"}),
        ({"fields": {"email": {"label": {"e!": "x"}}}}, {"fields.email.label.e!": "type_invalid"}),
        ({"fields": {"email": {"label": "x"}}}, {"fields.email.label": "type_invalid"}),
        ({"fields": {"email": {"type": "text"}}}, {"fields.email.type": "choice_unknown"}),
        (
            {"fields": {"email": {}, "size": {"type": "choice"}}},
            {"fields.size.choices": "required_missing"},
        ),
        ({"fields": {"email": {"lable": {}}}}, {"fields.email.lable": "unknown_field"}),
        ({"fields": {"email": {}, "_id": {}}}, {"fields._id.name": "type_invalid"}),
        ({"fields": {"email": {}, "altcha": {}}}, {"fields.altcha.name": "choice_unknown"}),
        ({"fields": [{"name": "email"}, {"name": "email"}]}, {"fields[1].name": "choice_unknown"}),
        ({"languages": ["english!"]}, {"languages[0]": "type_invalid"}),
        ({"languages": ["fa"], "language": "en"}, {"language": "choice_unknown"}),
        ({"captcha": {"service": "maths"}}, {"captcha.service": "choice_unknown"}),
        ({"captcha": {}}, {"captcha.service": "required_missing"}),
        (
            {"captcha": {"service": "turnstile"}},
            {"captcha.site_key": "required_missing", "captcha.secret": "required_missing"},
        ),
        ({"captcha": {**TURNSTILE, "outage": "hope"}}, {"captcha.outage": "choice_unknown"}),
        ({"token": {"seconds": 1}}, {"token.seconds": "number_invalid"}),
        ({"token": {"min_seconds": 60, "seconds": 60}}, {"token.min_seconds": "number_invalid"}),
        ({"origins": ["example.com"]}, {"origins[0]": "url_invalid"}),
        ({"origins": ["https://example.com/a"]}, {"origins[0]": "url_invalid"}),
        ({"origins": "https://example.com"}, {"origins": "type_invalid"}),
        ({"redirect": "/thanks"}, {"redirect": "url_invalid"}),
        ({"redirect": "javascript:alert(1)"}, {"redirect": "url_invalid"}),
        ({"redirect_hosts": ["https://example.com"]}, {"redirect_hosts[0]": "url_invalid"}),
        ({"source": {"acquisition": "stolen"}}, {"source.acquisition": "choice_unknown"}),
        ({"source": {"door": "api"}}, {"source.door": "unknown_field"}),
        ({"completeness": ["fax"]}, {"completeness[0]": "unknown_field"}),
        ({"policies": {"email": "perhaps"}}, {"policies.email": "choice_unknown"}),
        ({"policies": {"fax": "flag"}}, {"policies.fax": "unknown_field"}),
        ({"region": "Spain"}, {"region": "type_invalid"}),
        ({"honeypot": "email"}, {"honeypot": "choice_unknown"}),
        ({"honeypot": "utm_source"}, {"honeypot": "choice_unknown"}),
        ({"honeypot": "_id"}, {"honeypot": "choice_unknown"}),
        ({"honey": "x"}, {"honey": "unknown_field"}),
        ({"redirect": "https://example.com/" + "a" * 2000}, {"redirect": "too_long"}),
    ],
)
def test_problems_name_their_place(changes: dict[str, Any], expected: dict[str, str]) -> None:
    """Every mistake in a document is named with its path and a stable code."""
    assert problems(document(**changes)) == expected


def test_all_problems_at_once() -> None:
    """A document with several mistakes gets them all in one answer."""
    doc = document(region="Spain", origins=["x"], honey=1)
    assert set(problems(doc)) == {"region", "origins[0]", "honey"}


def test_no_trap_on_request() -> None:
    """A form may go without a honeypot."""
    assert form(honeypot=None).honeypot == ""
    assert form(honeypot="").honeypot == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=20,
)


# How fast a busy machine thinks of documents is not what is tested.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([*dump_form(form()), "fields"]), JSON), st.text(max_size=5))
def test_any_document_is_read_or_rejected(doc: dict[str, Any], name: str) -> None:
    """Whatever the document holds, the answer is a definition or a list of problems."""
    try:
        loaded = load(doc, name)
    except Rejected:
        assert problems(doc, name)
    else:
        assert load(dump_form(loaded), name) == loaded


@pytest.mark.parametrize("doc", [None, [], "x", 1])
def test_a_document_is_an_object(doc: Any) -> None:
    """Anything but a JSON object is refused."""
    assert problems(doc)[""] == "type_invalid"


def test_rules_speak_the_language_asked_for() -> None:
    """The rules of a post carry the form's settings, in a language that the form has."""
    assert rules(form(), "fa").language == "fa"
    assert rules(form(), "de").language == "en"
    assert rules(form(), "fa").default_region == "ES"
    assert rules(form(), "fa").checks == {"email": "flag", "phone": "flag"}
    assert list(rules(form(), "fa").fields) == list(form().fields)
